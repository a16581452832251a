"""What crosses the two doors: a client's arguments inwards, the debugger's values outwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from llmspell_dap import from_dap
from llmspell_dap.client import Json
from llmspell_dap.protocol.launch import LaunchArguments, launch_schema
from llmspell_engine.debug.model import (
    ExceptionBreakpoint,
    ExceptionDetails,
    Frame,
    LaunchOptions,
    Output,
    Scope,
    ScriptThread,
    SourceBreakpoint,
    SourceLoaded,
    Stack,
    Stopped,
    ThreadChanged,
    Variable,
)
from support.dap_client import INITIALIZE, pair
from support.fake_debuggee import STOP, FakeDebuggee

SCRIPT = "/scripts/a.lua"
TABLE = Variable("t", "table", "table", reference=5, named=1, indexed=2, evaluate_name="t", read_only=True)
ZERO_BASED: Json = {**INITIALIZE, "linesStartAt1": False, "columnsStartAt1": False}


async def asked(
    debuggee: FakeDebuggee, command: str, arguments: Json, initialize: Json = INITIALIZE, **launch: Any
) -> Json:
    """The answer to a request in a stopped session."""
    async with pair(debuggee.launch) as client:
        await client.request("initialize", initialize)
        await client.request("launch", {"program": SCRIPT, **launch})
        await client.request("configurationDone")
        debuggee.tell(STOP)
        return await client.request(command, arguments)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ({"program": SCRIPT}, LaunchOptions(SCRIPT, cwd=str(Path.cwd()))),
        ({"program": "a.lua", "cwd": "/scripts"}, LaunchOptions(SCRIPT, cwd="/scripts")),
        ({"program": SCRIPT, "cwd": "sub"}, LaunchOptions(SCRIPT, cwd=str(Path.cwd() / "sub"))),
        (
            {
                "program": SCRIPT,
                "cwd": "/",
                "args": ["a", "b"],
                "params": {"n": 1},
                "env": {"A": None},
            },
            LaunchOptions(SCRIPT, ("a", "b"), cwd="/", environment={"A": None}, parameters={"n": 1}),
        ),
        (
            {"program": SCRIPT, "cwd": "/", "language": "lua", "profile": "high", "stopOnEntry": True},
            LaunchOptions(SCRIPT, cwd="/", language="lua", profile="high", stop_on_entry=True),
        ),
        (
            {"program": SCRIPT, "cwd": "/", "cassette": {"path": "c.jsonl", "mode": "auto"}},
            LaunchOptions(SCRIPT, cwd="/", cassette="/c.jsonl", cassette_mode="auto"),
        ),
        (
            {"program": SCRIPT, "cwd": "/a", "config": "b.toml", "scripted": "/c.yaml", "session": "report"},
            LaunchOptions(SCRIPT, cwd="/a", config="/a/b.toml", scripted="/c.yaml", session="report"),
        ),
        (
            {"program": SCRIPT, "cwd": "/", "args": None, "noDebug": True, "name": "x", "__sessionId": "1"},
            LaunchOptions(SCRIPT, cwd="/", debug=False),
        ),
    ],
)
def test_launch_arguments_become_options(arguments: Json, options: LaunchOptions) -> None:
    assert from_dap.launch_options(msgspec.convert(arguments, LaunchArguments)) == options


def test_the_launch_schema_accepts_what_the_adapter_accepts() -> None:
    schema = launch_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    full = {
        "program": "a.lua",
        "args": ["x"],
        "params": {"n": [1]},
        "cwd": "/",
        "env": {"A": "1", "B": None},
        "language": "lua",
        "profile": "low",
        "config": "llmspell.toml",
        "scripted": "answers.yaml",
        "session": "report",
        "cassette": {"path": "c.jsonl", "mode": "record"},
        "stopOnEntry": True,
        "console": "internalConsole",
    }
    jsonschema.validate(full, schema)
    assert set(full) == set(schema["properties"])
    msgspec.convert(full, LaunchArguments)


@pytest.mark.parametrize("name", launch_schema()["properties"])
def test_every_setting_is_explained_and_its_choices_too(name: str) -> None:
    schema = launch_schema()["properties"][name]
    assert schema["description"].endswith(".")
    assert len(schema.get("enum", [])) == len(schema.get("enumDescriptions", []))
    for choice in schema.get("enum", []):
        msgspec.convert({"program": "a", name: choice}, LaunchArguments)


async def test_breakpoints_keep_all_that_was_said_about_them() -> None:
    debuggee = FakeDebuggee()
    wanted = [
        {"line": 3, "column": 5, "condition": "x > 1"},
        {"line": 4, "hitCondition": "% 2", "logMessage": "x is {x}"},
        {"line": 5, "condition": "", "hitCondition": " ", "logMessage": None},
    ]
    body = await asked(debuggee, "setBreakpoints", {"source": {"path": SCRIPT}, "breakpoints": wanted})
    assert debuggee.asked("set_breakpoints") == [
        (
            SCRIPT,
            (
                SourceBreakpoint(3, 5, condition="x > 1"),
                SourceBreakpoint(4, hit_condition="% 2", log_message="x is {x}"),
                SourceBreakpoint(5),
            ),
        )
    ]
    assert [(found["line"], found["verified"]) for found in body["breakpoints"]] == [
        (3, True),
        (4, True),
        (5, True),
    ]


async def test_breakpoints_of_a_client_that_counts_from_zero() -> None:
    debuggee = FakeDebuggee()
    wanted = [{"line": 2, "column": 0}]
    body = await asked(
        debuggee, "setBreakpoints", {"source": {"path": SCRIPT}, "breakpoints": wanted}, ZERO_BASED
    )
    assert debuggee.asked("set_breakpoints") == [(SCRIPT, (SourceBreakpoint(3, 1),))]
    assert (body["breakpoints"][0]["line"], body["breakpoints"][0]["column"]) == (2, 0)


async def test_breakpoints_by_uri_and_in_the_older_form() -> None:
    debuggee = FakeDebuggee()
    arguments = {"source": {"path": "file:///scripts/a%20b.lua"}, "lines": [7]}
    body = await asked(debuggee, "setBreakpoints", arguments, {**INITIALIZE, "pathFormat": "uri"})
    assert debuggee.asked("set_breakpoints") == [("/scripts/a b.lua", (SourceBreakpoint(7),))]
    assert body["breakpoints"][0]["source"] == {"name": "a b.lua", "path": "file:///scripts/a%20b.lua"}


async def test_without_debugging_breakpoints_are_answered_unverified() -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await client.request("initialize", INITIALIZE)
        await client.request("launch", {"program": SCRIPT, "noDebug": True})
        unverified = {"verified": False, "message": "The script runs without debugging."}
        body = await client.request(
            "setBreakpoints", {"source": {"path": SCRIPT}, "breakpoints": [{"line": 1}]}
        )
        assert body["breakpoints"] == [unverified]
        body = await client.request("setExceptionBreakpoints", {"filters": ["all"]})
        assert body["breakpoints"] == [unverified]
    assert not debuggee.asked("set_breakpoints")


async def test_exception_filters_are_answered_one_by_one() -> None:
    debuggee = FakeDebuggee()
    body = await asked(
        debuggee,
        "setExceptionBreakpoints",
        {"filters": ["uncaught", "nonsense"], "filterOptions": [{"filterId": "all", "condition": "x"}]},
    )
    assert debuggee.asked("set_exception_breakpoints") == [
        ((ExceptionBreakpoint("uncaught"), ExceptionBreakpoint("all", "x")),)
    ]
    assert body["breakpoints"] == [
        {"verified": True},
        {"verified": False, "message": "There is no exception filter 'nonsense'."},
        {"verified": True},
    ]


FRAMES = Stack(
    (
        Frame(1, "inner", SCRIPT, 3, 2, 3, 9),
        Frame(2, "pcall", None, 1, 1, is_subtle=True),
        Frame(3, "main", SCRIPT, 8, 1),
    ),
    total=3,
)


@pytest.mark.parametrize(("initialize", "shift"), [(INITIALIZE, 0), (ZERO_BASED, 1)])
async def test_frames_stand_where_the_client_counts(initialize: Json, shift: int) -> None:
    body = await asked(FakeDebuggee(stack=lambda *_: FRAMES), "stackTrace", {"threadId": 1}, initialize)
    source = {"name": "a.lua", "path": SCRIPT}
    assert body == {
        "totalFrames": 3,
        "stackFrames": [
            {
                "id": 1,
                "name": "inner",
                "source": source,
                "line": 3 - shift,
                "column": 2 - shift,
                "endLine": 3 - shift,
                "endColumn": 9 - shift,
            },
            {"id": 2, "name": "pcall", "line": 0, "column": 0, "presentationHint": "subtle"},
            {"id": 3, "name": "main", "source": source, "line": 8 - shift, "column": 1 - shift},
        ],
    }


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        ({}, (1, 0, None)),
        ({"startFrame": 2, "levels": 5}, (1, 2, 5)),
        ({"startFrame": 0, "levels": 0}, (1, 0, None)),
    ],
)
async def test_stack_windows(arguments: Json, call: tuple[Any, ...]) -> None:
    debuggee = FakeDebuggee()
    await asked(debuggee, "stackTrace", {"threadId": 1, **arguments})
    assert debuggee.asked("stack") == [call]


async def test_frame_names_tell_their_line_when_asked() -> None:
    body = await asked(
        FakeDebuggee(stack=lambda *_: FRAMES), "stackTrace", {"threadId": 1, "format": {"line": True}}
    )
    assert [frame["name"] for frame in body["stackFrames"]] == ["inner Line 3", "pcall", "main Line 8"]


async def test_scopes() -> None:
    found = (Scope("Locals", "locals", 4, named=2), Scope("Globals", "globals", 6, expensive=True))
    body = await asked(FakeDebuggee(scopes=lambda _: found), "scopes", {"frameId": 1})
    assert body["scopes"] == [
        {
            "name": "Locals",
            "variablesReference": 4,
            "expensive": False,
            "presentationHint": "locals",
            "namedVariables": 2,
        },
        {"name": "Globals", "variablesReference": 6, "expensive": True},
    ]


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        ({}, (5, None, 0, None, False)),
        ({"filter": "indexed", "start": 100, "count": 50}, (5, "indexed", 100, 50, False)),
        ({"filter": "named", "count": 0, "format": {"hex": True}}, (5, "named", 0, None, True)),
    ],
)
async def test_variables_windows(arguments: Json, call: tuple[Any, ...]) -> None:
    debuggee = FakeDebuggee()
    await asked(debuggee, "variables", {"variablesReference": 5, **arguments})
    assert debuggee.asked("variables") == [call]


async def test_variables_tell_what_can_be_done_with_them() -> None:
    found = (TABLE, Variable("size", "…", "getter", reference=6, lazy=True), Variable("n", "1", "number"))
    body = await asked(FakeDebuggee(variables=lambda *_: found), "variables", {"variablesReference": 1})
    assert body["variables"] == [
        {
            "name": "t",
            "value": "table",
            "type": "table",
            "variablesReference": 5,
            "namedVariables": 1,
            "indexedVariables": 2,
            "evaluateName": "t",
            "presentationHint": {"attributes": ["readOnly"]},
        },
        {
            "name": "size",
            "value": "…",
            "type": "getter",
            "variablesReference": 6,
            "presentationHint": {"lazy": True},
        },
        {"name": "n", "value": "1", "type": "number", "variablesReference": 0},
    ]


async def test_types_are_told_to_clients_that_show_them() -> None:
    body = await asked(
        FakeDebuggee(variables=lambda *_: (TABLE,)),
        "variables",
        {"variablesReference": 1},
        {"adapterID": "llmspell"},
    )
    assert "type" not in body["variables"][0]


@pytest.mark.parametrize(
    ("context", "meant"),
    [
        ("watch", "watch"),
        ("hover", "hover"),
        ("repl", "repl"),
        ("clipboard", "clipboard"),
        ("variables", "variables"),
        (None, "watch"),
        ("telepathy", "watch"),
    ],
)
async def test_expressions_are_evaluated_for_a_purpose(context: str | None, meant: str) -> None:
    debuggee = FakeDebuggee(evaluate=lambda *_: TABLE)
    body = await asked(debuggee, "evaluate", {"expression": "t", "frameId": 3, "context": context})
    assert debuggee.asked("evaluate") == [("t", 3, meant, False)]
    assert (body["result"], body["variablesReference"], body["indexedVariables"]) == ("table", 5, 2)


async def test_a_variable_is_set() -> None:
    debuggee = FakeDebuggee()
    body = await asked(debuggee, "setVariable", {"variablesReference": 4, "name": "n", "value": "n + 1"})
    assert debuggee.asked("set_variable") == [(4, "n", "n + 1")]
    assert body == {"value": "n + 1", "type": "string", "variablesReference": 0}


@pytest.mark.parametrize(("uncaught", "mode"), [(True, "unhandled"), (False, "always")])
async def test_an_error_tells_its_causes(uncaught: bool, mode: str) -> None:
    cause = ExceptionDetails("ValueError", "no such tool", uncaught=False, stack_trace="tool.py:3")
    details = ExceptionDetails("error", "it failed", uncaught, "a.lua:3 in inner", inner=(cause,))
    body = await asked(FakeDebuggee(exception=lambda _: details), "exceptionInfo", {"threadId": 1})
    assert body == {
        "exceptionId": "error",
        "description": "it failed",
        "breakMode": mode,
        "details": {
            "message": "it failed",
            "typeName": "error",
            "fullTypeName": "error",
            "stackTrace": "a.lua:3 in inner",
            "innerException": [
                {
                    "message": "no such tool",
                    "typeName": "ValueError",
                    "fullTypeName": "ValueError",
                    "stackTrace": "tool.py:3",
                }
            ],
        },
    }


@pytest.mark.parametrize(
    ("stop", "told"),
    [
        (Stopped(1, "entry"), {"reason": "entry", "description": "Paused on entry"}),
        (
            Stopped(1, "breakpoint", breakpoint_ids=(3, 4)),
            {"reason": "breakpoint", "description": "Paused on breakpoint", "hitBreakpointIds": [3, 4]},
        ),
        (
            Stopped(1, "exception", text="it failed"),
            {"reason": "exception", "description": "Paused on error", "text": "it failed"},
        ),
        (
            Stopped(1, "debugger_statement"),
            {"reason": "breakpoint", "description": "Paused on debugger statement"},
        ),
    ],
)
async def test_stops_tell_their_reason(stop: Stopped, told: Json) -> None:
    debuggee = FakeDebuggee()
    async with pair(debuggee.launch) as client:
        await client.request("initialize", INITIALIZE)
        await client.request("launch", {"program": SCRIPT})
        debuggee.tell(stop)
        assert await client.event("stopped") == {"threadId": 1, "allThreadsStopped": True, **told}


async def test_events_of_threads_sources_and_output() -> None:
    debuggee = FakeDebuggee()
    source = {"name": "a.lua", "path": SCRIPT}
    async with pair(debuggee.launch) as client:
        await client.request("initialize", ZERO_BASED)
        await client.request("launch", {"program": SCRIPT})
        for event in (
            SourceLoaded(SCRIPT),
            SourceLoaded(SCRIPT),
            ThreadChanged(ScriptThread(2, "worker"), started=True),
            ThreadChanged(ScriptThread(2, "worker"), started=False),
            Output("stdout", "hello\n", SCRIPT, 3, 5),
            Output("stderr", "oops\n", reference=9),
        ):
            debuggee.tell(event)
        assert await client.event("loadedSource") == {"reason": "new", "source": source}
        assert await client.event("thread") == {"reason": "started", "threadId": 2}
        assert await client.event("thread") == {"reason": "exited", "threadId": 2}
        assert await client.event("output") == {
            "category": "stdout",
            "output": "hello\n",
            "source": source,
            "line": 2,
            "column": 4,
        }
        assert await client.event("output") == {
            "category": "stderr",
            "output": "oops\n",
            "variablesReference": 9,
        }
        assert (await client.request("loadedSources"))["sources"] == [source]
