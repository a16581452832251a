"""The environment, programs, and how busy the machine is."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import psutil
import pytest
from llmspell_engine.security.permissions import Permissions
from llmspell_engine.security.profiles import PROFILES
from llmspell_engine.tools.base import ToolContext
from llmspell_engine.tools.registry import tool_named
from llmspell_engine.tools.system import process_executor
from support.tools import Case, check_case, check_tool, each_case, executed, payload

ENVIRONMENT, PROCESS, MONITOR = "environment-reader", "process-executor", "system-monitor"


def allowing(root: Path, **allowed: Any) -> ToolContext:
    """The default profile with more allowed."""
    return ToolContext(root, permissions=Permissions(root=root, **allowed))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("LC_TIME", "C")
    monkeypatch.delenv("TZ", raising=False)
    monkeypatch.setenv("LLMSPELL_TEST_KEY", "secret")
    monkeypatch.setenv("LLMSPELL_TEST_PLACE", "here")


ENVIRONMENT_CALLS = [
    Case(
        "one",
        {"operation": "get", "variable_name": "LANG"},
        {"variable_name": "LANG", "value": "de_DE.UTF-8", "found": True},
        text="de_DE.UTF-8",
    ),
    Case(
        "one that is not set",
        {"operation": "get", "variable_name": "TZ"},
        {"value": None, "found": False},
        text="",
    ),
    Case(
        "of a pattern",
        {"operation": "pattern", "pattern": "LC_T*"},
        {"variables": {"LC_TIME": "C"}, "count": 1, "pattern": "LC_T*"},
        text="LC_TIME=C",
    ),
    Case(
        "none of a pattern", {"operation": "pattern", "pattern": "LLMSPELL_*"}, {"variables": {}, "count": 0}
    ),
    Case(
        "one that is not to be read",
        {"operation": "get", "variable_name": "LLMSPELL_TEST_KEY"},
        forbids="variables",
    ),
    Case(
        "setting is not allowed",
        {"operation": "set", "variable_name": "LANG", "value": "x"},
        fails=("needs_configuration", "'allow_set = true' in [tools.settings.environment-reader]"),
    ),
    Case(
        "the name is missing",
        {"operation": "get"},
        refused="'variable_name' is missing; the operation 'get' needs it",
    ),
    Case(
        "the value is missing",
        {"operation": "set", "variable_name": "A"},
        refused="'value' is missing; the operation 'set' needs it",
    ),
    Case(
        "the pattern is missing",
        {"operation": "pattern"},
        refused="'pattern' is missing; the operation 'pattern' needs it",
    ),
    Case("no operation", {}, refused="'operation' is missing"),
]


@each_case(ENVIRONMENT_CALLS)
@pytest.mark.usefixtures("environment")
def test_calls_of_the_environment_reader(case: Case, tmp_path: Path) -> None:
    check_case(ENVIRONMENT, case, tmp_path)


@pytest.mark.usefixtures("environment")
def test_what_may_be_read_is_listed_and_nothing_else(tmp_path: Path) -> None:
    listed = payload(ENVIRONMENT, {"operation": "list"})["variables"]
    assert listed["LANG"] == "de_DE.UTF-8"
    assert not [name for name in listed if name.startswith("LLMSPELL_")]
    more = allowing(tmp_path, variables=("LLMSPELL_TEST_PLACE",))
    check_case(
        ENVIRONMENT,
        Case("", {"operation": "get", "variable_name": "LLMSPELL_TEST_PLACE"}, {"value": "here"}),
        tmp_path,
        more,
    )
    strict = ToolContext(tmp_path, permissions=Permissions(rules=PROFILES["high"], root=tmp_path))
    check_case(ENVIRONMENT, Case("", {"operation": "list"}, {"variables": {}, "count": 0}), tmp_path, strict)


@pytest.mark.usefixtures("environment")
def test_a_variable_is_set_where_that_is_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    context = replace(ToolContext(tmp_path), settings={ENVIRONMENT: {"allow_set": True}})
    setting = {"operation": "set", "variable_name": "TERM", "value": "vt100"}
    check_case(ENVIRONMENT, Case("", setting, {"success": True, "value": "vt100"}), tmp_path, context)
    assert os.environ["TERM"] == "vt100"
    secret = Case("", {**setting, "variable_name": "LLMSPELL_TEST_KEY"}, forbids="variables")
    check_case(ENVIRONMENT, secret, tmp_path, context)


def python(code: str, **more: Any) -> dict[str, Any]:
    """A call that runs some Python."""
    return {"executable": sys.executable, "arguments": ["-I", "-c", code], **more}


ECHO = "import sys; print(sys.stdin.read(), end='')"
PROCESS_CALLS = [
    Case(
        "its output",
        python("print('hi')"),
        {
            "stdout": "hi\n",
            "stderr": "",
            "exit_code": 0,
            "success": True,
            "timed_out": False,
            "truncated": False,
        },
        text="hi\n",
    ),
    Case(
        "how it ends",
        python("import sys; sys.stderr.write('no'); sys.exit(3)"),
        {"exit_code": 3, "success": False, "stderr": "no"},
    ),
    Case("its input", python(ECHO, input="hé"), {"stdout": "hé"}),
    Case("input that nobody reads", python("pass", input="x" * 1_000_000), {"success": True}),
    Case(
        "words are no shell's",
        {
            "executable": sys.executable,
            "arguments": ["-I", "-c", "import sys; print(sys.argv[1])", "$HOME; `ls` *"],
        },
        {"stdout": "$HOME; `ls` *\n"},
    ),
    Case(
        "its folder",
        python("import os; print(os.path.basename(os.getcwd()))", working_directory="sub"),
        {"stdout": "sub\n"},
        files={"sub/x": ""},
    ),
    Case(
        "its variables",
        python(
            "import os; print(os.environ['PLACE'], os.environ.get('LLMSPELL_TEST_KEY'))",
            environment={"PLACE": "here"},
        ),
        {"stdout": "here None\n"},
    ),
    Case(
        "its time is over",
        python("print('begun', flush=True)\nwhile True: pass", timeout_ms=700),
        {"timed_out": True, "exit_code": None, "success": False},
    ),
    Case("no program", {}, refused="'executable' is missing"),
    Case(
        "arguments that are no list",
        {"executable": "x", "arguments": "-l"},
        refused="'arguments' must be a list, but \"-l\" was given",
    ),
    Case(
        "no time",
        {"executable": "x", "timeout_ms": 0},
        refused="'timeout_ms' must be at least 1, but 0 was given",
    ),
    Case("no such folder", python("", working_directory="no"), fails=("not_found", "does not exist")),
    Case("a folder outside", python("", working_directory=".."), forbids="read"),
    Case(
        "no such program",
        {"executable": "llmspell-no-such-program"},
        fails=("not_found", "there is no program 'llmspell-no-such-program'"),
    ),
    Case("a program that is not allowed", {"executable": "env"}, forbids="processes"),
]


@each_case(PROCESS_CALLS)
def test_calls_of_the_process_executor(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMSPELL_TEST_KEY", "secret")
    allowed = (sys.executable, "llmspell-no-such-program")
    check_case(PROCESS, case, tmp_path, allowing(tmp_path, processes=allowed))


def test_no_program_is_allowed_by_default(tmp_path: Path) -> None:
    check_case(PROCESS, Case("", python("print('hi')"), forbids="processes"), tmp_path)


def test_output_is_bounded_and_the_program_still_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_executor, "MOST_OUTPUT", 1000)
    loud = Case(
        "",
        python("print('x' * 5_000_000, end='')"),
        {"stdout": "x" * 1000, "truncated": True, "exit_code": 0},
    )
    check_case(PROCESS, loud, tmp_path, allowing(tmp_path, processes=(sys.executable,)))


CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-I", "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
{then}
"""


