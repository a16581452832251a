"""JavaScript's own ways to run: async functions, generators, modules in a circle, deep recursion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.debug.model import SourceBreakpoint
from support.debugging import launched, marked, stopped_at, write

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_step_over_an_await_stays_in_its_function(tmp_path: Path) -> None:
    text = """\
async function work(n) {
  const a = n + 1 @begin
  await null @wait
  const b = a + 1 @after
  return b @last
}
const promise = work(1)
console.log('meanwhile')
console.log(await promise) @caller
console.log('end') @end
"""
    text, at = marked(text)
    async with stopped_at(write(tmp_path, "javascript", text), at["begin"]) as session:
        assert await session.step() == ("main.js", at["wait"])
        assert await session.step() == ("main.js", at["after"])
        assert session.output == "meanwhile\n"
        assert await session.shown() == {"n": "1", "a": "2"}
        assert await session.step() == ("main.js", at["last"])
        assert await session.step() == ("main.js", at["end"]), "who awaits it goes on"
        await session.go()
        await session.ends()


async def test_a_step_out_of_an_async_function_stops_in_who_awaits_it(tmp_path: Path) -> None:
    text = """\
async function inner() {
  await null
  return 1 @inside
}
async function outer() {
  const got = await inner()
  return got + 1 @after
}
console.log(await outer())
"""
    text, at = marked(text)
    async with stopped_at(write(tmp_path, "javascript", text), at["inside"]) as session:
        assert await session.step("step_out") == ("main.js", at["after"])
        await session.go()
        await session.ends()


async def test_steps_through_a_generator(tmp_path: Path) -> None:
    text = """\
function* numbers() {
  yield 1 @first
  yield 2 @second
}
for (const n of numbers()) { @loop
  console.log(n) @body
}
console.log('end') @end
"""
    text, at = marked(text)
    async with stopped_at(write(tmp_path, "javascript", text), at["loop"]) as session:
        assert await session.step("step_in") == ("main.js", at["first"])
        assert await session.step("step_out") == ("main.js", at["body"])
        assert await session.step("step_in") == ("main.js", at["second"])
        assert await session.step() == ("main.js", at["end"]), "it is resumed and ends"
        await session.go()
        await session.ends()


async def test_a_breakpoint_in_an_imported_module(tmp_path: Path) -> None:
    helper = write(tmp_path, "javascript", "export function twice(x) {\n  return x * 2\n}\n", "helper")
    program = write(tmp_path, "javascript", "import { twice } from './helper.js'\nconsole.log(twice(4))\n")
    async with launched(program) as session:
        (status,) = await session.break_at(2, path=helper)
        assert status.verified
        await session.debuggee.start()
        await session.stop()
        assert await session.where() == ("helper.js", 2)
        assert [frame.name for frame in await session.frames()] == ["twice", "(module)"]
        assert (await session.shown("locals", 1))["twice"] == "ƒ twice(x)"
        await session.go()
        await session.ends()


async def test_modules_that_import_each_other(tmp_path: Path) -> None:
    write(tmp_path, "javascript", "import { b } from './b.js'\nexport function a() {\n  return b\n}\n", "a")
    write(tmp_path, "javascript", "import { a } from './a.js'\nexport const b = typeof a\n", "b")
    program = write(tmp_path, "javascript", "import { a } from './a.js'\nconsole.log(a())\n")
    async with stopped_at(program, 2) as session:
        assert await session.step("step_in") == ("a.js", 3)
        await session.go()
        await session.ends()
        assert session.output == "function\n"


async def test_a_recursion_without_end_meets_its_limit_though_it_prints(tmp_path: Path) -> None:
    text = "function f() {\n  console.log('deep')\n  f()\n}\ntry { f() } catch (e) { console.log(e.name) }\n"
    async with launched(write(tmp_path, "javascript", text)) as session:
        await session.debuggee.start()
        await session.ends()
        assert session.output.endswith("deep\nRangeError\n")


async def test_a_stop_deep_in_a_recursion_shows_every_frame(tmp_path: Path) -> None:
    text = "function f(n) {\n  if (n === 0) return 0\n  return f(n - 1) + 1\n}\nconsole.log(f(500))\n"
    deepest = SourceBreakpoint(2, condition="n === 0")
    async with stopped_at(write(tmp_path, "javascript", text), deepest) as session:
        assert len(await session.frames()) == 502
        assert await session.evaluate("n", frame=400) == "400"
        await session.go()
        await session.ends()
        assert session.output == "500\n"
