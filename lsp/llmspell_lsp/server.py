"""Which message goes to which feature, and what holds for all of them.

Threads: messages are read, and notifications handled, on the event loop, one after another. A
request becomes a task that takes a view of the state as it is and has the worker thread answer from
it (:mod:`.worker`). When the document changes before the answer is there, the answer would speak of
a text that is gone, so the request is given up with the error that makes the editor ask again.

Errors: whatever a feature raises ends in :meth:`Server.report_server_error`. The server lives on, the
log has the details, and the user is told once.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcContentModified, JsonRpcException
from pygls.lsp.server import LanguageServer

from llmspell_lsp import from_lsp
from llmspell_lsp.features import configuration, documents, watched_files
from llmspell_lsp.features.code_action import code_action
from llmspell_lsp.features.completion import completion
from llmspell_lsp.features.completion_resolve import completion_resolve
from llmspell_lsp.features.definition import definition
from llmspell_lsp.features.diagnostic import diagnostic
from llmspell_lsp.features.document_highlight import document_highlight
from llmspell_lsp.features.document_symbol import document_symbol
from llmspell_lsp.features.hover import hover
from llmspell_lsp.features.references import references
from llmspell_lsp.features.rename import prepare_rename, rename
from llmspell_lsp.features.signature_help import signature_help
from llmspell_lsp.linting import faults_above
from llmspell_lsp.parent import watch
from llmspell_lsp.protocol import Protocol
from llmspell_lsp.pushing import DEBOUNCE, PushedDiagnostics
from llmspell_lsp.settings import read_settings
from llmspell_lsp.state import ServerState, View
from llmspell_lsp.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    Feature = Callable[[View, Any], Any]

log = logging.getLogger(__name__)

FORSAKEN = 1
"""The exit code when the client did not shut the server down."""

REQUESTS: dict[str, tuple[Feature, Any]] = {
    types.TEXT_DOCUMENT_COMPLETION: (
        completion,
        types.CompletionOptions(trigger_characters=[".", ":", '"', "'", "`", "{"], resolve_provider=True),
    ),
    types.COMPLETION_ITEM_RESOLVE: (completion_resolve, None),
    types.TEXT_DOCUMENT_HOVER: (hover, None),
    types.TEXT_DOCUMENT_SIGNATURE_HELP: (
        signature_help,
        types.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=[")"]),
    ),
    types.TEXT_DOCUMENT_DEFINITION: (definition, None),
    types.TEXT_DOCUMENT_REFERENCES: (references, None),
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: (document_highlight, None),
    types.TEXT_DOCUMENT_PREPARE_RENAME: (prepare_rename, None),
    types.TEXT_DOCUMENT_RENAME: (rename, types.RenameOptions(prepare_provider=True)),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: (document_symbol, None),
    types.TEXT_DOCUMENT_DIAGNOSTIC: (
        diagnostic,
        types.DiagnosticOptions(
            identifier="llmspell", inter_file_dependencies=True, workspace_diagnostics=False
        ),
    ),
    types.TEXT_DOCUMENT_CODE_ACTION: (
        code_action,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    ),
}


class Server(LanguageServer):
    """The language server: state, worker, and what to tell the editor unasked."""

    protocol: Protocol

    def __init__(self, version: str) -> None:
        super().__init__("llmspell", version, protocol_cls=Protocol)
        self.state = ServerState()
        self.worker = Worker()
        self.pushed = PushedDiagnostics(self.state, self.worker, self.text_document_publish_diagnostics)
        self._has_complained = False
        self._warned: set[str] = set()
        _register(self)

    def leave(self) -> None:
        """End the process although the reading thread still waits for a client that is gone."""
        log.warning("the editor is gone")
        logging.shutdown()
        os._exit(FORSAKEN)

    def shutdown(self) -> None:
        """Stop the threads."""
        self.worker.stop()
        super().shutdown()  # type: ignore[no-untyped-call]

    def diagnostics_changed(self, uri: str | None = None, *, at_once: bool = False) -> None:
        """Bring the editor's diagnostics up to date: of all documents, or after an edit of one.

        An editor that pulls asks again by itself after an edit; a pushed one gets every open document,
        because what a module offers shows in the scripts that load it.
        """
        if self.state.client.pulls_diagnostics:
            if uri is None and self.state.client.refreshes_diagnostics:
                self.workspace_diagnostic_refresh(None)
            return
        for one in self.state.documents:
            self.pushed.schedule(one, 0 if at_once and one == uri else DEBOUNCE)

    def warn(self, sentence: str) -> None:
        """Tell the user of something to put right."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, sentence))

    def warn_of_configurations(self) -> None:
        """Tell the user, once, what is wrong with the configurations above the open documents."""
        faults = {fault for one in self.state.documents.values() for fault in faults_above(one)}
        for fault in sorted(faults - self._warned):
            self.warn(f"The llmspell configuration is not used for checking: {fault}")
        self._warned = faults

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log an error, and show the user the first one."""
        answered = isinstance(error, JsonRpcException) and error.code != types.ErrorCodes.InternalError
        if answered and source is FeatureRequestError:
            return
        log.error("a message could not be handled: %s", error, exc_info=error)
        if self._has_complained:
            return
        self._has_complained = True
        self.window_show_message(
            types.ShowMessageParams(
                types.MessageType.Error,
                f"The llmspell language server failed ({error}). It goes on; its log has the details.",
            )
        )


def _register(server: Server) -> None:
    for method, (feature, options) in REQUESTS.items():
        server.feature(method, options)(_answering(server, method, feature))
    _register_life(server)
    _register_documents(server)
    _register_workspace(server)


def _answering(server: Server, method: str, feature: Feature) -> Callable[[Any], Any]:
    """A handler that answers a request from the state as it is when the request arrives."""
    state = server.state

    async def answer(params: Any) -> Any:
        view = state.view()
        uri = getattr(getattr(params, "text_document", None), "uri", "")
        version = state.version_of(uri)

        def is_stale() -> bool:
            return state.version_of(uri) != version

        def compute() -> Any:
            # A request that waited behind others may be stale before its turn comes.
            return None if is_stale() else feature(view, params)

        result = await server.worker.run(compute)
        if is_stale():
            raise _given_up(method, uri)
        return result

    return answer


def _given_up(method: str, uri: str) -> JsonRpcException:
    """The error for an answer about a text that is gone; diagnostics have one that makes editors retry."""
    sentence = f"{uri} changed before the answer was there"
    if method != types.TEXT_DOCUMENT_DIAGNOSTIC:
        return JsonRpcContentModified(sentence)
    return JsonRpcException(sentence, types.LSPErrorCodes.ServerCancelled, {"retriggerRequest": True})


def _register_life(server: Server) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        encoding = server.workspace.position_encoding or types.PositionEncodingKind.Utf16
        server.state.client = from_lsp.client(params.capabilities, encoding)
        server.state.settings = read_settings(params.initialization_options)
        server.state.folders = from_lsp.folders(params)
        if params.process_id is not None:
            watch(params.process_id, when_gone=server.leave)

    @server.feature(types.INITIALIZED)
    async def initialized(params: types.InitializedParams) -> None:
        del params
        await configuration.register(server)
        watched_files.register(server)


def _register_documents(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        documents.did_open(server.state, params)
        server.warn_of_configurations()
        server.diagnostics_changed(params.text_document.uri, at_once=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        documents.did_change(server.state, params)
        server.diagnostics_changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        server.diagnostics_changed(params.text_document.uri, at_once=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        documents.did_close(server.state, params)
        if not server.state.client.pulls_diagnostics:
            server.pushed.clear(params.text_document.uri)


def _register_workspace(server: Server) -> None:
    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        await configuration.did_change(server, params)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_workspace_folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        gone = {from_lsp.path(one.uri) for one in params.event.removed}
        kept = [one for one in server.state.folders if one not in gone]
        server.state.folders = (*kept, *(from_lsp.path(one.uri) for one in params.event.added))

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(params: types.DidChangeWatchedFilesParams) -> None:
        watched_files.did_change(server, params)
