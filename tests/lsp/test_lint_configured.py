"""The editor reports what [lint] of the configuration above a document says."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import anyio
import pytest
from lsprotocol import types
from support.lsp import serving
from support.processes import environment

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


NAMES = "local f = io.open('x') print(f, os.remove('y'), load('return 1'))\n"
SECURITY = [
    "",
    "[security]\nprofile = 'high'\n",
    "[security]\nallow = ['io.open']\nrefuse = ['load']\n",
    "[security]\nprofile = 'custom'\ncustom.base = 'low'\n",
    "[lint]\nprofile = 'custom'\n[security.custom]\nbase = 'high'\n",
    "[security.scripts.'a.lua']\nprofile = 'none'\n",
]


@pytest.mark.parametrize("config", SECURITY)
async def test_names_left_out_are_those_that_the_command_line_tells(config: str, tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text(config)
    (tmp_path / "a.lua").write_text(NAMES)
    command = [sys.executable, "-m", "llmspell_cli", "lint", "a.lua", "--format", "json"]
    done = await anyio.run_process(command, cwd=tmp_path, env=environment(), check=False)
    printed = [one["message"] for one in json.loads(done.stdout)["diagnostics"]]
    async with serving() as session:
        uri = session.open(NAMES, "lua", tmp_path / "a.lua")
        assert [one.message for one in await session.pulled(uri)] == printed
