"""The life of a server and of its documents: greeting, edits, cancellation, settings, the end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcRequestCancelled
from support.lsp import COMMAND, LIMIT, capabilities, serving
from support.raw_lsp import RawServer

LARGE = "".join(f"local function f{i}(a) return Agent.creat(a, {i}) end f{i}()\n" for i in range(1000))
"""A script that takes long enough to check that something can happen meanwhile."""


async def test_diagnostics_are_pushed_to_an_editor_that_does_not_pull() -> None:
    async with serving(abilities=capabilities(pull=False)) as session:
        uri = session.open("print(anwser)")
        assert [one.code for one in await session.pushed(uri, 1)] == ["LS401"]
        session.replace(uri, "print(1)", 2)
        assert await session.pushed(uri, 2) == []
        session.close(uri)
        assert await session.pushed(uri, None) == []


async def test_only_the_last_of_quick_edits_is_published() -> None:
    async with serving(abilities=capabilities(pull=False)) as session:
        uri = session.open("print(1)")
        await session.pushed(uri, 1)
        for version in range(2, 12):
            session.replace(uri, f"print(zzz{version})", version)
        (found,) = await session.pushed(uri, 11)
        assert "zzz11" in found.message
        assert [one.version for one in session.published] == [1, 11]


async def test_nothing_is_pushed_to_an_editor_that_pulls() -> None:
    async with serving() as session:
        uri = session.open("print(anwser)")
        assert len(await session.pulled(uri)) == 1
        session.close(uri)
        assert await session.pulled(uri) == []
        assert session.published == []


async def test_a_document_that_is_no_script_is_left_alone() -> None:
    async with serving() as session:
        uri = Path("/nowhere/notes.txt").as_uri()
        item = types.TextDocumentItem(uri, "plaintext", 1, "local = 1")
        session.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        session.change(uri, 2, types.TextDocumentContentChangeWholeDocument("local = 2"))
        assert await session.pulled(uri) == []


async def test_an_untitled_document_is_checked_by_its_language() -> None:
    async with serving() as session:
        uri = "untitled:Untitled-1"
        item = types.TextDocumentItem(uri, "javascript", 1, "console.log(anwser);")
        session.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        assert [one.code for one in await session.pulled(uri)] == ["LS401"]


async def test_edits_of_one_message_apply_in_their_order() -> None:
    async with serving() as session:
        uri = session.open("print(1)\nprint(2)")
        at = types.Position(0, 0)
        session.change(
            uri,
            2,
            types.TextDocumentContentChangePartial(types.Range(at, at), "local a = 1\n"),
            types.TextDocumentContentChangePartial(
                types.Range(types.Position(1, 6), types.Position(1, 7)), "a, zzz"
            ),
        )
        (found,) = await session.pulled(uri)
        assert found.range == types.Range(types.Position(1, 9), types.Position(1, 12))


async def test_a_cancelled_request_is_answered_and_the_server_goes_on() -> None:
    async with serving() as session:
        uri = session.open(LARGE)
        client = session.client
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
        running = asyncio.wrap_future(
            client.protocol.send_request("textDocument/diagnostic", params, msg_id="first")
        )
        queued = asyncio.wrap_future(
            client.protocol.send_request("textDocument/diagnostic", params, msg_id="second")
        )
        client.cancel_request(types.CancelParams("second"))
        with pytest.raises(JsonRpcRequestCancelled):
            await asyncio.wait_for(queued, LIMIT)
        assert (await asyncio.wait_for(running, LIMIT)).kind == "full"
        assert client.messages == []


async def test_an_answer_about_a_text_that_is_gone_is_not_given() -> None:
    async with serving() as session:
        uri = session.open(LARGE)
        stale = session.client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
        )
        task = asyncio.ensure_future(stale)
        await asyncio.sleep(0)  # lets the request be sent before the edit
        session.replace(uri, "print(1)", 2)
        with pytest.raises(JsonRpcException) as raised:
            await asyncio.wait_for(task, LIMIT)
        assert raised.value.code == types.LSPErrorCodes.ServerCancelled
        assert raised.value.data == {"retriggerRequest": True}
        assert await session.pulled(uri) == []


async def test_another_answer_about_a_text_that_is_gone_is_not_given_either() -> None:
    async with serving() as session:
        uri = session.open(LARGE)
        params = types.DocumentSymbolParams(types.TextDocumentIdentifier(uri))
        task = asyncio.ensure_future(session.client.text_document_document_symbol_async(params))
        await asyncio.sleep(0)  # lets the request be sent before the edit
        session.replace(uri, "print(1)", 2)
        with pytest.raises(JsonRpcException) as raised:
            await asyncio.wait_for(task, LIMIT)
        assert raised.value.code == types.LSPErrorCodes.ContentModified


async def test_a_rule_that_does_not_exist_is_told() -> None:
    async with serving(options={"lint": {"ignore": ["unknwon-tool"]}}) as session:
        assert await session.pulled(session.open("print(1)")) == []
        assert [one.message for one in session.client.messages] == [
            "In the setting llmspell.lint: no rule is called 'unknwon-tool'; did you mean 'unknown-tool'?"
        ]


SETTINGS: list[tuple[Any, list[str]]] = [
    ({"lint": {"enabled": False}}, []),
    ({"lint": {"ignore": ["LS401"]}}, ["LS402"]),
    ({"lint": {"select": ["undefined-variable"]}}, ["LS401"]),
    ({"llmspell": {"lint": {"select": ["LS402"]}}}, ["LS402"]),
    ({"lint": {"select": 5, "enabled": "maybe"}}, ["LS402", "LS401"]),
    ({}, ["LS402", "LS401"]),
]


async def test_settings_come_with_changes() -> None:
    async with serving() as session:
        uri = session.open("local unused = zzz")
        for settings, codes in SETTINGS:
            session.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
            assert [one.code for one in await session.pulled(uri)] == codes


async def test_settings_come_with_the_greeting() -> None:
    async with serving(options={"lint": {"ignore": ["LS401"]}}) as session:
        assert [one.code for one in await session.pulled(session.open("local unused = zzz"))] == ["LS402"]


async def test_settings_are_asked_for_where_the_editor_gives_them() -> None:
    abilities = capabilities()
    assert abilities.workspace is not None
    abilities.workspace.configuration = True
    abilities.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    async with serving(abilities=abilities) as session:
        uri = session.open("local unused = zzz")
        assert [one.code for one in await session.pulled(uri)] == ["LS402", "LS401"]
        session.client.set_configuration({"lint": {"ignore": ["LS402"]}}, section="llmspell")
        session.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
        await session.refreshed()
        assert [one.code for one in await session.pulled(uri)] == ["LS401"]


async def test_a_script_that_a_changed_file_serves_is_checked_again(tmp_path: Path) -> None:
    module = tmp_path / "names.lua"
    module.write_text("return { first = 1 }", "utf-8")
    async with serving() as session:
        source = 'local names = require("names")\nprint(names.fi)'
        uri = session.open(source, path=tmp_path / "main.lua")
        params = types.CompletionParams(types.TextDocumentIdentifier(uri), types.Position(1, 14))
        assert "first" in await _labels(session.client, params)
        module.write_text("return { fifth = 1 }", "utf-8")
        event = types.FileEvent(module.as_uri(), types.FileChangeType.Changed)
        session.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        assert "fifth" in await _labels(session.client, params)


def test_requests_out_of_turn_get_the_errors_of_the_protocol() -> None:
    with RawServer(COMMAND) as server:
        early = server.request("textDocument/hover", {})
        assert early["error"]["code"] == types.ErrorCodes.ServerNotInitialized
        server.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        twice = server.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        assert twice["error"]["code"] == types.ErrorCodes.InvalidRequest
        unknown = server.request("text/nothing", {})
        assert unknown["error"]["code"] == types.ErrorCodes.MethodNotFound
        misfit = server.request("textDocument/hover", {"textDocument": 5})
        assert misfit["error"]["code"] == types.ErrorCodes.InvalidParams
        assert "position" in misfit["error"]["message"]
        closed = {"textDocument": {"uri": "file:///closed.lua"}, "position": {"line": 0, "character": 0}}
        assert server.request("textDocument/hover", closed)["error"]["code"] == types.ErrorCodes.InvalidParams
        assert server.request("shutdown", None)["result"] is None
        late = server.request("textDocument/hover", closed)
        assert late["error"]["code"] == types.ErrorCodes.InvalidRequest
        server.notify("exit", None)
        assert server.wait() == 0


def test_exit_without_shutdown_is_a_failure() -> None:
    with RawServer(COMMAND) as server:
        server.greet()
        server.notify("exit", None)
        assert server.wait() == 1


def test_the_server_ends_when_its_input_does() -> None:
    with RawServer(COMMAND) as server:
        server.greet()
        server.close_input()
        assert server.wait() == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there are no parent processes to watch")
def test_the_server_ends_with_the_editor_it_was_told_of() -> None:
    """Its input stays open here, as when something else inherited the editor's pipes."""
    sleeper = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-c", "import time; time.sleep(60)"])
    with RawServer(COMMAND) as server:
        try:
            server.greet(process_id=sleeper)
        finally:
            os.kill(sleeper, signal.SIGKILL)
            os.waitpid(sleeper, 0)
        assert server.wait() == 1


