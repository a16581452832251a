"""Beginning, output and end of real sessions (scenarios 1, 2, 4, 26, 27, 43) and of the adapter itself."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest
from llmspell_dap.client import Json, RefusedError, spawned
from support.dap_client import INITIALIZE, CheckedClient, adapter, shown
from support.dap_player import Script, both, only, playing

ARGUMENTS = both(
    lua="""
        print(ARGS[1], ARGS[2], ARGS.name)
        print(ARGS.flag)
    """,
    javascript="""
        console.log(ARGS[0], ARGS[1], ARGS.name);
        console.log(ARGS.flag);
    """,
)


@ARGUMENTS
@pytest.mark.parametrize("no_debug", [False, True])
async def test_a_script_gets_its_arguments(script: Script, no_debug: bool) -> None:
    launch: Json = {"args": ["a", "b c"], "params": {"name": "x", "flag": True}, "noDebug": no_debug}
    async with playing(script, **launch) as player:
        await player.ends(printed=script.say("a\tb c\tx\ntrue\n", "a b c x\ntrue\n"))


PRINTS = both(
    lua="""
        print("one") -- @one
        io.write("two ") -- @two
        io.write("parts\\n")
        print("grüße 😀") -- @three
        print("\\27[31mred\\27[0m") -- @ansi
    """,
    javascript="""
        console.log("one"); // @one
        console.log("two parts"); // @two
        console.log("grüße 😀"); // @three
        console.log("\\u001b[31mred\\u001b[0m"); // @ansi
    """,
)


@PRINTS
@pytest.mark.parametrize("no_debug", [False, True])
async def test_output_arrives_whole(script: Script, no_debug: bool) -> None:
    async with playing(script, noDebug=no_debug) as player:
        await player.ends(printed="one\ntwo parts\ngrüße 😀\n\x1b[31mred\x1b[0m\n")


@PRINTS
async def test_output_tells_where_it_was_printed(script: Script) -> None:
    async with playing(script) as player:
        await player.ends()
        told = [body for body in player.client.pending("output") if body["category"] == "stdout"]
        places = {body["output"]: (body["source"]["path"], body["line"]) for body in told}
        assert places["one\n"] == script.marks["one"]
        assert places["grüße 😀\n"] == script.marks["three"]


@only(
    "javascript",
    """
    console.error("bad");
    console.warn("careful");
    console.log("good");
    """,
)
async def test_errors_are_printed_apart(script: Script) -> None:
    async with playing(script) as player:
        await player.ends(printed="good\n")
        assert player.printed("stderr") == "bad\ncareful\n"


FLOOD_SECONDS = 120
"""So that the test is of what comes, and not of how busy the machine is."""
FLOOD = both(
    lua="for i = 1, 20000 do print(i) end",
    javascript="for (let i = 1; i <= 20000; i++) console.log(i);",
)


@FLOOD
@pytest.mark.timeout(FLOOD_SECONDS + 60)
async def test_a_flood_of_output_arrives_whole_and_before_the_end(script: Script) -> None:
    async with playing(script) as player:
        printed = "".join(f"{number}\n" for number in range(1, 20_001))
        await player.ends(printed=printed, limit=FLOOD_SECONDS)
        events = player.client.transcript
        told = sum(way == "<-" and message.get("event") == "output" for way, message in events)
        assert told < 10_000, "what is printed at one place is told in few events"


EXITS = both(lua="os.exit(7)", javascript="process.exit(7);")


@EXITS
@pytest.mark.parametrize("no_debug", [False, True])
async def test_the_exit_code_is_the_scripts(script: Script, no_debug: bool) -> None:
    async with playing(script, noDebug=no_debug) as player:
        await player.ends(code=7)


BROKEN = both(
    lua="""
        local a = 1
        local b = = 2 -- @broken
    """,
    javascript="""
        const a = 1;
        const b = = 2; // @broken
    """,
)


@BROKEN
async def test_a_syntax_error_is_printed_with_its_place(script: Script) -> None:
    async with playing(script) as player:
        await player.ends(code=1)
        assert re.search(rf"main\.(lua|js):{script.line('broken')}\b", player.printed("stderr"))


@PRINTS
async def test_without_debugging_nothing_stops(script: Script) -> None:
    async with playing(script, "one", noDebug=True, stopOnEntry=True) as player:
        assert not player.breakpoints[0]["verified"]
        await player.ends()


RECORDED = both(
    lua="print(Agent.create({ model = 'far/away' }):execute('hello').text) -- @one",
    javascript="console.log((await Agent.create({ model: 'far/away' }).execute('hello')).text); // @one",
)
HELLO = [{"role": "user", "text": "hello"}]
CASSETTE: list[Json] = [
    {"llmspell_cassette": 1},
    {
        "request": {"provider": "far", "model": "away", "messages": HELLO},
        "answer": {"text": "from afar"},
    },
]


@RECORDED
async def test_model_calls_are_answered_from_a_cassette(script: Script) -> None:
    Path(script.path).with_name("tape.jsonl").write_text("\n".join(map(json.dumps, CASSETTE)))
    async with playing(script, cassette={"path": "tape.jsonl"}) as player:
        await player.ends()
        assert player.printed() == "from afar\n"


LIMITED = both(
    lua="print(select(2, pcall(Agent.create({ model = 'echo' }).execute, 'hello')).kind) -- @one",
    javascript="""
        const agent = Agent.create({ model: 'echo' });
        try { await agent.execute('x') } catch (error) { console.log(error.name) } // @one
    """,
)


@LIMITED
async def test_the_configuration_is_the_one_that_a_run_would_find(script: Script) -> None:
    Path(script.path).with_name("llmspell.toml").write_text("[run]\nmax_calls = 0\n")
    async with playing(script) as player:
        await player.ends()
        assert player.printed() == "BudgetError\n"


@LIMITED
async def test_a_configuration_is_named(script: Script) -> None:
    Path(script.path).with_name("other.toml").write_text("[run]\nmax_calls = 0\n")
    async with playing(script, config="other.toml") as player:
        await player.ends()
        assert player.printed() == "BudgetError\n"


SCRIPTED = both(
    lua="print(Agent.create({ model = 'scripted/clock' }):execute('hello').text) -- @one",
    javascript="""
        console.log((await Agent.create({ model: 'scripted/clock' }).execute('hello')).text); // @one
    """,
)


@SCRIPTED
async def test_scripted_models_answer_from_their_file(script: Script) -> None:
    Path(script.path).with_name("answers.yaml").write_text("clock:\n  - text: five past nine\n")
    async with playing(script, scripted="answers.yaml") as player:
        await player.ends()
        assert player.printed() == "five past nine\n"


IN_SESSION = both(
    lua="""
        local session = Session.get(Session.get_current()) -- @one
        print(session.name, session.status)
    """,
    javascript="""
        const session = Session.get(Session.getCurrent()); // @one
        console.log(session.name + '\\t' + session.status);
    """,
)


@IN_SESSION
async def test_a_script_runs_in_a_session(script: Script) -> None:
    async with playing(script, session="report") as player:
        await player.ends()
        assert player.printed() == "report\tactive\n"


ENDLESS = both(
    lua="""
        while true do
          pcall(function() while true do end end) -- @loop
        end
    """,
    javascript="""
        for (;;) {
          try { for (;;) {} } catch {} // @loop
        }
    """,
)


@ENDLESS
@pytest.mark.parametrize("no_debug", [False, True])
async def test_a_loop_that_swallows_errors_is_terminated(script: Script, no_debug: bool) -> None:
    async with playing(script, noDebug=no_debug) as player:
        await player.client.request("terminate")
        await player.client.event("exited", limit=4)
        await player.client.event("terminated")
        await player.client.request("disconnect")


@ENDLESS
async def test_disconnecting_ends_the_script(script: Script) -> None:
    async with playing(script) as player:
        process = await player.client.event("process")
        await player.client.request("disconnect")
        await player.client.event("terminated")
        await player.client.ended()
        await has_ended(process["systemProcessId"])


@ENDLESS
async def test_a_client_that_vanishes_takes_the_script_along(script: Script) -> None:
    async with playing(script) as player:
        process = await player.client.event("process")
        await player.client.close()
        await has_ended(process["systemProcessId"])


async def has_ended(process_id: int) -> None:
    """Wait for the end of a process that need not be a child."""
    try:
        descriptor = os.pidfd_open(process_id)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    ended = loop.create_future()
    loop.add_reader(descriptor, ended.set_result, None)
    try:
        await asyncio.wait_for(ended, 10)
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


@ENDLESS
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_an_adapter_that_is_killed_takes_the_script_along(script: Script, how: signal.Signals) -> None:
    async with playing(script, own_adapter=True) as player:
        process = await player.client.event("process")
        assert player.client.process_id
        os.kill(player.client.process_id, how)
        await player.client.ended()
        await has_ended(process["systemProcessId"])


PAUSED = both(
    lua="local n = 1 -- @stop\nprint(n)",
    javascript="const n = 1; // @stop\nconsole.log(n);",
)


@PAUSED
async def test_a_script_may_be_left_to_run_to_its_end(script: Script) -> None:
    async with playing(script, "stop") as player:
        process = await player.client.event("process")
        await player.stopped("breakpoint")
        await player.client.request("disconnect", {"terminateDebuggee": False})
        await player.client.event("terminated")
        await player.client.ended()
        await has_ended(process["systemProcessId"])


@PAUSED
async def test_terminating_a_stopped_script_ends_it(script: Script) -> None:
    async with playing(script, "stop") as player:
        await player.stopped("breakpoint")
        await player.client.request("terminate")
        await player.client.event("exited", limit=4)
        await player.client.event("terminated")
        assert player.printed() == ""


@PAUSED
async def test_lines_from_zero_and_uris(script: Script) -> None:
    initialize = {**INITIALIZE, "pathFormat": "uri", "linesStartAt1": False, "columnsStartAt1": False}
    uri = Path(script.path).as_uri()
    async with playing(script, initialize=initialize, stopOnEntry=True) as player:
        await player.stopped("entry")
        (found,) = await player.set_breakpoints({"line": 1}, file=uri)
        assert (found["verified"], found["line"], found["source"]["path"]) == (True, 1, uri)
        await player.go()
        await player.stopped("breakpoint")
        assert player.place() == (uri, 1)
        await player.go()
        await player.ends()


CANNOT = [
    ({"program": "/no/such/script.lua"}, "/no/such/script.lua"),
    ({"program": "."}, "directory"),
    ({"program": "notes.txt"}, "language"),
    ({"program": "a.lua", "cwd": "/no/such/folder"}, "/no/such/folder"),
]


@pytest.mark.parametrize(("launch", "says"), CANNOT)
async def test_what_cannot_be_launched_is_said_plainly(
    launch: dict[str, str], says: str, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "a.lua").write_text("print(1)")
    async with adapter(cwd=str(tmp_path)) as client:
        await client.request("initialize", INITIALIZE)
        with pytest.raises(RefusedError) as refusal:
            await client.request("launch", launch)
        assert says in str(refusal.value)
        assert "Traceback" not in str(refusal.value)
        assert refusal.value.response["body"]["error"]["showUser"]
        await client.request("disconnect")
        await client.ended()


SLOW = ["anyio", "httpx", "lupa", "pydantic", "pygls", "quickjs", "tree_sitter", "llmspell_engine.api"]
"""Each takes as long to import as all that the adapter needs, or longer."""
ADAPTER_THAT_TELLS = """
import pathlib, sys
from llmspell_cli.main import main
main(["dap"])
pathlib.Path(sys.argv[1]).write_text("\\n".join(sys.modules))
"""


async def test_the_adapter_answers_without_importing_what_takes_long(tmp_path: Path) -> None:
    told = tmp_path / "modules"
    async with spawned(CheckedClient, [sys.executable, "-c", ADAPTER_THAT_TELLS, str(told)]) as client:
        await client.request("initialize", INITIALIZE)
        await client.request("disconnect")
    imported = told.read_text("utf-8").splitlines()
    assert "llmspell_dap.dispatch" in imported
    assert [name for name in SLOW if name in imported] == []


async def test_sessions_over_a_port() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "llmspell_cli", "dap", "--listen", "0", stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        said = (await asyncio.wait_for(process.stderr.readline(), 10)).decode()
        match = re.fullmatch(r"llmspell dap: listening on 127\.0\.0\.1:(\d+)\n", said)
        assert match, said
        for _ in range(2):
            client = CheckedClient(*await asyncio.open_connection("127.0.0.1", int(match[1])))
            async with shown(client):
                await client.request("initialize", INITIALIZE)
                await client.request("disconnect")
                await client.ended()
            await client.close()
    finally:
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0


NOISY = """
import os
from llmspell_dap import server
from llmspell_dap.protocol.arguments import NoArguments
from llmspell_dap.requests import Needs, request
from llmspell_dap.session import Session

