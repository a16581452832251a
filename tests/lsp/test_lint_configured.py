"""The editor reports what [lint] of the configuration above a document says."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types
from support.lsp import serving

SCRIPT = "local x = zzz\n"


async def test_the_configuration_above_a_document_holds(tmp_path: Path) -> None:
    file = tmp_path / "llmspell.toml"
    file.write_text("lint = {ignore = ['LS401'], severity = {LS402 = 'hint'}}\n")
    async with serving() as session:
        uri = session.open(SCRIPT, "lua", tmp_path / "a.lua")
        found = [(one.code, one.severity) for one in await session.pulled(uri)]
        assert found == [("LS402", types.DiagnosticSeverity.Hint)]
        file.write_text("lint.select = ['LS401']\n")
        assert [one.code for one in await session.pulled(uri)] == ["LS401"]
        file.write_text("lint.exclude = ['a.*']\n")
        assert await session.pulled(uri) == []


async def test_settings_of_the_editor_win(tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text("lint.ignore = ['LS4']\n")
    async with serving(options={"lint": {"ignore": ["LS402"]}}) as session:
        uri = session.open(SCRIPT, "lua", tmp_path / "a.lua")
        assert [one.code for one in await session.pulled(uri)] == ["LS401"]


async def test_a_wrong_configuration_is_told_once_and_not_used(tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text("[lint]\nselct = ['LS401']\n")
    async with serving() as session:
        uri = session.open(SCRIPT, "lua", tmp_path / "a.lua")
        session.open(SCRIPT, "lua", tmp_path / "b.lua")
        assert [one.code for one in await session.pulled(uri)] == ["LS402", "LS401"]
        shown = [one.message for one in session.client.messages]
        assert len(shown) == 1
        assert "llmspell.toml:2: there is no 'lint.selct'; did you mean 'select'?" in shown[0]
