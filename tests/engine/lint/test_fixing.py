"""Fixes applied to whole scripts: what they make of them, and what they leave to people."""

from __future__ import annotations

import pytest
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.language import Language
from llmspell_engine.lint.fixing import fix_script
from llmspell_engine.lint.settings import LintSettings
from support.lint import SUFFIXES

CASES: list[tuple[str, Language, str, str, int]] = [
    ("nothing to do", "lua", 'print("x")\n', 'print("x")\n', 0),
    (
        "an argument more, and a name in the spelling of the language",
        "javascript",
        'State.set("a", 1);\nconsole.log(State.get("a"), State.keys());\n',
        'State.save("global", "a", 1);\nconsole.log(State.load("global", "a"), State.listKeys("global"));\n',
        3,
    ),
    (
        "calls within calls, and one without parentheses",
        "lua",
        'State.set("b", State.get(State.get "a"))\n',
        'State.save("global", "b", State.load("global", State.load("global", "a")))\n',
        3,
    ),
    (
        "a function that is not called here",
        "lua",
        'print(pcall(State.get, "a"))\n',
        'print(pcall(State.get, "a"))\n',
        0,
    ),
    (
        "names of tools",
        "lua",
        'print(Tool.get("text_manipulator").name)\n',
        'print(Tool.get("text-manipulator").name)\n',
        1,
    ),
    (
        "a fix that makes another one possible",
        "lua",
        "local a = 1\nlocal b = 2 -- llmspell: ignore unused-local, LS401\n",
        "local _a = 1\nlocal b = 2 -- llmspell: ignore unused-local\n",
        2,
    ),
    (
        "what cannot be fixed, before what can",
        "lua",
        'print(zzz)\nprint(Tool.get("text_manipulator").name)\n',
        'print(zzz)\nprint(Tool.get("text-manipulator").name)\n',
        1,
    ),
    (
        "the same in JavaScript",
        "javascript",
        'console.log(zzz);\nconsole.log(Tool.get("text_manipulator").name);\n',
        'console.log(zzz);\nconsole.log(Tool.get("text-manipulator").name);\n',
        1,
    ),
    (
        "fixes that touch each other are made one after the other",
        "lua",
        "print(1) -- llmspell: ignore LS401, LS402, LS109\n",
        "print(1)\n",
        3,
    ),
    (
        "several comments, of which some stay",
        "javascript",
        "console.log(1); // llmspell: ignore LS401, LS402\n// llmspell: ignore-file LS109\n"
        "console.log(zzz); // llmspell: ignore LS401, LS402\n",
        "console.log(1);\n\nconsole.log(zzz); // llmspell: ignore LS401\n",
        4,
    ),
    ("line ends are kept", "lua", 'print(1)\r\nEvent.emit("a")\r\n', 'print(1)\r\nEvent.publish("a")\r\n', 1),
]


@pytest.mark.parametrize(
    ("name", "language", "before", "after", "count"), CASES, ids=[one[0] for one in CASES]
)
def test_safe_fixes(name: str, language: Language, before: str, after: str, count: int) -> None:
    path = f"/script{SUFFIXES[language]}"
    workspace = Workspace()
    workspace.open(path, before, language)
    text, fixed, left = fix_script(workspace, path, LintSettings())
    assert (text, fixed) == (after, count)
    assert not [one for one in left if one.fix is not None and one.fix.safe]
    assert workspace.snapshot().document(path).tree.text.value == after


def test_what_may_change_behaviour_is_fixed_on_demand_only() -> None:
    before = 'print(Agent.create({ model = "echo", temprature = 1 }).name)\n'
    workspace = Workspace()
    for unsafe in (False, True):
        workspace.open("/script.lua", before, "lua")
        text, fixed, left = fix_script(workspace, "/script.lua", LintSettings(), unsafe=unsafe)
        assert text == (before.replace("temprature", "temperature") if unsafe else before)
        assert (fixed, len(left)) == ((1, 0) if unsafe else (0, 1))
