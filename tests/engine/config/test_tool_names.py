"""The linter knows the same names of tools in Python files as the runtime, without running them."""

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.config.lint_section import lint_section
from llmspell_engine.config.tool_names import names_in
from llmspell_engine.lint.check import check
from llmspell_engine.tools.python_modules import OwnTools

IMPORTS = "from llmspell_engine import tools\nfrom llmspell_engine.tools import Tool, ToolParameters, tool\n"
TOOL_CLASS = """\
class Say(Tool[ToolParameters]):
    '''Says it.'''
    name = "say-it"
    category = "utility"
    aliases = ("say_it",)
    Parameters = ToolParameters
    returns = None
    def run(self, parameters, context):
        raise NotImplementedError
"""
FILES = [
    ("def word_count(a: str):\n    'Counts.'\ndef _b():\n    'No.'\ndef bare():\n    pass\n", {"word-count"}),
    ("@tool\ndef a():\n    'A.'\ndef b():\n    'B.'\n", {"a"}),
    ("@tools.tool(name='first', aliases=('one', 'a'))\nasync def a():\n    'A.'\n", {"first", "one", "a"}),
    ("def a():\n    'A.'\ndef b():\n    'B.'\nTOOLS = [b]\n", {"b"}),
    (TOOL_CLASS, {"say-it", "say_it"}),
    (TOOL_CLASS + "@tool\ndef a():\n    'A.'\n", {"say-it", "say_it", "a"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "names"), FILES, ids=[text.splitlines()[-2] for text, _ in FILES])
def test_both_find_the_same_names(text: str, names: set[str], tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(IMPORTS + text)
    own = OwnTools([tmp_path / "own.py"])
    assert names_in(IMPORTS + text) == names
    assert {name for one in own.all for name in (one.name, *one.aliases)} == names


@pytest.mark.parametrize("text", ["def f(:\n", "\0", "TOOLS = 3\n"])
def test_a_file_that_cannot_be_read_offers_nothing(text: str) -> None:
    assert names_in(text) == frozenset()


def test_the_tools_of_a_configuration_are_known(tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text('[tools]\nmodules = ["own.py"]\n')
    assert _findings(tmp_path) == ["no tool is called 'word-count'", "no tool is called 'wort-count'"]
    (tmp_path / "own.py").write_text(FILES[0][0])
    assert _findings(tmp_path) == ["no tool is called 'wort-count'; did you mean 'word-count'?"]
    (tmp_path / "own.py").write_text("def wort_count():\n    'Counts.'\n")
    assert _findings(tmp_path) == ["no tool is called 'word-count'; did you mean 'wort-count'?"]


def _findings(folder: Path) -> list[str]:
    workspace = Workspace()
    path = str(folder / "main.lua")
    workspace.open(path, "Tool.execute('word-count', {}) Tool.execute('wort-count', {})")
    return [one.message for one in check(workspace.snapshot(), path, lint_section(folder).settings)]
