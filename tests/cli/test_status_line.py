"""The line that tells what is under way: what it says, when it comes, and that it makes way."""

from __future__ import annotations

import io
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from llmspell_cli.running.progress import StatusLine
from llmspell_cli.running.run import status_of_terminal
from llmspell_engine.observability.tracing import SpanKind
from support.terminal import on_terminal

LONGEST_SECONDS = 20
ERASED = "\r\x1b[2K"


class Terminal(io.StringIO):
    """Keeps what is written, and tells who waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self._came = threading.Condition()

    def write(self, text: str) -> int:
        with self._came:
            done = super().write(text)
            self._came.notify_all()
            return done

    def wait_for(self, is_there: Callable[[str], bool]) -> str:
        with self._came:
            assert self._came.wait_for(lambda: is_there(self.getvalue()), LONGEST_SECONDS), self.getvalue()
            return self.getvalue()

    @property
    def line(self) -> str:
        """What stands on the screen's last line now."""
        return self.getvalue().rpartition(ERASED)[2]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("COLUMNS", "60")
    return Terminal()


@pytest.fixture
def status(terminal: Terminal) -> Iterator[StatusLine]:
    made = StatusLine(terminal, delay=0)
    yield made
    made.close()


Spans = list[tuple[SpanKind, str]]
LINES: list[tuple[str, Spans, str]] = [
    ("a model alone", [("model", "chat m")], "chat m 0s"),
    ("an agent and its model", [("agent", "agent reader"), ("model", "chat m")], "agent reader > chat m 0s"),
    ("a tool is called one", [("tool", "calculator")], "tool calculator 0s"),
    ("a step has its name alone", [("workflow", "w"), ("step", "first")], "workflow w > first 0s"),
    ("what is not shown is left out", [("run", "x.lua"), ("tool", "tool t")], "tool t 0s"),
    (
        "too much for the terminal",
        [("agent", "a" * 60), ("tool", "tool last")],
        f"…{'a' * 41} > tool last 0s",
    ),
]


@pytest.mark.parametrize(("spans", "shown"), [one[1:] for one in LINES], ids=[one[0] for one in LINES])
def test_what_is_told(spans: Spans, shown: str, status: StatusLine, terminal: Terminal) -> None:
    with ExitStack() as stack:
        for kind, name in spans:
            stack.enter_context(status.span(kind, name))
        terminal.wait_for(lambda _: re.sub(r"\d+s$", "0s", terminal.line[2:]) == shown)
        assert terminal.line[0] in "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
        assert len(terminal.line) <= 60
    assert terminal.line == ""


def test_what_goes_on_beside_it_is_counted(status: StatusLine, terminal: Terminal) -> None:
    threads, begun, may_end = [], threading.Barrier(3), threading.Event()

    def work() -> None:
        with status.span("tool", "tool beside"), status.span("model", "chat m"):
            begun.wait(LONGEST_SECONDS)
            may_end.wait(LONGEST_SECONDS)

    for _ in range(2):
        threads.append(threading.Thread(target=work))
        threads[-1].start()
    begun.wait(LONGEST_SECONDS)
    with status.span("tool", "tool last"):
        terminal.wait_for(lambda _: terminal.line[2:].startswith("tool last and 2 more "))
    may_end.set()
    for one in threads:
        one.join(LONGEST_SECONDS)
    assert terminal.line == ""


def test_nothing_is_told_of_a_run_in_which_nothing_is_under_way(
    status: StatusLine, terminal: Terminal
) -> None:
    with status.span("run", "x.lua"):
        assert status._thread is None
    assert terminal.getvalue() == ""


def test_it_makes_way_for_what_is_written_and_waits_anew(terminal: Terminal) -> None:
    status = StatusLine(terminal, delay=0.3)
    write = status.before(terminal.write)
    with status.span("tool", "tool t"):
        terminal.wait_for(lambda _: terminal.line[2:].startswith("tool t "))
        begin = time.monotonic()
        write("hello\n")
        assert terminal.line == "hello\n"
        terminal.wait_for(lambda _: terminal.line[2:].startswith("tool t "))
        assert time.monotonic() - begin >= 0.3
    assert terminal.line == ""
    write("bye\n")
    assert terminal.line == "bye\n"
    status.close()


def test_a_terminal_that_is_gone_breaks_nothing(status: StatusLine, terminal: Terminal) -> None:
    with status.span("tool", "tool t"):
        terminal.wait_for(lambda text: "tool t" in text)
        terminal.close()
    with status.span("tool", "tool t"):
        pass
    assert status._thread is not None
    status._thread.join(LONGEST_SECONDS)
    assert not status._thread.is_alive()


SLOW = """
Tool.register{name = "slow", handler = function() Async.sleep(60) end}
Tool.invoke("slow", {})
"""


def test_a_run_on_a_terminal_tells_of_it(tmp_path: Path) -> None:
    (tmp_path / "x.lua").write_text(SLOW)
    with on_terminal([sys.executable, "-m", "llmspell_cli", "run", "x.lua"], tmp_path) as terminal:
        terminal.see(r"tool slow \d+s")
        terminal.type("\x03")
        assert terminal.end() == 130


def test_a_run_elsewhere_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert status_of_terminal() is None
    monkeypatch.setattr(sys, "stderr", None)
    assert status_of_terminal() is None
