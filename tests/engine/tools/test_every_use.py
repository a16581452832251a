"""Each operation of each tool: right use in scripts of both languages, and what a failure half-way leaves.

The rows are in support/tool_uses.py; a tool, or an operation of one, that has none fails here. What tools
refuse is derived in test_every_parameter.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import anyio
import pytest
from llmspell_engine.api.tool import ToolResult
from llmspell_engine.catalog.loader import load
from llmspell_engine.catalog.model import snake
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.registry import tool_named
from support import tool_uses
from support.processes import environment
from support.runtime import Script, both, host, run
from support.tool_uses import ELSEWHERE, USES, Use, at_site, fill
from support.tools import executed
from support.web_server import WebServer, placed, web_server

CATALOG = load()
HERE = Path(__file__).parent
ROWS = [(tool, use) for tool, uses in USES.items() for use in uses]
each_use = pytest.mark.parametrize(("tool", "use"), ROWS, ids=[f"{tool} {use.chosen}" for tool, use in ROWS])


@pytest.fixture(scope="module")
def site() -> Iterator[WebServer]:
    with web_server(tool_uses.PAGES) as server:
        yield server


@pytest.fixture(autouse=True)
def language_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C.UTF-8")


# Nothing is missed


def test_every_tool_has_uses() -> None:
    assert USES.keys() | ELSEWHERE.keys() == CATALOG.tools.keys()


@pytest.mark.parametrize("tool", USES)
def test_every_operation_has_a_use(tool: str) -> None:
    properties = CATALOG.tools[tool].parameters["properties"]
    chosen = next(
        (properties[name] for name in ("operation", "type", "check_type") if name in properties), {}
    )
    used = {use.chosen or chosen.get("default", "") for use in USES[tool]}
    assert set(chosen.get("enum", ())) - used - WITH_OTHERS.get(tool, set()) == set()


WITH_OTHERS = {"service-checker": {"https"}}
"""What needs a certificate that the test's server has not: test_service_checker has it."""


@pytest.mark.parametrize(("tool", "module"), ELSEWHERE.items())
def test_what_is_tested_elsewhere_is_tested_there(tool: str, module: str) -> None:
    """There are cases of right use, of wrong parameters and of failures, in the module that has the tool."""
    text = (HERE / f"{module}.py").read_text("utf-8")
    assert f'"{tool}"' in text
    calls = [one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Call)]
    words = {word.arg for call in calls for word in call.keywords}
    called = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
    assert {"refused", "fails"} <= words
    assert "gives" in words or called & {"run_tool", "payload", "check_tool"}


# Right use

CALLS = {
    "lua": """
        for _, row in ipairs(host.rows()) do
          host.begin(row.number)
          local ok, found = pcall(Tool.execute, row.tool, row.parameters)
          if ok then host.heard(row.number, found.success, found.result, found.operation, found.message)
          else host.heard(row.number, false, found.message) end
        end""",
    "javascript": """
        for (const row of host.rows()) {
          try {
            host.begin(row.number);
            const found = await Tool.execute(row.tool, row.parameters);
            host.heard(row.number, found.success, found.result, found.operation, found.message);
          } catch (error) { host.heard(row.number, false, error.message); }
        }""",
}


@both
def test_scripts_use_every_operation(language: Language, site: WebServer, tmp_path: Path) -> None:
    rows = [
        {"number": number, "tool": tool, "parameters": at_site(use.parameters, site.url)}
        for number, (tool, use) in enumerate(ROWS)
    ]
    heard: dict[int, tuple[bool, Any]] = {}
    changed: dict[int, list[str]] = {}
    before: dict[str, bytes] = {}

    def begin(_number: float) -> None:
        empty(tmp_path)
        fill(tmp_path)
        before.clear()
        before.update(contents(tmp_path))

    def hear(
        number: float, success: bool, result: Any = None, operation: str = "", message: str = ""
    ) -> None:
        heard[int(number)] = (success and bool(operation and message), result)
        changed[int(number)] = changes(before, contents(tmp_path))

    context = tool_uses.context(tmp_path)
    services = Services(root=tmp_path, tool_settings=context.settings, permissions=context.permissions)
    names = host(rows=lambda: rows, begin=begin, heard=hear)
    ran = run(Script(language, CALLS[language], services=services, names=names))
    services.close()
    assert ran.error is None
    for number, (tool, use) in enumerate(ROWS):
        success, result = heard[number]
        assert success, (tool, use, result)
        assert changed[number] == sorted(use.changes), (tool, use)
        assert fits(in_place(use.gives, site.url), result), (tool, use, result)


def in_place(wanted: dict[str, Any], site: str) -> dict[str, Any]:
    """What is wanted, with the server's address in it."""
    text = json.dumps(placed(wanted, site)).replace("{host}", site.removeprefix("http://"))
    found: dict[str, Any] = json.loads(text)
    return found


