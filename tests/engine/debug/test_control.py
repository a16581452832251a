"""Pausing, ending and leaving a script, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from llmspell_engine.debug.client import launch
from llmspell_engine.debug.model import DebuggeeError, LaunchOptions, Output, Stopped
from llmspell_engine.language import LANGUAGES
from support.debugging import launched, program, stopped_at, write

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_engine.language import Language

both = pytest.mark.parametrize("language", LANGUAGES)


@both
async def test_a_tight_loop_is_paused_and_goes_on(tmp_path: Path, language: Language) -> None:
    async with stopped_at(program(tmp_path, language, "spinning"), 3) as session:
        await session.break_at()
        await session.go()
        seen = []
        for _ in range(2):
            await session.debuggee.pause(1)
            assert (await session.stop()).reason == "pause"
            seen.append(int(await session.evaluate("turns")))
            await session.go()
        assert seen[1] > seen[0]


@pytest.mark.parametrize(
    "text",
    [
        "while true do end\n",
        "repeat until false\n",
        "::again:: goto again\n",
        "local function f() return f() end f()\n",
    ],
)
async def test_an_empty_loop_is_paused(tmp_path: Path, text: str) -> None:
    async with launched(write(tmp_path, "lua", text)) as session:
        await session.debuggee.start()
        await session.debuggee.pause(1)
        assert (await session.stop()).reason == "pause"
        assert await session.line() == 1


@both
async def test_a_pause_while_stopped_does_nothing(tmp_path: Path, language: Language) -> None:
    async with stopped_at(program(tmp_path, language, "counting"), 7) as session:
        await session.break_at()
        await session.debuggee.pause(1)
        await session.go()
        await session.ends()
        assert session.output == "15\n"


@both
async def test_what_has_no_parts_has_no_handle(tmp_path: Path, language: Language) -> None:
    async with stopped_at(program(tmp_path, language, "counting"), 2) as session:
        found = await session.scope()
        assert [(found[name].value, found[name].reference) for name in ("a", "b")] == [("0", 0), ("1", 0)]


@both
async def test_a_loop_that_catches_everything_ends_within_a_second(
    tmp_path: Path, language: Language
) -> None:
    async with stopped_at(program(tmp_path, language, "swallowing"), 4) as session:
        await session.break_at()
        await session.go()
        # Were it not ended by then, this would never come back.
        await session.debuggee.terminate()
        assert await session.end() != 0


@both
async def test_a_stopped_script_is_ended(tmp_path: Path, language: Language) -> None:
    async with stopped_at(program(tmp_path, language, "counting"), 7) as session:
        await session.debuggee.terminate()
        assert await session.end() != 0
        assert session.output == ""


@both
async def test_a_script_that_is_left_runs_to_its_end(tmp_path: Path, language: Language) -> None:
    async with stopped_at(program(tmp_path, language, "counting"), 7) as session:
        await session.debuggee.detach()
        await session.ends()
        assert session.output == "15\n"


@both
async def test_without_debugging_nothing_stops(tmp_path: Path, language: Language) -> None:
    async with launched(program(tmp_path, language, "counting"), debug=False) as session:
        await session.break_at(7)
        await session.debuggee.start()
        await session.ends()
        assert session.output == "15\n"
        assert not any(isinstance(each, Stopped) for each in session.said)


@both
async def test_output_tells_where_it_was_printed(tmp_path: Path, language: Language) -> None:
    async with launched(program(tmp_path, language, "counting")) as session:
        await session.debuggee.start()
        printed = await session.next(Output)
        assert (printed.category, printed.text) == ("stdout", "15\n")
        assert (printed.path, printed.line) == (str(session.program), 9)


async def test_the_exit_code_is_the_scripts(tmp_path: Path) -> None:
    async with launched(write(tmp_path, "lua", "os.exit(7)\n")) as session:
        await session.debuggee.start()
        await session.ends(7)


async def test_arguments_and_parameters_reach_the_script(tmp_path: Path) -> None:
    path = write(tmp_path, "lua", "print(ARGS[1], ARGS.name)\n")
    async with launched(path, arguments=("first",), parameters={"name": "second"}) as session:
        await session.debuggee.start()
        await session.ends()
        assert session.output == "first\tsecond\n"


@both
async def test_requests_while_running_are_refused(tmp_path: Path, language: Language) -> None:
    async with launched(program(tmp_path, language, "spinning")) as session:
        await session.debuggee.start()
        with pytest.raises(DebuggeeError, match="running"):
            await session.debuggee.stack(1)
        with pytest.raises(DebuggeeError, match="running"):
            await session.go()


@both
async def test_handles_die_when_the_script_goes_on(tmp_path: Path, language: Language) -> None:
    async with stopped_at(program(tmp_path, language, "counting"), 7) as session:
        frame = (await session.frames())[0]
        scope = (await session.debuggee.scopes(frame.id))[0]
        await session.step()
        with pytest.raises(DebuggeeError, match="gone"):
            await session.debuggee.scopes(frame.id)
        with pytest.raises(DebuggeeError, match="gone"):
            await session.debuggee.variables(scope.reference)


@both
async def test_an_ended_script_answers_with_a_sentence(tmp_path: Path, language: Language) -> None:
    async with launched(program(tmp_path, language, "counting")) as session:
        await session.debuggee.start()
        await session.ends()
        with pytest.raises(DebuggeeError, match="has ended"):
            await session.debuggee.pause(1)


async def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DebuggeeError, match="cannot be run"):
        await launch(LaunchOptions(str(tmp_path / "missing.lua")), lambda event: None)


async def test_a_program_of_no_known_language_is_told(tmp_path: Path) -> None:
    path = tmp_path / "script.txt"
    path.write_text("print(1)\n")
    with pytest.raises(DebuggeeError, match="language"):
        await launch(LaunchOptions(str(path)), lambda event: None)


async def test_a_syntax_error_ends_the_script_with_its_place(tmp_path: Path) -> None:
    async with launched(write(tmp_path, "lua", "local x =\n")) as session:
        await session.debuggee.start()
        await session.ends(1)
        said = "".join(each.text for each in session.said if isinstance(each, Output))
        assert "main.lua:" in said
