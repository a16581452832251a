"""Every error the adapter tells its users, in one table.

The texts are the protocol's ``format`` strings: ``{name}`` parts are filled from the variables.
"""

from __future__ import annotations

from enum import Enum

from llmspell_dap.protocol.messages import ErrorBody, Message


class Problem(Enum):
    """An error's number, its text, and whether the client should show it in a dialog."""

    MALFORMED = (1000, "The message could not be read: {reason}.", False)
    UNKNOWN_REQUEST = (1001, "The debug adapter does not know the request '{command}'.", False)
    BAD_ARGUMENTS = (1002, "The arguments of '{command}' are wrong: {reason}.", False)
    NOT_INITIALIZED = (1003, "'{command}' came before 'initialize', which has to be first.", False)
    INITIALIZED_TWICE = (1004, "'initialize' was sent twice; a session is initialized once.", False)
    PATH_FORMAT = (1005, "The path format '{format}' is unknown; use 'path' or 'uri'.", True)
    NOT_LAUNCHED = (1006, "'{command}' came before 'launch', so there is no script yet.", False)
    LAUNCHED_TWICE = (1007, "'launch' was sent twice; a session debugs one script.", False)
    STARTED_TWICE = (1008, "'configurationDone' was sent twice; the script has been started.", False)
    NOT_STARTED = (
        1009,
        "'{command}' came before 'configurationDone', so the script does not run yet.",
        False,
    )
    ENDED = (1010, "The script has ended.", False)
    NOT_STOPPED = (1011, "The script is running; pause it first.", False)
    NO_DEBUG = (1012, "The script runs without debugging, so '{command}' is not possible.", False)
    CANNOT_LAUNCH = (1020, "{reason}", True)
    CONSOLE = (1021, "The console '{console}' is not supported; use 'internalConsole'.", True)
    BAD_URI = (1022, "'{uri}' is not the URI of a file on this machine.", False)
    NO_PATH = (1023, "The source names no path, so it has no breakpoints.", False)
    REFUSED = (1030, "{reason}", False)
    INTERNAL = (1099, "The debug adapter failed at '{command}' ({reason}); its log has the details.", True)

    def __init__(self, number: int, text: str, show_user: bool) -> None:
        self.number = number
        self.text = text
        self.show_user = show_user


class RequestError(Exception):
    """A request fails; ``str()`` is the sentence for the user."""

    def __init__(self, problem: Problem, **variables: str) -> None:
        super().__init__(problem.text.format_map(variables))
        self.problem = problem
        self.variables = variables

    @property
    def short(self) -> str:
        """The response's ``message``: a word where the protocol defines one, else the sentence."""
        return "notStopped" if self.problem is Problem.NOT_STOPPED else str(self)

    def body(self) -> ErrorBody:
        """The response's body."""
        return ErrorBody(
            error=Message(
                id=self.problem.number,
                format=self.problem.text,
                variables=self.variables or None,
                show_user=self.problem.show_user,
            )
        )