def fits(wanted: Any, found: Any) -> bool:
    """Whether all that is wanted was found, in the spelling of either language; other fields are free."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        plain = {snake(str(key)): one for key, one in found.items()}
        return all(fits(one, plain.get(snake(key))) for key, one in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list | tuple):
        return len(wanted) == len(found) and all(map(fits, wanted, found))
    # An empty table of Lua is an empty list as well, and JavaScript has one kind of numbers.
    return bool(wanted == found or (wanted in ([], {}) and found in ([], {}, ())))


def contents(folder: Path) -> dict[str, bytes]:
    """What is in a folder, looked through again where something goes meanwhile."""
    while True:
        with suppress(FileNotFoundError):
            files = [one for one in folder.rglob("*") if one.is_file()]
            return {str(one.relative_to(folder)): one.read_bytes() for one in files}


def changes(before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def empty(folder: Path) -> None:
    for one in sorted(folder.rglob("*"), reverse=True):
        one.rmdir() if one.is_dir() and not one.is_symlink() else one.unlink()


# Failures half-way


def reads(tool: str, use: Use) -> list[str]:
    """The files that a use reads."""
    properties = CATALOG.tools[tool].parameters["properties"]
    named = [value for name, value in use.parameters.items() if _is_path(properties[name])]
    return [name for name in named if isinstance(name, str) and name in known_files()]


def _is_path(schema: Any) -> bool:
    return any(arm.get("x-complete") == "path" for arm in [schema, *schema.get("anyOf", ())])


@cache
def known_files() -> frozenset[str]:
    return frozenset({*tool_uses.files(), "d.db"})


READING = [(tool, use, name) for tool, use in ROWS for name in reads(tool, use) if use.chosen != "append"]
each_read = pytest.mark.parametrize(
    ("tool", "use", "name"), READING, ids=[f"{tool} {use.chosen} {name}" for tool, use, name in READING]
)


@each_read
def test_a_file_that_has_vanished_is_named(tool: str, use: Use, name: str, tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / name).unlink()
    before = contents(tmp_path)
    if use.chosen == "exists":
        assert executed(_tool(tool), use.parameters, tool_uses.context(tmp_path)).text == "false"
        return
    failure = _fails(tool, use, tmp_path)
    assert f"'{name}'" in failure
    assert "does not exist" in failure
    assert contents(tmp_path) == before


OF_FOLDERS = {"move", "delete", "metadata", "exists"}
"""Operations of file-operations that a folder is as good for."""


@each_read
def test_a_folder_in_the_place_of_a_file_is_named(tool: str, use: Use, name: str, tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    before = contents(tmp_path)
    if use.chosen in OF_FOLDERS or tool == "archive-handler":
        return
    assert f"'{name}'" in _fails(tool, use, tmp_path)
    assert contents(tmp_path) == before


@each_read
def test_bad_data_behind_good_data_changes_nothing(tool: str, use: Use, name: str, tmp_path: Path) -> None:
    """A file whose second half is noise is told, or is no concern of the tool; nothing is left behind."""
    fill(tmp_path)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2] + b"\xff\x00\x9f" * 50)
    before = contents(tmp_path)
    failure, expected = "", set(use.changes)
    try:
        executed(_tool(tool), use.parameters, tool_uses.context(tmp_path))
    except ToolError as error:
        failure, expected = str(error), set()
    assert failure == "" or failure.startswith(f"{tool}: ")
    assert set(changes(before, contents(tmp_path))) <= expected


FETCHING = [(tool, use) for tool, use in ROWS if "{site}" in json.dumps(use.parameters)]


@pytest.mark.parametrize(("tool", "use"), FETCHING, ids=[f"{tool} {use.chosen}" for tool, use in FETCHING])
def test_an_answer_that_breaks_off_is_no_answer(tool: str, use: Use, tmp_path: Path) -> None:
    """The server dies in the middle of what it announced."""
    from dataclasses import replace

    pages = {path: replace(one, promised=100_000) for path, one in tool_uses.PAGES.items()}  # type: ignore[type-var]
    with web_server(pages) as dying:
        given = at_site(use.parameters, dying.url)
        # What is complete before that is all that was asked for.
        if tool == "service-checker" or use.chosen == "subscription":
            assert executed(_tool(tool), given, tool_uses.context(tmp_path)).success
            return
        with pytest.raises(ToolError) as caught:
            executed(_tool(tool), given, tool_uses.context(tmp_path))
    assert "broke off" in str(caught.value) or "broken" in str(caught.value)
    assert contents(tmp_path) == {}


WAITING = [(tool, use) for tool, use in ROWS if tool_named(tool).waits]  # type: ignore[union-attr]


@pytest.mark.parametrize(("tool", "use"), WAITING, ids=[f"{tool} {use.chosen}" for tool, use in WAITING])
def test_a_call_that_is_cancelled_changes_nothing(
    tool: str, use: Use, site: WebServer, tmp_path: Path
) -> None:
    fill(tmp_path)
    before = contents(tmp_path)
    ended = anyio.run(_cancelled, tool, at_site(use.parameters, site.url), tool_uses.context(tmp_path))
    allowed = ([], sorted(use.changes))
    deadline = time.monotonic() + 20
    # A thread that is left behind may be about to look whether anybody waits for it.
    while ended is None and changes(before, contents(tmp_path)) not in allowed:
        assert time.monotonic() < deadline, changes(before, contents(tmp_path))
        threading.Event().wait(0.005)


async def _cancelled(tool: str, parameters: dict[str, Any], context: ToolContext) -> ToolResult | None:
    """What a call came to that nobody waits for any more as soon as it has begun."""
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_soon, scope)
            found: ToolResult = await _tool(tool).completed(parameters, context)
            group.cancel_scope.cancel()
            return found
    return None


async def _cancel_soon(scope: anyio.CancelScope) -> None:
    await anyio.lowlevel.checkpoint()
    scope.cancel()


FULL_DISK = """
import json, resource, sys
# Compiled Python of which only the beginning fits would be kept for other tests.
sys.dont_write_bytecode = True
from pathlib import Path
from support import tool_uses
from support.tools import executed
from llmspell_engine.tools.base import ToolError
from llmspell_engine.tools.registry import tool_named

