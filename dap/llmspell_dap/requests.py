"""How a request finds its handler: a handler names its command where it is defined.

    @request("scopes", needs=Needs.STOP, beside=True)
    async def scopes(session: Session, arguments: ScopesArguments) -> ScopesBody: ...

The annotation of ``arguments`` is the type against which a request is checked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec

from llmspell_dap.errors import Problem, RequestError

if TYPE_CHECKING:
    from llmspell_dap.protocol.messages import Request


class Needs(IntEnum):
    """How far a session must be for a request to make sense."""

    NOTHING = 0
    INITIALIZE = 1
    LAUNCH = 2
    START = 3
    STOP = 4


HandlerFunction = Callable[[Any, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Handler:
    """One request's handler."""

    command: str
    needs: Needs
    beside: bool
    """Whether it is served beside the requests that follow, because it may run the script's code."""
    call: HandlerFunction
    decoder: msgspec.json.Decoder[Any]

    def arguments(self, request: Request) -> Any:
        """The request's arguments, checked. Raises RequestError that names the field."""
        raw = bytes(request.arguments)
        try:
            return self.decoder.decode(b"{}" if raw == b"null" else raw)
        except msgspec.ValidationError as error:
            raise RequestError(
                Problem.BAD_ARGUMENTS, command=self.command, reason=_named_field(str(error))
            ) from error


_handlers: dict[str, Handler] = {}


def request(
    command: str, *, needs: Needs, beside: bool = False
) -> Callable[[HandlerFunction], HandlerFunction]:
    """Register the handler of a request."""

    def register(function: HandlerFunction) -> HandlerFunction:
        arguments = get_type_hints(function)["arguments"]
        _handlers[command] = Handler(command, needs, beside, function, msgspec.json.Decoder(arguments))
        return function

    return register


def handler_of(request: Request) -> Handler:
    """The handler of a request. Raises RequestError where there is none."""
    handler = _handlers.get(request.command)
    if handler is None:
        raise RequestError(Problem.UNKNOWN_REQUEST, command=request.command)
    return handler


def commands() -> frozenset[str]:
    """The requests that are served."""
    return frozenset(_handlers)


def _named_field(message: str) -> str:
    """The checker's sentence, with the path of the field written as in the request."""
    return message.replace("`$.", "`arguments.").replace("`$`", "`arguments`")
