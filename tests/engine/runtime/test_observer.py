"""What a debugger sees of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.language import Language
from llmspell_engine.runtime.base import ScriptFrame, ScriptRuntime
from support.runtime import Script, both, host, run


class Recorder:
    """Notes what it is told; replaces a word in each source."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.errors: list[Any] = []

    def transform(self, path: str, text: str) -> str:
        self.told.append(f"transform {Path(path).name}")
        return text.replace("ORIGINAL", "replaced")

    def compiled(self, path: str, function: Any) -> None:
        assert callable(function)
        self.told.append(f"compiled {Path(path).name}")

    def attached(self, runtime: ScriptRuntime) -> None:
        self.told.append(f"attached {runtime.language}")

    def raised(self, error: Any, *, uncaught: bool) -> None:
        self.told.append(f"raised {uncaught}")
        self.errors.append(error)


SOURCES = {
    "lua": (
        'print(require("m"), dofile("d.lua"), load("return \'ORIGINAL\'")())',
        {"m.lua": "return 'ORIGINAL m'", "d.lua": "return 'ORIGINAL d'"},
        "replaced m\treplaced d\treplaced\n",
        [
            "attached lua", "transform main.lua", "compiled main.lua", "transform m.lua", "compiled m.lua",
            "transform d.lua", "compiled d.lua", "transform return 'replaced'", "compiled return 'replaced'",
        ],
    ),
    "javascript": (
        'import { m } from "./m.js"; console.log(m, (await import("./d.js")).d)',
        {"m.js": "export const m = 'ORIGINAL m'", "d.js": "export const d = 'ORIGINAL d'"},
        "replaced m replaced d\n",
        ["attached javascript", "transform main.js", "transform m.js", "transform d.js"],
    ),
}  # fmt: skip


@both
def test_every_source_is_transformed(language: Language) -> None:
    recorder = Recorder()
    text, files, out, told = SOURCES[language]
    ran = run(Script(language, text, files, observer=recorder))
    assert (ran.out, ran.error, recorder.told) == (out, None, told)


def test_an_uncaught_lua_error_is_told_while_the_stack_stands() -> None:
    stacks: list[str] = []

    class Looking(Recorder):
        def attached(self, runtime: Any) -> None:
            self.traceback = runtime.debug_library[b"traceback"]

        def raised(self, error: Any, *, uncaught: bool) -> None:
            stacks.append(self.traceback(b"").decode())
            super().raised(error, uncaught=uncaught)

    recorder = Looking()
    run(Script("lua", "local function inner() error({}) end\npcall(inner)\ninner()", observer=recorder))
    assert recorder.told[-1] == "raised True"
    assert "in upvalue 'inner'" in stacks[0] or "in local 'inner'" in stacks[0]


@pytest.mark.parametrize(
    "thrown", ["throw 'text'", "Promise.reject('text')", "throw Object('text').valueOf()"]
)
def test_an_uncaught_javascript_error_is_told(thrown: str) -> None:
    recorder = Recorder()
    run(Script("javascript", f"try {{ null.x }} catch {{}}\n{thrown}", observer=recorder))
    assert (recorder.told[-1], recorder.errors) == ("raised True", ["text"])


def test_thrown_values_that_the_module_does_not_know_are_told_as_text() -> None:
    recorder = Recorder()
    run(Script("javascript", "throw 5n", observer=recorder))
    assert recorder.errors == ["5"]


@pytest.mark.parametrize(
    ("language", "text", "frame"),
    [
        ("lua", "local function f()\n  host.look()\nend\nf()", ("main.lua", 2, None, "f")),
        (
            "lua",
            "coroutine.wrap(function()\n  host.look()\nend)()",
            ("main.lua", 2, None, "function at line 1"),
        ),
        ("javascript", "function f() {\n  host.look()\n}\nf()", ("main.js", 2, 8, "f")),
    ],
)
def test_a_host_call_knows_where_it_comes_from(
    language: Language, text: str, frame: tuple[str, int, int | None, str]
) -> None:
    seen: list[ScriptFrame | None] = []
    runtimes: list[ScriptRuntime] = []
    look = host(look=lambda: seen.append(runtimes[0].here()))
    ran = run(Script(language, text, names=look, started=runtimes.append))
    assert ran.error is None
    assert seen[0] is not None
    assert (Path(seen[0].path).name, seen[0].line, seen[0].column, seen[0].function) == frame
