"""Scripts that open, change and close, and the snapshots taken between."""

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.analysis.workspace import Workspace
from support.analysis import catalog


@pytest.fixture
def workspace() -> Workspace:
    return Workspace(catalog())


def test_a_snapshot_keeps_what_it_saw(workspace: Workspace) -> None:
    workspace.open("/a.lua", "local a = 1")
    before = workspace.snapshot()
    workspace.change("/a.lua", "local b = 2")
    assert before.document("/a.lua").text.value == "local a = 1"
    assert workspace.snapshot().document("/a.lua").text.value == "local b = 2"


def test_no_change_gives_the_same_snapshot(workspace: Workspace) -> None:
    workspace.open("/a.lua", "local a = 1")
    before = workspace.snapshot()
    assert workspace.snapshot() is before
    workspace.change("/a.lua", "local a = 1")
    assert workspace.snapshot() is before


def test_another_script_is_not_walked_again(workspace: Workspace) -> None:
    workspace.open("/a.lua", "local a = 1")
    workspace.open("/b.lua", "local b = 1")
    program = workspace.snapshot().document("/a.lua").source.program
    workspace.change("/b.lua", "local c = 1")
    assert workspace.snapshot().document("/a.lua").source.program is program


def test_a_module_that_changes_changes_who_requires_it(workspace: Workspace) -> None:
    workspace.open("/main.lua", "local m = require('m')\nm.")
    workspace.open("/m.lua", "return { one = 1 }")
    assert labels(workspace, "/main.lua") == ["one"]
    workspace.change("/m.lua", "return { two = 2 }")
    assert labels(workspace, "/main.lua") == ["two"]
    workspace.close("/m.lua")
    assert labels(workspace, "/main.lua") == []


def labels(workspace: Workspace, path: str) -> list[str]:
    snapshot = workspace.snapshot()
    return [item.label for item in snapshot.completions_at(path, len(snapshot.document(path).text)).items]


def test_files_on_disk_count_until_they_are_open(workspace: Workspace, tmp_path: Path) -> None:
    module = tmp_path / "m.lua"
    module.write_text("return { from_disk = 1 }")
    main = str(tmp_path / "main.lua")
    workspace.open(main, "local m = require('m')\nm.")
    assert labels(workspace, main) == ["from_disk"]
    workspace.open(str(module), "return { from_editor = 1 }")
    assert labels(workspace, main) == ["from_editor"]
    workspace.close(str(module))
    module.write_text("return { changed_on_disk = 1 }")
    workspace.forget_files()
    assert labels(workspace, main) == ["changed_on_disk"]


def test_modules_of_a_folder_above_are_found(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "init.lua").write_text("return { whole = 1 }")
    (tmp_path / "lib" / "part.lua").write_text("return { part = 1 }")
    main = str(tmp_path / "lib" / "other.lua")
    workspace.open(main, "local p = require('lib.part')\np.")
    assert labels(workspace, main) == ["part"]
    workspace.change(main, "local p = require('lib')\np.")
    assert labels(workspace, main) == ["whole"]


def test_a_file_that_is_no_text_is_read_all_the_same(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "m.lua").write_bytes(b"return { a = '\xff' }")
    main = str(tmp_path / "main.lua")
    workspace.open(main, "require('m').")
    assert labels(workspace, main) == ["a"]


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("/a.lua", "", "lua"),
        ("/a.js", "", "javascript"),
        ("/a.mjs", "", "javascript"),
        ("/a", "#!/usr/bin/env node\n", "javascript"),
        ("untitled:1", "", "lua"),
    ],
)
def test_the_language_is_told_by_path_and_first_line(
    workspace: Workspace, path: str, text: str, language: str
) -> None:
    workspace.open(path, text)
    assert workspace.snapshot().document(path).language == language


def test_a_script_that_does_not_exist(workspace: Workspace) -> None:
    with pytest.raises(KeyError):
        workspace.snapshot().document("/nowhere.lua")
    with pytest.raises(KeyError):
        workspace.change("/nowhere.lua", "")
    workspace.close("/nowhere.lua")


def test_typing_is_answered_from_the_last_whole_walk(workspace: Workspace) -> None:
    """While the script is broken, names and types above the statement are still known."""
    whole = "local agent = Agent.create{}\nlocal function f(x)\n  \nend\nlocal y = 1\n"
    at = whole.index("  \n") + 2
    workspace.open("/a.lua", whole)
    workspace.snapshot().symbols("/a.lua")
    for typed, expect in [("agent:", "execute"), ("local z = Agent.create{ ", "name"), ("x", "agent")]:
        workspace.change("/a.lua", whole[:at] + typed + whole[at:])
        snapshot = workspace.snapshot()
        found = [item.label for item in snapshot.completions_at("/a.lua", at + len(typed)).items]
        assert expect in found, (typed, found)
        assert "program" not in vars(snapshot.document("/a.lua").source)


def test_a_changed_beginning_is_not_answered_from_an_old_walk(workspace: Workspace) -> None:
    workspace.open("/a.lua", "local a = Agent.create{}\n")
    workspace.snapshot().symbols("/a.lua")
    workspace.change("/a.lua", "local b = Agent.create{}\nb:")
    found = [item.label for item in workspace.snapshot().completions_at("/a.lua", 27).items]
    assert found == ["execute"]


def test_only_one_earlier_text_is_kept(workspace: Workspace) -> None:
    workspace.open("/a.lua", "local a = 0")
    for number in range(5):
        workspace.snapshot().symbols("/a.lua")
        workspace.change("/a.lua", f"local a = {number + 1}")
    source = workspace.snapshot().document("/a.lua").source
    assert source.earlier is not None
    assert source.earlier.earlier is None
