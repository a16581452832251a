"""How a failure is explained to people."""

from __future__ import annotations

import pytest
from llmspell_engine.runtime.base import ScriptError
from llmspell_engine.runtime.modules import ModuleError
from llmspell_engine.runtime.report import report
from support.runtime import frame

SOURCE = "local t = nil\nlocal function f()\n\treturn t.x -- and so on\nend\nf()\n"


def explained(error: ScriptError, source: str = SOURCE) -> str:
    def read(path: str) -> str:
        if path != "/dir/a.lua":
            raise ModuleError("no such file")
        return source

    return report(error, lambda path: path.removeprefix("/dir/"), read)


def test_place_message_line_caret_and_calls() -> None:
    frames = [frame("/dir/a.lua:3:0 f"), frame("/dir/a.lua:5:0 main chunk")]
    error = ScriptError("attempt to index a nil value (upvalue 't')", frames=frames)
    assert explained(error) == (
        "a.lua:3: attempt to index a nil value (upvalue 't')\n"
        "\n"
        "  3 |  return t.x -- and so on\n"
        "    |         ^\n"
        "  at a.lua:3 in f\n"
        "  at a.lua:5 in main chunk\n"
    )


def test_a_column_places_the_caret() -> None:
    error = ScriptError("boom", kind="TypeError", frames=[frame("/dir/a.lua:5:2 <anonymous>")])
    assert explained(error) == "a.lua:5:2: TypeError: boom\n\n  5 | f()\n    |  ^\n  at a.lua:5:2\n"


def test_causes_follow() -> None:
    inner = ScriptError("inner", kind="ToolError", frames=[frame("/dir/a.lua:5:0 f")])
    inner.__cause__ = KeyError("k")
    error = ScriptError("outer", cause=inner)
    assert explained(error) == "outer\n\ncaused by ToolError: inner (a.lua:5)\n\ncaused by KeyError: 'k'\n"


def test_a_circle_of_causes_ends() -> None:
    error = ScriptError("a")
    error.cause = ScriptError("b", cause=error)
    assert explained(error).count("caused by") == 1


@pytest.mark.parametrize("place", ["/dir/gone.lua:1:0 f", "/dir/a.lua:99:0 f"])
def test_a_source_that_cannot_be_shown_is_left_out(place: str) -> None:
    shown = explained(ScriptError("x", frames=[frame(place)]))
    assert "|" not in shown


def test_a_long_line_is_cut_around_the_caret() -> None:
    source = " " * 0 + "x" * 300 + "HERE" + "y" * 300
    shown = explained(ScriptError("x", frames=[frame("/dir/a.lua:1:301 f")]), source)
    line, caret = shown.splitlines()[2:4]
    assert len(line) == len("  1 | ") + 100
    assert line[caret.index("^") :].startswith("HERE")


def test_many_calls_are_counted() -> None:
    error = ScriptError("deep", frames=[frame(f"/dir/b.lua:{line}:0 f") for line in range(1, 31)])
    assert explained(error).endswith("  at b.lua:20 in f\n  … and 10 calls more\n")