for tool, parameters, root, largest in json.load(sys.stdin):
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    try:
        done = executed(tool_named(tool), parameters, tool_uses.context(Path(root)))
        told = done.error.message if done.error else None
    except ToolError as error:
        told = str(error)
    sys.stdout.write(json.dumps(told) + "\\n")
    sys.stdout.flush()
"""
"""A process whose files may get only so large; it tells what calls failed with."""
WRITING = [(tool, use, 0) for tool, use in ROWS if use.changes]
LARGE = "x" * 5000
HALF_WAY = [
    ("file-operations", Use({"operation": "append", "path": "a.txt", "input": LARGE}, {}), 1000),
    ("file-operations", Use({"operation": "append", "path": "new.txt", "input": LARGE}, {}), 1000),
    ("file-operations", Use({"operation": "write", "path": "a.txt", "input": LARGE}, {}), 1000),
    (
        "file-operations",
        Use({"operation": "copy", "source_path": "more", "target_path": "copied", "recursive": True}, {}),
        1000,
    ),
    (
        "file-operations",
        Use({"operation": "copy", "source_path": "more/b", "target_path": "a.txt"}, {}),
        1000,
    ),
    ("archive-handler", Use({"operation": "extract", "path": "more.zip", "target_path": "out"}, {}), 1000),
    (
        "archive-handler",
        Use({"operation": "create", "path": "x.zip", "input": ["more"], "compression_level": 0}, {}),
        1000,
    ),
]
"""What fails with some of it written: at its second file, or in the middle of one."""


@pytest.mark.skipif(sys.platform == "win32", reason="only Unix limits how large files may get")
@pytest.mark.parametrize("rows", [WRITING, HALF_WAY], ids=["at once", "half-way"])
def test_a_full_disk_leaves_what_was_there(rows: list[tuple[str, Use, int]], tmp_path: Path) -> None:
    """What was there stays, nothing is left beside it, and the file is named."""
    roots = [tmp_path / str(number) for number in range(len(rows))]
    for root in roots:
        (root / "more").mkdir(parents=True)
        fill(root)
        (root / "more" / "a").write_text("small")
        (root / "more" / "b").write_text(LARGE)
        with zipfile.ZipFile(root / "more.zip", "w") as archive:
            archive.write(root / "more" / "a", "a")
            archive.write(root / "more" / "b", "b")
    before = [contents(root) for root in roots]
    given = [
        [tool, use.parameters, str(root), most] for (tool, use, most), root in zip(rows, roots, strict=True)
    ]
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK],
        input=json.dumps(given),
        env={**environment(), "PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(told) == len(rows), ran.stderr
    for (tool, use, _), root, was, message in zip(rows, roots, before, told, strict=True):
        if message is None:
            assert use.chosen in NEED_NO_ROOM, (tool, use)
            continue
        assert changes(was, contents(root)) == [], (tool, use)
        assert "File too large" in message, (tool, use, message)
        assert any(f"'{name}'" in message for name in named(use)), (tool, use, message)


NEED_NO_ROOM = {"delete", "move"}


def named(use: Use) -> list[str]:
    """What errors may call the file that could not be written."""
    return [value for value in use.parameters.values() if isinstance(value, str)] + list(use.changes)


def _fails(tool: str, use: Use, root: Path) -> str:
    with pytest.raises(ToolError) as caught:
        executed(_tool(tool), use.parameters, tool_uses.context(root))
    assert str(caught.value).startswith(f"{tool}: ")
    return str(caught.value)


def _tool(name: str) -> Any:
    tool = tool_named(name)
    assert tool is not None
    return tool
