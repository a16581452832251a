"""``workspace/didChangeWatchedFiles``: scripts that change on disk while no editor has them open, and
configurations."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from llmspell_lsp.server import Server

log = logging.getLogger(__name__)

PATTERNS = ("**/*.{lua,js,mjs,cjs}", "**/llmspell.{toml,yaml,yml,json}")


def register(server: Server) -> None:
    """Ask the editor to watch scripts and configurations."""
    if not server.state.client.registers_watchers:
        return
    watchers = [types.FileSystemWatcher(pattern) for pattern in PATTERNS]
    options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
    server.client_register_capability(
        types.RegistrationParams(
            [types.Registration("scripts", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)]
        )
    )


def did_change(server: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Forget what was read of the files, and check again the scripts that load them."""
    log.debug("%d files changed", len(params.changes))
    server.state.workspace.forget_files()
    server.warn_of_configurations()
    server.diagnostics_changed()
