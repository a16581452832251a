"""What rules know of the modules a script loads."""

from __future__ import annotations

from pathlib import Path

from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.lint.check import check


def test_globals_made_by_a_module_are_defined(tmp_path: Path) -> None:
    (tmp_path / "first.lua").write_text('require("second")', "utf-8")
    (tmp_path / "second.lua").write_text('require("first")\nsettings = { depth = 1 }', "utf-8")
    main = str(tmp_path / "main.lua")
    workspace = Workspace()
    workspace.open(main, 'require("first")\nprint(settings, setings)')
    found = check(workspace.snapshot(), main)
    assert [one.message for one in found] == ["'setings' is not defined; did you mean 'settings'?"]
