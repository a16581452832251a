"""``workspace/didChangeWatchedFiles``: scripts that change on disk while no editor has them open."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from llmspell_lsp.server import Server

log = logging.getLogger(__name__)

PATTERN = "**/*.{lua,js,mjs,cjs}"


def register(server: Server) -> None:
    """Ask the editor to watch scripts."""
    if not server.state.client.registers_watchers:
        return
    options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(PATTERN)])
    server.client_register_capability(
        types.RegistrationParams(
            [types.Registration("scripts", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)]
        )
    )


def did_change(server: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Forget what was read of the files, and check again the scripts that load them."""
    log.debug("%d files changed", len(params.changes))
    server.state.workspace.forget_files()
    server.diagnostics_changed()
