"""What rules know of the modules a script loads."""

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.lint.check import check
from llmspell_engine.lint.settings import LintSettings


def test_globals_made_by_a_module_are_defined(tmp_path: Path) -> None:
    (tmp_path / "first.lua").write_text('require("second")', "utf-8")
    (tmp_path / "second.lua").write_text('require("first")\nsettings = { depth = 1 }', "utf-8")
    main = str(tmp_path / "main.lua")
    workspace = Workspace()
    workspace.open(main, 'require("first")\nprint(settings, setings)')
    found = check(workspace.snapshot(), main)
    assert [one.message for one in found] == ["'setings' is not defined; did you mean 'settings'?"]


@pytest.mark.parametrize(
    ("source", "expect"),
    [
        ("import { width } from './index.js';", []),
        ("import { wide } from './index.js';", []),
        ("import { widht } from './index.js';", ["'widht'; did you mean 'width'?"]),
        ("import { width } from './hidden.js';", []),
        ("import { nothing } from './broken.js';", []),
        ("import first from './format.js';", ["'default'"]),
        ("import('./format.js').then((m) => m.width, () => {}).catch(() => {});", []),
        ("import('./format.js').then((m) => m.height);", ["'height'"]),
        ("const m = await import('./format.js'); console.log(m.width, m.height);", ["'height'"]),
    ],
)
def test_an_import_that_a_module_does_not_export(tmp_path: Path, source: str, expect: list[str]) -> None:
    files = {
        "format.js": "export const width = 80;",
        "index.js": "export * from './format.js'; export { width as wide } from './format.js';",
        "hidden.js": "export * from './nowhere.js'; export const height = 1;",
        "broken.js": "export const height = ;",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    main = str(tmp_path / "main.js")
    workspace = Workspace()
    workspace.open(main, source)
    found = check(workspace.snapshot(), main, LintSettings(("unknown-member",)))
    assert [one.message.partition("does not export ")[2] for one in found] == expect
