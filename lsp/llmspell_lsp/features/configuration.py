"""``workspace/didChangeConfiguration`` and ``workspace/configuration``: the user's settings.

An editor may hand settings over when it says hello, send them when they change, or only say that they
changed and wait to be asked. All three end here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.lint.settings import unknown_selectors
from lsprotocol import types

from llmspell_lsp.settings import SECTION, read_settings

if TYPE_CHECKING:
    from llmspell_lsp.server import Server


async def register(server: Server) -> None:
    """Ask to be told of changes, and for the settings as they are."""
    _warn_of_unknown_rules(server)
    client = server.state.client
    if client.registers_configuration:
        options = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
        await server.client_register_capability_async(
            types.RegistrationParams(
                [types.Registration("configuration", types.WORKSPACE_DID_CHANGE_CONFIGURATION, options)]
            )
        )
    if client.gives_configuration:
        await _ask(server)


async def did_change(server: Server, params: types.DidChangeConfigurationParams) -> None:
    """Take the settings over, asking for them where the editor does."""
    if server.state.client.gives_configuration:
        await _ask(server)
    elif params.settings is not None:
        _take(server, params.settings)


async def _ask(server: Server) -> None:
    wanted = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    answers = await server.workspace_configuration_async(wanted)
    if answers and answers[0] is not None:
        _take(server, answers[0])


def _take(server: Server, given: object) -> None:
    settings = read_settings(given)
    if settings != server.state.settings:
        server.state.settings = settings
        _warn_of_unknown_rules(server)
        server.diagnostics_changed()


def _warn_of_unknown_rules(server: Server) -> None:
    chosen = server.state.settings.lint
    for sentence in unknown_selectors((*chosen.select, *chosen.ignore)):
        server.warn(f"In the setting {SECTION}.lint: {sentence}")
