"""What holds of the base of tools: how they run, for how long, what they need, and who is told of it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, ClassVar

import anyio
import pytest
from llmspell_engine.assembly import Launch, assemble
from llmspell_engine.config import resolve
from llmspell_engine.globals.tool import context_of
from llmspell_engine.language import Language
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, stop_if_cancelled
from llmspell_engine.tools.files import write_file
from llmspell_engine.tools.parameters import ToolParameters
from llmspell_engine.tools.requirements import Extra, Program, Requirement, Setting
from support.tools import executed

KEY = Setting("searcher", "api_key", "the key of the service", "SEARCHER_TEST_KEY")


class Nothing(ToolParameters):
    """No parameters."""


class Base(Tool[Nothing]):
    """Does something."""

    name = "trial"
    category = "utility"
    Parameters = Nothing
    returns = None


class AtOnce(Base):
    """Is done at once."""

    def run(self, parameters: Nothing, context: ToolContext) -> Outcome:
        return _told(threading.current_thread().name)


class OnAThread(Base):
    """Is done on a thread."""

    blocks = True

    def run(self, parameters: Nothing, context: ToolContext) -> Outcome:
        return _told(threading.current_thread().name)


class OnTheLoop(Base):
    """Is done on the loop."""

    async def run(self, parameters: Nothing, context: ToolContext) -> Outcome:
        await anyio.lowlevel.checkpoint()
        return _told(threading.current_thread().name)


class Forever(Base):
    """Never ends by itself."""

    async def run(self, parameters: Nothing, context: ToolContext) -> Outcome:
        await anyio.sleep_forever()
        raise AssertionError


class Spinning(Base):
    """Computes until nobody waits for it."""

    blocks = True
    begun: ClassVar[threading.Event] = threading.Event()
    ended: ClassVar[threading.Event] = threading.Event()

    def run(self, parameters: Nothing, context: ToolContext) -> Outcome:
        self.begun.set()
        try:
            while True:
                stop_if_cancelled()
        finally:
            self.ended.set()


class WritingLate(Base):
    """Writes a file when it is let go on."""

    blocks = True
    may_go_on: ClassVar[threading.Event] = threading.Event()
    begun: ClassVar[threading.Event] = threading.Event()
    ended: ClassVar[threading.Event] = threading.Event()

    def run(self, parameters: Nothing, context: ToolContext) -> Outcome:
        self.begun.set()
        try:
            assert self.may_go_on.wait(20)
            write_file(context.root / "late", "late", b"x")
            return _told("written")
        finally:
            self.ended.set()


def _stop_amid(tool: Spinning | WritingLate, root: Path) -> None:
    """Stop a call once it has begun; to begin it, a busy machine may need more than the first limits."""
    tool.begun.clear()
    for seconds in (0.02, 0.2, 2, 20):
        with pytest.raises(ToolError, match=f"took longer than {seconds:g} s and was stopped"):
            executed(tool, {}, ToolContext(root, seconds=seconds))
        if tool.begun.is_set():
            return
    raise AssertionError


def _told(text: str) -> Outcome:
    return Outcome("execute", None, text, text)


@pytest.mark.parametrize(
    ("kind", "waits", "is_here"), [(AtOnce, False, True), (OnAThread, True, False), (OnTheLoop, True, True)]
)
def test_where_a_tool_runs(kind: type[Base], waits: bool, is_here: bool) -> None:
    tool = kind()
    assert tool.waits is waits
    done = executed(tool, {}, ToolContext(Path("/nowhere")))
    assert (done.text == threading.current_thread().name) is is_here


def test_one_that_is_done_at_once_holds_up_no_loop() -> None:
    done = anyio.run(AtOnce().completed, {}, ToolContext(Path("/nowhere")))
    assert done.text != threading.current_thread().name


def test_a_call_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(ToolError) as caught:
        executed(Forever(), {}, ToolContext(Path("/nowhere"), seconds=0.02))
    assert caught.value.code == "timeout"
    assert str(caught.value).startswith("trial: it took longer than 0.02 s and was stopped")


def test_a_thread_ends_when_its_call_is_stopped() -> None:
    Spinning.ended.clear()
    _stop_amid(Spinning(), Path("/nowhere"))
    assert Spinning.ended.wait(20)


@pytest.mark.parametrize(("language", "option"), [("lua", "'timeout_ms'"), ("javascript", "'timeoutMs'")])
def test_more_time_is_given_as_the_language_spells_it(language: Language, option: str) -> None:
    with pytest.raises(ToolError, match=f"allow more with {option} of the call"):
        executed(Forever(), {}, ToolContext(Path("/nowhere"), language, seconds=0.02))


def test_a_call_that_was_stopped_writes_nothing_any_more(tmp_path: Path) -> None:
    """Its thread goes on until it looks, and it looks before it writes."""
    _stop_amid(WritingLate(), tmp_path)
    WritingLate.may_go_on.set()
    assert WritingLate.ended.wait(20)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("needs", "code", "expect"),
    [
        (
            Extra("no_such_module", "media"),
            "needs_installation",
            "trial: the Python package 'no_such_module' is not installed: pip install 'llmspell[media]'",
        ),
        (Extra("json", "media"), None, ""),
        (
            Program("no-such-program", "ffmpeg"),
            "needs_installation",
            "trial: the program 'no-such-program' is not installed: install ffmpeg and have it on the PATH",
        ),
        (
            KEY,
            "needs_configuration",
            "trial: the key of the service is not configured: set 'api_key' in [tools.settings.searcher] of "
            "the configuration, or the environment variable SEARCHER_TEST_KEY",
        ),
    ],
)
@pytest.mark.parametrize("kind", [AtOnce, OnTheLoop])
def test_what_a_tool_needs(needs: Requirement, code: str | None, expect: str, kind: Any) -> None:
    made = type("Needing", (kind,), {"requires": (needs,)})()
    if code is None:
        assert executed(made, {}, ToolContext(Path("/nowhere"))).success
        return
    with pytest.raises(ToolError) as caught:
        executed(made, {}, ToolContext(Path("/nowhere")))
    assert (caught.value.code, str(caught.value)) == (code, expect)


def test_a_setting_is_configured_or_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert KEY.value(ToolContext(tmp_path)) is None
    monkeypatch.setenv("SEARCHER_TEST_KEY", "of the environment")
    assert KEY.value(ToolContext(tmp_path)) == "of the environment"
    (tmp_path / "llmspell.toml").write_text(
        "[tools.settings.searcher]\napi_key = 'a-very-secret-key'\nlimit = 3\n"
        "[tools.settings.uuid_generator]\nprefix = 'x'\n"
    )
    services = assemble(Launch(folder=tmp_path)).services
    context = context_of(services, "lua")
    services.close()
    assert KEY.value(context) == "a-very-secret-key"
    assert context.settings == {
        "searcher": {"api_key": "a-very-secret-key", "limit": 3},
        "uuid-generator": {"prefix": "x"},
    }
    assert "a-very-secret-key" in resolve(tmp_path).secrets
