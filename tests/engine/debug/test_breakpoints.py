"""Breakpoints on a running script, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from llmspell_engine.debug.model import BreakpointChanged, Output, SourceBreakpoint
from llmspell_engine.language import LANGUAGES
from support.debugging import launched, program, stopped_at, write

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_engine.language import Language

both = pytest.mark.parametrize("language", LANGUAGES)


@both
@pytest.mark.parametrize(
    ("asked", "stands"),
    [(2, 2), (4, None), (6, 6), (8, 9), (9, 9), (99, None)],
    ids=["statement", "end-of-function", "loop", "end-of-loop", "last", "past-the-end"],
)
async def test_a_breakpoint_stands_on_the_next_statement_of_its_function(
    tmp_path: Path, language: Language, asked: int, stands: int | None
) -> None:
    async with launched(program(tmp_path, language, "counting")) as session:
        (status,) = await session.break_at(asked)
        assert status.verified is (stands is not None), status
        if stands is None:
            assert "no statement" in status.message
        else:
            assert status.line == stands


@both
async def test_a_breakpoint_is_hit_each_time(tmp_path: Path, language: Language) -> None:
    async with stopped_at(program(tmp_path, language, "counting"), 3) as session:
        for total in (1, 3, 6, 10, 15):
            assert (await session.shown())["sum"] == str(total)
            await session.go()
            if total < 15:
                await session.stop()
        await session.ends()
        assert session.output == "15\n"


@both
async def test_columns_tell_statements_of_one_line_apart(tmp_path: Path, language: Language) -> None:
    path = program(tmp_path, language, "several_on_a_line")
    column = path.read_text().index('"b"') - 3
    async with stopped_at(path, SourceBreakpoint(1, column)) as session:
        assert session.output == "a\n"
        top = (await session.frames())[0]
        assert (top.line, top.column) == (1, path.read_text().index(";") + 3)


@both
@pytest.mark.parametrize(
    ("hit_condition", "totals"),
    [
        ("3", [3]),
        ("==3", [3]),
        (">3", [6, 10]),
        (">= 3", [3, 6, 10]),
        ("<2", [0]),
        ("<=2", [0, 1]),
        ("%2", [1, 6]),
    ],
)
async def test_hit_counts(tmp_path: Path, language: Language, hit_condition: str, totals: list[int]) -> None:
    point = SourceBreakpoint(7, hit_condition=hit_condition)
    async with stopped_at(program(tmp_path, language, "counting"), point) as session:
        for index, total in enumerate(totals):
            if index:
                await session.go()
                await session.stop()
            assert await session.evaluate("total") == str(total)
        await session.go()
        await session.ends()


@both
async def test_hits_are_counted_where_the_condition_holds(tmp_path: Path, language: Language) -> None:
    point = SourceBreakpoint(7, condition="total > 1", hit_condition="2")
    async with stopped_at(program(tmp_path, language, "counting"), point) as session:
        assert await session.evaluate("total") == "6"
        await session.go()
        await session.ends()


@both
async def test_a_breakpoint_that_stays_keeps_its_count(tmp_path: Path, language: Language) -> None:
    stays = SourceBreakpoint(7, hit_condition="%3")
    async with stopped_at(program(tmp_path, language, "counting"), SourceBreakpoint(3), stays) as session:
        await session.go()
        await session.stop()
        assert await session.line() == 3
        await session.break_at(stays, 9)
        await session.go()
        await session.stop()
        assert (await session.line(), await session.evaluate("total")) == (7, "3")
        await session.go()
        await session.stop()
        assert await session.line() == 9


@both
@pytest.mark.parametrize(
    "first", [SourceBreakpoint(8, condition="total == 1"), SourceBreakpoint(8, log_message="l")]
)
async def test_of_two_breakpoints_at_a_statement_each_is_for_itself(
    tmp_path: Path, language: Language, first: SourceBreakpoint
) -> None:
    """Both stand on line 9. The one that does not stop keeps the other from nothing."""
    for points in ((first, SourceBreakpoint(9)), (SourceBreakpoint(9), first)):
        async with launched(program(tmp_path, language, "counting")) as session:
            placed = await session.break_at(*points)
            assert [status.line for status in placed] == [9, 9]
            await session.debuggee.start()
            stopped = await session.stop()
            plain = placed[points.index(SourceBreakpoint(9))]
            assert stopped.breakpoint_ids == (plain.id,)
            assert session.console == ("l\n" if first.log_message else "")
            await session.go()
            await session.ends()


@both
@pytest.mark.parametrize(
    ("point", "console"),
    [
        (SourceBreakpoint(7, hit_condition=">3", log_message="{total}"), "6\n10\n"),
        (SourceBreakpoint(7, condition="total > 1", log_message="{total}"), "3\n6\n10\n"),
        (SourceBreakpoint(7, condition="total > 1", hit_condition="2", log_message="{total}"), "6\n"),
    ],
)
async def test_a_log_point_prints_at_its_hits(
    tmp_path: Path, language: Language, point: SourceBreakpoint, console: str
) -> None:
    async with launched(program(tmp_path, language, "counting")) as session:
        await session.break_at(point)
        await session.debuggee.start()
        await session.ends()
        assert session.console == console


@both
@pytest.mark.parametrize("hit_condition", ["= 2", "abc", "% 0", ">"])
async def test_a_hit_count_that_is_none_is_refused(
    tmp_path: Path, language: Language, hit_condition: str
) -> None:
    async with launched(program(tmp_path, language, "counting")) as session:
        (status,) = await session.break_at(SourceBreakpoint(7, hit_condition=hit_condition))
        assert not status.verified
        assert "hit count" in status.message


@both
async def test_a_condition_decides(tmp_path: Path, language: Language) -> None:
    point = SourceBreakpoint(2, condition="a == 6")
    async with stopped_at(program(tmp_path, language, "counting"), point) as session:
        assert (await session.shown())["a"] == "6"
        await session.go()
        await session.ends()


@pytest.mark.parametrize(
    ("line", "condition", "total"),
    [(7, "total == 6", 6), (2, "a == 6 and b == 4", 6), (7, "i == 4", 6), (3, "sum == 10 and a < sum", 6)],
)
@both
async def test_a_condition_sees_what_its_statement_sees(
    tmp_path: Path, language: Language, line: int, condition: str, total: int
) -> None:
    condition = condition.replace("and", "&&") if language == "javascript" else condition
    async with stopped_at(
        program(tmp_path, language, "counting"), SourceBreakpoint(line, condition=condition)
    ) as session:
        frame = 0 if line == 7 else 1
        assert await session.evaluate("total", frame=frame) == str(total)
        await session.go()
        await session.ends()


async def test_a_condition_may_use_upvalues_and_globals_and_runs_once_a_pass(tmp_path: Path) -> None:
    text = """\