@request("restart", needs=Needs.NOTHING)
async def restart(session: Session, arguments: NoArguments) -> None:
    print("a stray line", flush=True)
    os.system("echo from a child; cat")

server.run_stdio()
"""


async def test_stray_output_of_the_adapter_does_not_reach_the_client() -> None:
    async with spawned(CheckedClient, [sys.executable, "-c", NOISY]) as client, shown(client):
        await client.request("initialize", INITIALIZE)
        client.send("restart")
        await client.request("disconnect")
        assert [message["command"] for way, message in client.transcript if way == "<-"] == [
            "initialize",
            "restart",
            "disconnect",
        ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--listen", "nowhere"], "--listen takes HOST:PORT, not 'nowhere'"),
        (["--listen", "127.0.0.1:99999"], "--listen takes HOST:PORT"),
        (["--listen", "203.0.113.1:4711"], "cannot listen on 203.0.113.1:4711"),
        (["--log-file", "/no/such/folder/log"], "cannot write the log"),
    ],
)
async def test_wrong_options_are_said_plainly(options: list[str], says: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "llmspell_cli", "dap", *options, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), 10)
    assert (process.returncode, says in said.decode()) == (2, True), said.decode()


async def test_the_log_has_every_message_when_traced(tmp_path: Path) -> None:
    log = tmp_path / "dap.log"
    command = [sys.executable, "-m", "llmspell_cli", "dap", "--log-file", str(log), "--trace"]
    async with spawned(CheckedClient, command) as client:
        await client.request("initialize", INITIALIZE)
        await client.refused("noSuchThing")
        await client.request("disconnect")
        await client.ended()
    text = log.read_text("utf-8")
    assert text.count("<- b") == 3
    assert text.count("-> b") == 3
