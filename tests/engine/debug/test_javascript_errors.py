"""Where JavaScript errors stop, and whether anything will catch them: a mark ``@caught`` or ``@uncaught``
at the line of each stop when all errors are wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.debugging import launched, marked, write

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = {
    "a throw": "function f() {\n  throw new Error('a') @uncaught\n}\nf()\n",
    "a throw in try": "try {\n  throw new Error('a') @caught\n} catch {}\n",
    "try without catch": "try {\n  throw new Error('a') @uncaught\n} finally { console.log(1) }\n",
    "caught by a caller": (
        "function f() {\n  throw 'a' @caught\n}\nfunction g() {\n  try { f() } catch {}\n}\ng()\n"
    ),
    "in a catch block": "try {\n  null.x @caught\n} catch {\n  throw 1 @uncaught\n}\n",
    "of the engine": "let a = null\na.b.c @uncaught\n",
    "of a builtin": "try {\n  JSON.parse('{') @caught\n} catch {}\nnull.x @uncaught\n",
    "of every kind": (
        "try {\n  throw 10n @caught\n} catch {}\ntry {\n  throw Symbol('s') @caught\n} catch {}\n"
        "try {\n  throw undefined @caught\n} catch {}\nthrow null @uncaught\n"
    ),
    "made and not thrown": "const e = new Error('a')\nconsole.log(e.message)\n",
    "made before": "const e = new Error('a')\nthrow e @uncaught\n",
    "thrown again": (
        "try {\n  try {\n    throw new Error('a') @caught\n  } catch (e) {\n    throw e\n  }\n} catch {}\n"
    ),
    "an error class": "class Bad extends Error {}\ntry {\n  throw new Bad('a') @caught\n} catch {}\n",
    "in a callback": "try {\n  [1].map(() => {\n    throw 1 @caught\n  })\n} catch {}\n",
    "in a generator": (
        "function* g() {\n  yield 1\n  throw 1 @caught\n}\ntry { for (const x of g()) {} } catch {}\n"
    ),
    "in an async function": (
        "async function f() {\n  await null\n  throw new Error('a') @uncaught\n}\nawait f()\n"
    ),
    "before the first await": "async function f() {\n  throw new Error('a') @uncaught\n}\nawait f()\n",
    "before the first await, for nobody": "const f = async () => {\n  null.x @uncaught\n}\nf()\n",
    "before the first await, for a handler": (
        "async function f() {\n  throw new Error('a') @caught\n}\nf().catch(() => {})\n"
    ),
    "before the first await, for all": (
        "await Promise.allSettled([1].map(async () => {\n  throw new Error('a') @caught\n}))\n"
    ),
    "in a promise's executor": (
        "await new Promise(() => {\n  throw new Error('a') @caught\n}).catch(() => {})\n"
    ),
    "awaited in try": (
        "async function f() {\n  await null\n  throw new Error('a') @caught\n}\ntry { await f() } catch {}\n"
    ),
    "awaited through another": (
        "async function f() {\n  await null\n  throw 1 @caught\n}\n"
        "async function g() { return await f() }\ntry { await g() } catch {}\n"
    ),
    "caught by a handler": (
        "async function f() {\n  await null\n  throw 1 @caught\n}\nawait f().then(x => x).catch(() => 0)\n"
    ),
    "before an await, in try": "async function f() {\n  throw 1 @caught\n}\ntry { await f() } catch {}\n",
    "of the host": "try {\n  await Tool.execute('nothing', {}) @caught\n} catch {}\n",
    "a rejection": "await Promise.resolve()\nPromise.reject(new Error('a'))\n",
}


@pytest.mark.parametrize("name", SCRIPTS)
async def test_errors_stop_where_they_are_thrown(tmp_path: Path, name: str) -> None:
    text, _ = marked(SCRIPTS[name])
    expected = [
        (number, line.rpartition("@")[2])
        for number, line in enumerate(SCRIPTS[name].split("\n"), 1)
        if "@" in line
    ]
    found = []
    async with launched(write(tmp_path, "javascript", text)) as session:
        await session.break_on("all")
        await session.debuggee.start()
        for _ in expected:
            await session.stop()
            details = await session.debuggee.exception(1)
            found.append((await session.line(), "uncaught" if details.uncaught else "caught"))
            await session.go()
        if name == "a rejection":
            await session.stop()
            await session.go()
        await session.end()
    assert found == expected


async def test_an_error_that_is_thrown_again_stops_where_it_is_uncaught(tmp_path: Path) -> None:
    text = "try {\n  throw new Error('a')\n} catch (error) {\n  throw error\n}\n"
    async with launched(write(tmp_path, "javascript", text)) as session:
        await session.break_on("uncaught")
        await session.debuggee.start()
        await session.stop()
        assert await session.line() == 4
        await session.go()
        await session.end()


async def test_a_rejection_stops_when_nobody_has_handled_it_in_the_end(tmp_path: Path) -> None:
    text = "async function f() {\n  throw new Error('a')\n}\nconst promise = f()\nconsole.log('after')\n"
    async with launched(write(tmp_path, "javascript", text)) as session:
        await session.break_on("uncaught")
        await session.debuggee.start()
        assert (await session.stop()).text == "a"
        assert session.output == "after\n"
        await session.go()
        await session.end()


async def test_an_error_tells_its_kind_message_stack_and_cause(tmp_path: Path) -> None:
    text = "function f() {\n  throw new TypeError('outer', { cause: new RangeError('inner') })\n}\nf()\n"
    async with launched(write(tmp_path, "javascript", text)) as session:
        await session.break_on("uncaught")
        await session.debuggee.start()
        assert (await session.stop()).text == "outer"
        details = await session.debuggee.exception(1)
        assert (details.id, details.description, details.uncaught) == ("TypeError", "outer", True)
        assert "at f (" in details.stack_trace
        assert [(each.id, each.description) for each in details.inner] == [("RangeError", "inner")]
        await session.go()
        await session.ends(1)


async def test_the_uncaught_filter_lets_caught_errors_pass(tmp_path: Path) -> None:
    text = "try { null.x } catch {}\nasync function f() { await 0; throw 1 }\ntry { await f() } catch {}\n"
    async with launched(write(tmp_path, "javascript", text)) as session:
        await session.break_on("uncaught")
        await session.debuggee.start()
        await session.ends()


async def test_a_filter_set_while_a_loop_runs_takes_effect(tmp_path: Path) -> None:
    text = "let stop = false\nwhile (!stop) {\n  try { null.x } catch {}\n}\n"
    async with launched(write(tmp_path, "javascript", text)) as session:
        await session.debuggee.start()
        await session.break_on("all")
        assert (await session.stop()).reason == "exception"
        await session.debuggee.set_exception_breakpoints([])
        await session.evaluate("stop = true", "repl")
        await session.go()
        await session.ends()


async def test_each_error_of_a_loop_stops(tmp_path: Path) -> None:
    text = "for (let i = 0; i < 3; i++) {\n  try { throw new Error(i) } catch {}\n}\n"
    async with launched(write(tmp_path, "javascript", text)) as session:
        await session.break_on("all")
        await session.debuggee.start()
        for number in range(3):
            assert (await session.stop()).text == str(number)
            await session.go()
        await session.ends()


@pytest.mark.parametrize("text", [None, "let a = = 1"], ids=["missing", "with a syntax error"])
async def test_a_module_that_cannot_be_imported_does_not_hold_the_script_up(
    tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        write(tmp_path, "javascript", text, "other")
    program = "let before = 1\ntry { await import('./other.js') } catch { console.log('caught') }\n"
    async with launched(write(tmp_path, "javascript", program)) as session:
        await session.break_on("uncaught")
        await session.debuggee.start()
        await session.ends()
        assert session.output == "caught\n"