def test_over_tcp() -> None:
    with RawServer([*COMMAND[:-1], "--tcp", "127.0.0.1:0"], over_tcp=True) as server:
        server.greet()
        assert server.request("shutdown", None)["result"] is None
        server.notify("exit", None)
        assert server.wait() == 0


def test_the_log_file_has_every_message(tmp_path: Path) -> None:
    log = tmp_path / "lsp.log"
    with RawServer([*COMMAND, "--log-file", str(log), "--trace"]) as server:
        server.greet()
        server.request("shutdown", None)
        server.notify("exit", None)
        assert server.wait() == 0
    assert "serverInfo" in log.read_text("utf-8")
    assert server.errors() == ""


def test_a_message_that_is_no_json_does_not_end_the_server() -> None:
    with RawServer(COMMAND) as server:
        server.greet()
        server.send(b"{nonsense")
        assert server.request("shutdown", None)["result"] is None
        assert json.dumps(server.notifications).count("window/showMessage") == 1


async def _labels(client: Any, params: types.CompletionParams) -> list[str]:
    found = await client.text_document_completion_async(params)
    return [one.label for one in found.items]


FAULTY = """
import sys
from lsprotocol import types
from llmspell_lsp import server
from llmspell_lsp.serve import serve_stdio

def broken(view, params):
    print("noise")
    raise ZeroDivisionError("a fault in the server")

server.REQUESTS[types.TEXT_DOCUMENT_HOVER] = (broken, None)
sys.exit(serve_stdio())
"""


def test_a_fault_of_the_server_is_told_once_and_survived() -> None:
    with RawServer([sys.executable, "-c", FAULTY]) as server:
        server.greet()
        item = {"uri": "file:///a.lua", "languageId": "lua", "version": 1, "text": "print(1)"}
        server.notify("textDocument/didOpen", {"textDocument": item})
        target = {"textDocument": {"uri": item["uri"]}}
        for _ in range(2):
            failed = server.request("textDocument/hover", {**target, "position": {"line": 0, "character": 1}})
            assert failed["error"]["code"] == types.ErrorCodes.InternalError
            assert "a fault in the server" in failed["error"]["message"]
        assert server.request("textDocument/documentSymbol", target)["result"] == []
        server.request("shutdown", None)
        server.notify("exit", None)
        assert server.wait() == 0
    shown = [one for one in server.notifications if one["method"] == "window/showMessage"]
    assert len(shown) == 1
    assert "noise" in server.errors()
    assert "Traceback" in server.errors()
