"""The linter knows the tools of installed packages without importing them, and as those that run see them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.config import packaged_tools
from llmspell_engine.config.lint_section import lint_section
from llmspell_engine.config.packaged_tools import packaged_tool_names
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.lint.check import check
from llmspell_engine.tools import python_modules
from llmspell_engine.tools.python_modules import OwnTools

PACKAGES = {
    "a module": ("all = offered_here.tools", {"shout", "say-it"}),
    "a function": ("one = offered_here.tools:say_it", {"say-it"}),
    "a package": ("whole = offered_here", {"top"}),
    "what is made elsewhere": ("made-elsewhere = offered_here.elsewhere:made", {"made-elsewhere"}),
    "nothing that is there": ("lost = no_such_package.tools", {"lost"}),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    package = tmp_path / "offered_here"
    package.mkdir()
    (package / "__init__.py").write_text("def top(text: str) -> str:\n    'Is on top.'\n    return text\n")
    (package / "tools.py").write_text(
        "def shout(text: str) -> str:\n    'Shouts.'\n    return text.upper()\n"
        "def say_it(text: str) -> str:\n    'Says.'\n    return text\n"
    )
    (package / "elsewhere.py").write_text("from offered_here.tools import shout as made\n")
    monkeypatch.syspath_prepend(tmp_path)
    packaged_tool_names.cache_clear()
    yield tmp_path
    packaged_tool_names.cache_clear()


def offer(folder: Path, point: str) -> None:
    facts = folder / "offering-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: offering\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[llmspell.tools]\n{point}\n")


@pytest.mark.parametrize("kind", PACKAGES)
def test_the_tools_of_packages(kind: str, folder: Path) -> None:
    point, names = PACKAGES[kind]
    offer(folder, point)
    assert packaged_tool_names() == names
    assert not [name for name in sys.modules if name.startswith("offered_here")]


def test_what_is_read_is_what_runs(folder: Path) -> None:
    offer(folder, PACKAGES["a module"][0])
    assert packaged_tools.GROUP == python_modules.GROUP
    assert {tool.name for tool in OwnTools(with_packages=True).all} == packaged_tool_names()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_linter_takes_them_for_tools(language: Language, folder: Path) -> None:
    offer(folder, PACKAGES["a module"][0])
    text = {"lua": 'print(Tool.get("{}"))', "javascript": 'console.log(Tool.get("{}"));'}[language]
    found = {}
    for name in ("say-it", "say-at"):
        workspace = Workspace()
        workspace.open("script", text.format(name), language)
        found[name] = [
            one.message for one in check(workspace.snapshot(), "script", lint_section(folder).settings)
        ]
    assert found == {"say-it": [], "say-at": ["no tool is called 'say-at'; did you mean 'say-it'?"]}