@pytest.mark.parametrize("then", ["time.sleep(600)", "sys.exit(0)"], ids=["its time is over", "it ends"])
def test_what_a_program_started_ends_with_it(then: str, tmp_path: Path) -> None:
    tool = tool_named(PROCESS)
    assert tool is not None
    begin = time.monotonic()
    asked = python(CHILD.format(then=then), timeout_ms=1500)
    done = executed(tool, asked, allowing(tmp_path, processes=(sys.executable,)))
    assert time.monotonic() - begin < 30
    _check_gone(int(done.result.stdout))


async def test_a_program_ends_when_nobody_waits_any_more(tmp_path: Path) -> None:
    tool = tool_named(PROCESS)
    assert tool is not None
    note = tmp_path / "pid"
    code = f"import os, time; open({str(note)!r}, 'w').write(f'{{os.getpid()}}.'); time.sleep(600)"
    context = allowing(tmp_path, processes=(sys.executable,))
    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(tool.completed, python(code), context)
            while not (note.exists() and note.read_text().endswith(".")):  # noqa: ASYNC110
                await anyio.sleep(0.02)
            tasks.cancel_scope.cancel()
    _check_gone(int(note.read_text().rstrip(".")))


@pytest.mark.parametrize("after", range(16))
def test_a_start_that_is_given_up_leaves_nothing(after: int, tmp_path: Path) -> None:
    """Whenever that is: while pipes are made, while the program starts, while they are connected."""
    tool = tool_named(PROCESS)
    assert tool is not None
    context = allowing(tmp_path, processes=(sys.executable,))

    async def give_up() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(tool.completed, python("import time; time.sleep(600)"), context)
            for _ in range(after):
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()

    def left() -> tuple[int, int]:
        return len(psutil.Process().children()), psutil.Process().num_fds()

    before = left()
    anyio.run(give_up)
    assert left() == before


def _check_gone(pid: int) -> None:
    """A process has ended, or is about to."""
    try:
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            process.wait(timeout=10)
    except psutil.NoSuchProcess:
        pass


MONITOR_CALLS = [
    Case(
        "processors",
        {"operation": "cpu"},
        {"cpu_count": psutil.cpu_count(), "total_memory_bytes": None, "disk_usage": None},
    ),
    Case(
        "memory",
        {"operation": "memory"},
        {"total_memory_bytes": psutil.virtual_memory().total, "cpu_count": None},
    ),
    Case("disks", {"operation": "disk"}, {"cpu_count": None, "formatted": None}),
    Case(
        "no such measure",
        {"operation": "gpu"},
        refused='\'operation\' must be one of "all", "stats", "cpu", "memory", "disk", but "gpu" was given; '
        'did you mean "cpu"?',
    ),
    Case("no such parameter", {"interval": 1}, refused="there is no 'interval'; there is operation"),
]


@each_case(MONITOR_CALLS)
def test_calls_of_the_system_monitor(case: Case, tmp_path: Path) -> None:
    check_case(MONITOR, case, tmp_path)


def test_all_measures_are_plausible() -> None:
    found = payload("system_monitor", {})
    assert 0 <= found["cpu_usage_percent"] <= 100
    assert 0 < found["used_memory_bytes"] < found["total_memory_bytes"]
    assert found["process_count"] > 0
    assert found["uptime_seconds"] >= 0
    assert any(disk["total_bytes"] > 0 for disk in found["disk_usage"])
    assert "memory: " in found["formatted"]
    assert found["total_memory_formatted"].endswith("iB")
    check_tool(MONITOR, {"operation": "stats"}, disk_usage=None)