seen = 0
local up = 10
function look() seen = seen + 1 return true end
local function f(x)
  local y = x
  return y + up
end
for i = 1, 20 do f(i) end
print(seen)
"""
    point = SourceBreakpoint(6, condition="look() and seen == up + 5")
    async with stopped_at(write(tmp_path, "lua", text), point) as session:
        assert await session.evaluate("x") == "15"
        await session.break_at(SourceBreakpoint(6, condition="x == 18"))
        await session.go()
        await session.stop()
        assert await session.evaluate("seen") == "15"
        await session.break_at()
        await session.go()
        await session.ends()


@both
async def test_a_condition_is_edited_in_a_running_loop(tmp_path: Path, language: Language) -> None:
    point = SourceBreakpoint(3, condition="turns < 0")
    async with launched(program(tmp_path, language, "spinning")) as session:
        await session.break_at(point)
        await session.debuggee.start()
        await session.debuggee.pause(1)
        await session.stop()
        await session.go()
        await session.break_at(SourceBreakpoint(3, condition="turns > 10"))
        assert (await session.stop()).reason == "breakpoint"


@both
async def test_a_condition_that_cannot_be_compiled_is_told_at_once(
    tmp_path: Path, language: Language
) -> None:
    async with launched(program(tmp_path, language, "counting")) as session:
        (status,) = await session.break_at(SourceBreakpoint(7, condition="total =="))
        assert not status.verified
        assert "'total =='" in status.message


@both
async def test_a_condition_that_fails_is_told_once(tmp_path: Path, language: Language) -> None:
    point = SourceBreakpoint(7, condition="total.missing.field")
    async with launched(program(tmp_path, language, "counting")) as session:
        await session.break_at(point)
        await session.debuggee.start()
        await session.ends()
        assert session.console.count("'total.missing.field' failed") == 1
        assert session.output == "15\n"


@both
async def test_a_log_point_prints_and_never_stops(tmp_path: Path, language: Language) -> None:
    point = SourceBreakpoint(7, log_message="at {i}: {total + 1} \\{}")
    async with launched(program(tmp_path, language, "counting")) as session:
        await session.break_at(point)
        await session.debuggee.start()
        await session.ends()
        lines = session.console.splitlines()
        assert lines[:2] == ["at 1: 1 {}", "at 2: 2 {}"]
        printed = next(
            each for each in session.said if isinstance(each, Output) and each.category == "console"
        )
        assert (printed.path, printed.line) == (str(session.program), 7)


@both
async def test_a_log_point_shows_the_error_of_its_expression(tmp_path: Path, language: Language) -> None:
    point = SourceBreakpoint(9, log_message="<{total.missing.field}>")
    async with launched(program(tmp_path, language, "counting")) as session:
        await session.break_at(point)
        await session.debuggee.start()
        await session.ends()
        assert session.console.startswith("<{total.missing.field: ")


@both
@pytest.mark.parametrize("log_message", ["{}", "open {total"])
async def test_a_log_message_with_bad_braces_is_refused(
    tmp_path: Path, language: Language, log_message: str
) -> None:
    async with launched(program(tmp_path, language, "counting")) as session:
        (status,) = await session.break_at(SourceBreakpoint(7, log_message=log_message))
        assert not status.verified
        assert "brace" in status.message


@both
async def test_breakpoints_are_replaced_as_a_whole(tmp_path: Path, language: Language) -> None:
    async with stopped_at(program(tmp_path, language, "counting"), 2, 7) as session:
        assert await session.line() == 7
        first = await session.break_at(7, 9)
        await session.break_at(9)
        assert (await session.break_at(9))[0].id == first[1].id
        await session.go()
        await session.stop()
        assert await session.line() == 9


@both
async def test_a_breakpoint_set_in_a_running_loop_is_hit(tmp_path: Path, language: Language) -> None:
    async with launched(program(tmp_path, language, "spinning")) as session:
        await session.debuggee.start()
        await session.break_at(3)
        stopped = await session.stop()
        assert stopped.reason == "breakpoint"
        assert await session.line() == 3
        await session.break_at()
        await session.go()
        await session.debuggee.pause(1)
        assert (await session.stop()).reason == "pause"


@both
async def test_a_file_that_is_not_there_has_no_breakpoints(tmp_path: Path, language: Language) -> None:
    async with launched(program(tmp_path, language, "counting")) as session:
        (status,) = await session.break_at(3, path=tmp_path / "elsewhere.lua")
        assert not status.verified
        assert "not loaded" in status.message


async def test_a_breakpoint_waits_for_a_file_that_is_written_later(tmp_path: Path) -> None:
    path = write(tmp_path, "lua", "local x = 1\nlocal made = require('made')\nprint(made)\n")
    async with stopped_at(path, 2) as session:
        module = tmp_path / "made.lua"
        (status,) = await session.break_at(2, path=module)
        assert not status.verified
        module.write_text("local a = 1\nreturn a\n")
        await session.go()
        changed = await session.next(BreakpointChanged)
        assert (changed.status.id, changed.status.verified, changed.status.line) == (status.id, True, 2)
        await session.stop()
        assert await session.where() == ("made.lua", 2)


@both
async def test_the_first_statement_stops_an_entry_once(tmp_path: Path, language: Language) -> None:
    async with launched(program(tmp_path, language, "spinning"), stop_on_entry=True) as session:
        await session.break_at(1)
        await session.debuggee.start()
        stopped = await session.stop()
        assert stopped.reason == "entry"
        assert await session.line() == 1
        assert await session.step() == (session.program.name, 2)


CALLED = {
    "lua": "local function double(n)\n  return n + n\nend\nfor i = 1, 3 do\n  print(i)\nend\ndouble(1)\n",
    "javascript": "function double(n) {\n  return n + n\n}\nfor (let i = 1; i <= 3; i++) {\n"
    "  console.log(i)\n}\ndouble(1)\n",
}


@both
@pytest.mark.parametrize(
    ("point", "console"),
    [
        (SourceBreakpoint(5, log_message="{double(i)}"), "2\n4\n6\n"),
        (SourceBreakpoint(5, condition="double(i) == 5"), ""),
    ],
    ids=["message", "condition"],
)
async def test_what_a_breakpoint_evaluates_stops_at_none(
    tmp_path: Path, language: Language, point: SourceBreakpoint, console: str
) -> None:
    async with launched(write(tmp_path, language, CALLED[language])) as session:
        await session.break_at(point, 2)
        await session.debuggee.start()
        await session.stop()
        assert (await session.frames())[1].line == 7
        assert session.console == console
        await session.go()
        await session.ends()
