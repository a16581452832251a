"""pygls's protocol with five of its habits changed.

- pygls keeps its own copy of every open document and applies edits to it. The server keeps them
  itself (see :mod:`.state`), so pygls's handlers of these notifications are left out.
- pygls reads a request whose parameters do not fit, logs that, and never answers it. Here every
  request is answered.
- A request before ``initialize`` or after ``shutdown`` gets the error that LSP prescribes.
- A request that was answered before its cancellation came is no reason to warn: editors do that often.
- A request given up because the text changed is no error of the server: it is answered, not logged.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from cattrs import transform_error
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

if TYPE_CHECKING:
    from concurrent.futures import Future

_OWN = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
)
_EXPECTED = {
    types.LSPErrorCodes.ContentModified,
    types.LSPErrorCodes.ServerCancelled,
    types.LSPErrorCodes.RequestCancelled,
}


class Protocol(LanguageServerProtocol):
    """Messages in, handlers called, answers out."""

    @property
    def is_shut_down(self) -> bool:
        """Whether the client asked the server to shut down."""
        return self._shutdown

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Make a typed message of a JSON object; one that does not fit is answered and becomes None."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                sentence = f"the parameters of '{data['method']}' do not fit: {_misfit(error)}"
                misfit = types.ResponseError(types.ErrorCodes.InvalidParams, sentence)
                self._send_response(data["id"], error=self._refusal(data["method"]) or misfit)
            return None

    def handle_message(self, message: Any) -> None:
        """Dispatch a message, or refuse it where the server's life does not allow it."""
        if message is None:
            return
        method = getattr(message, "method", None)
        refusal = self._refusal(method)
        if refusal is None:
            super().handle_message(message)
        elif hasattr(message, "id"):
            self._send_response(message.id, error=refusal)

    def _refusal(self, method: str | None) -> types.ResponseError | None:
        if method is None or method == types.EXIT:
            return None
        if self._shutdown:
            sentence = "the server was shut down; only 'exit' may follow"
            return types.ResponseError(types.ErrorCodes.InvalidRequest, sentence)
        if (self._workspace is None) == (method == types.INITIALIZE):
            return None
        if method == types.INITIALIZE:
            return types.ResponseError(types.ErrorCodes.InvalidRequest, "the server is initialized already")
        sentence = f"'initialize' must come before '{method}'"
        return types.ResponseError(types.ErrorCodes.ServerNotInitialized, sentence)

    def _handle_cancel_notification(self, msg_id: str | int) -> None:
        if msg_id in self._request_futures:
            super()._handle_cancel_notification(msg_id)

    def _register_builtin_features(self) -> None:
        super()._register_builtin_features()  # type: ignore[no-untyped-call]
        for method in _OWN:
            self.fm.builtin_features.pop(method)

    def _send_handler_result(self, future: Future[Any], *, msg_id: str | int) -> None:
        try:
            error = future.exception()
        except (CancelledError, asyncio.CancelledError):
            error = None
        if isinstance(error, JsonRpcException) and error.code in _EXPECTED:
            self._request_futures.pop(msg_id, None)
            self._send_response(msg_id, error=error.to_response_error())
            return
        super()._send_handler_result(future, msg_id=msg_id)


def _misfit(error: JsonRpcException) -> str:
    """What does not fit, as the library that reads messages tells it."""
    cause = error.__cause__
    return "; ".join(transform_error(cause, path="message")) if isinstance(cause, Exception) else str(error)
