"""What is done with what was entered, wherever it comes from: it is run, its value or its error told."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmspell_engine.language import Language

from llmspell_cli.repl.session import NAME, SessionThread
from llmspell_cli.running.outcome import FAILED, SUCCEEDED

if TYPE_CHECKING:
    from llmspell_engine.assembly import Assembly
    from llmspell_engine.runtime.base import ScriptError, Streams

_MOST_SHOWN = 10_000
"""How many characters of a value a terminal shows."""
_DOTTED = re.compile(r"\.[a-z]+(?:\s|$)")


def is_dotted(text: str) -> bool:
    """Whether a text is a command to the loop itself: ``.help``."""
    return _DOTTED.match(text.strip()) is not None


@dataclass(slots=True)
class Loop:
    """The sessions of the languages, each made when it is first used.

    Attributes:
        exit: the code to leave with, once something has asked for that.
        failures: how many inputs have failed.
        entered: by language, the inputs that have not failed.
    """

    assembly: Assembly
    streams: Streams
    language: Language
    arguments: Sequence[str] = ()
    no_color: bool = False
    exit: int | None = None
    failures: int = 0
    entered: dict[Language, list[str]] = field(default_factory=lambda: {"lua": [], "javascript": []})
    _sessions: dict[Language, SessionThread] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)
    """The texts of all inputs by the paths that stand for them."""

    def take(self, text: str) -> None:
        """Do what an input or a dotted command asks."""
        if is_dotted(text):
            from llmspell_cli.repl.dotted import obey

            obey(self, text.strip())
        elif text.strip():
            self.enter(f"{NAME}-{len(self._texts) + 1}", text)

    def enter(self, name: str, text: str) -> None:
        """Run an input under a name."""
        from llmspell_engine.runtime.modules import SourceFiles

        self._texts[SourceFiles(name).program] = text
        answer = self._session().enter(name, text)
        if answer.exit is not None:
            self.exit = answer.exit
        elif answer.error is not None:
            self.failures += 1
            self.explain(answer.error)
        elif answer.is_interrupted:
            self.failures += 1
            self.complain("interrupted")
        else:
            self.entered[self.language].append(text)
            if answer.shown is not None:
                self.tell(_cut(answer.shown))

    def finish(self) -> int:
        """Wait until nothing is under way; the exit code, 1 where an input has failed."""
        for session in self._sessions.values():
            answer = session.finish()
            if answer.error is not None:
                self.failures += 1
                self.explain(answer.error)
            if answer.exit is not None:
                return answer.exit
        return FAILED if self.failures else SUCCEEDED

    def reset(self) -> None:
        """Begin the language's session anew."""
        session = self._sessions.pop(self.language, None)
        self.entered[self.language] = []
        if session is not None:
            session.close()

    def close(self) -> None:
        """End all sessions and what is under way in them."""
        while self._sessions:
            self._sessions.popitem()[1].close()

    def tell(self, text: str) -> None:
        """Write a line to the output."""
        self._write(text, self.streams.out)

    def complain(self, text: str) -> None:
        """Write a line to standard error."""
        self._write(text, self.streams.err)

    def _write(self, text: str, write: Callable[[str], None]) -> None:
        from llmspell_engine.runtime.base import ScriptExit

        try:
            write(f"{text}\n")
        except ScriptExit as leaving:
            self.exit = leaving.code

    def explain(self, error: ScriptError) -> None:
        """Tell of an error."""
        from llmspell_engine.runtime.modules import SourceFiles
        from llmspell_engine.runtime.report import report

        from llmspell_cli.colour import painted_report, wants_colour
        from llmspell_cli.running.streams import flush_output

        flush_output("repl")
        text = report(error, SourceFiles(NAME).shown, self._read).rstrip("\n")
        is_painted = wants_colour(sys.stderr, refused=self.no_color)
        self.complain(painted_report(text) if is_painted else text)

    def _read(self, path: str) -> str:
        from llmspell_engine.runtime.modules import read_source

        return self._texts[path] if path in self._texts else read_source(path)

    def _session(self) -> SessionThread:
        session = self._sessions.get(self.language)
        if session is None:
            context = self.assembly.context(self.language, self.streams, self.arguments)
            session = SessionThread(
                self.language, context, self.assembly.services, self.explain, self.complain
            )
            self._sessions[self.language] = session
        return session


def _cut(shown: str) -> str:
    """A value that fills many screens is cut where somebody looks at it."""
    left_out = len(shown) - _MOST_SHOWN
    if left_out <= 0 or sys.stdout is None or not sys.stdout.isatty():
        return shown
    return f"{shown[:_MOST_SHOWN]}... {left_out:,} more characters"
