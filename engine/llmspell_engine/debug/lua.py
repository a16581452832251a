"""Lua under the debugger: probes in compiled functions, frames and values through the debug library."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from llmspell_engine.debug import lua_bytecode
from llmspell_engine.debug.backend import (
    Backend,
    BackendFrame,
    BackendScope,
    BackendValue,
    Core,
    EvaluationError,
    Probe,
    ProbedSource,
)
from llmspell_engine.debug.lua_probes import MARK, probe_source
from llmspell_engine.debug.model import EvaluateContext, ExceptionDetails, ScopeKind

if TYPE_CHECKING:
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.base import ScriptRuntime

_AGENT = Path(__file__).with_name("lua_agent.lua")
_PLACE = re.compile(r"^\(debugger\):\d+: ")
"""How Lua begins a message about an evaluated expression."""


class LuaBackend(Backend):
    """Lua 5.4 in lupa."""

    language: ClassVar[Language] = "lua"

    def __init__(self, core: Core) -> None:
        self._core = core
        self._lock = threading.Lock()
        self._switches: dict[int, lua_bytecode.Switch] = {}
        self._armed: frozenset[int] | None = frozenset()
        """The probes that are on; None: all."""
        self._sources: dict[str, ProbedSource] = {}
        self._anchors: list[Any] = []
        """What compiled code points to, and the main functions, which keep the switches' memory."""
        self._runtime: Any = None
        self._lua: Any = None
        self._ask: Any = None
        self._make_probe: Any = None

    # Observing the runtime.

    def attached(self, runtime: ScriptRuntime) -> None:
        self._runtime = runtime
        self._lua = runtime.lua  # type: ignore[attr-defined]
        agent = self._lua.compile(_AGENT.read_bytes())
        lua_globals = self._lua.globals()
        self._make_probe, self._ask = agent(
            self._reached,
            self._raised,
            lua_globals[b"debug"],
            self._lua.eval(b"(coroutine.running())"),
            lua_globals,
        )
        self._address = self._lua.eval(b'function(value) return string.format("%p", value) end')
        self._anchors.append(self._lua.eval(repr(MARK).encode()))

    def transform(self, path: str, text: str) -> str:
        source = self.probe(path, text)
        self._sources[path] = source
        self._core.loaded(source)
        return source.text

    def compiled(self, path: str, function: Any) -> None:
        source = self._sources.get(path)
        if source is None or not source.probes:
            return
        base = source.probes[0].id
        hook = self._make_probe(base)
        mark, closure = self._address_of(MARK.encode()), self._address_of(function)
        switches = lua_bytecode.find_switches(closure, mark)
        assert len(switches) == len(source.probes)
        with self._lock:
            self._anchors += [hook, function]
            for switch in switches:
                self._switches[base + switch.number] = switch
                switch.set(self._is_armed(base + switch.number))
        lua_bytecode.install(closure, mark, self._address_of(hook))

    def raised(self, error: Any, *, uncaught: bool) -> None:
        if self._core.wants_raised(uncaught=uncaught):
            self._core.raised(error, uncaught=uncaught)

    # Probes.

    def probe(self, path: str, text: str) -> ProbedSource:
        return probe_source(path, text)

    def arm(self, probe_ids: Collection[int]) -> None:
        self._set_armed(frozenset(probe_ids))

    def arm_all(self) -> None:
        self._set_armed(None)

    def _set_armed(self, wanted: frozenset[int] | None) -> None:
        with self._lock:
            before, self._armed = self._armed, wanted
            changed = self._switches.keys() if before is None or wanted is None else before ^ wanted
            for probe_id in changed:
                if probe_id in self._switches:
                    self._switches[probe_id].set(self._is_armed(probe_id))

    def _is_armed(self, probe_id: int) -> bool:
        return self._armed is None or probe_id in self._armed

    def _reached(self, probe_id: int, serve: Any) -> None:
        before, self._ask = self._ask, serve
        try:
            self._core.reached(probe_id)
        finally:
            self._ask = before

    def _raised(self, error: Any, serve: Any) -> None:
        before, self._ask = self._ask, serve
        try:
            self._core.raised(error, uncaught=False)
        finally:
            self._ask = before

    # Reading the stopped script.

    def depth(self) -> tuple[Any, int]:
        thread, depth = self._ask(b"depth")
        return self._address_of(thread), depth

    def waiting(self) -> tuple[Any, ...]:
        threads = self._ask(b"waiting")
        return tuple(self._address_of(thread) for thread in threads.values())[1:]

    def stack(self) -> Sequence[BackendFrame]:
        return [self._frame(record) for record in self._ask(b"frames").values()]

    def scopes(self, frame: Any) -> Sequence[BackendScope]:
        return [
            BackendScope(_text(record[b"name"]), cast("ScopeKind", _text(record[b"kind"])), record[b"token"])
            for record in self._ask(b"scopes", frame).values()
        ]

    def children(
        self,
        token: Any,
        kind: Literal["named", "indexed"] | None,
        start: int,
        count: int | None,
        *,
        hex_numbers: bool,
    ) -> Sequence[BackendValue]:
        chosen = kind.encode() if kind else None
        records = self._ask(b"children", token, chosen, start, count or None, hex_numbers)
        return [_value(record) for record in records.values()]

    def evaluate(
        self, expression: str, frame: Any | None, context: EvaluateContext, *, hex_numbers: bool
    ) -> BackendValue:
        text = expression.encode("utf-8", "surrogateescape")
        return self._valued(self._ask(b"evaluate", text, frame, context.encode(), hex_numbers))

    def set_child(self, token: Any, name: str, expression: str, frame: Any | None) -> BackendValue:
        encoded = [each.encode("utf-8", "surrogateescape") for each in (name, expression)]
        return self._valued(self._ask(b"set_child", token, *encoded, frame))

    def condition(self, expression: str) -> bool:
        answer = self._ask(b"condition", expression.encode("utf-8", "surrogateescape"))
        if isinstance(answer, tuple):
            raise EvaluationError(_message(answer[1]))
        return bool(answer)

    def check(self, expression: str) -> str | None:
        return None

    def describe_error(self, error: Any, *, uncaught: bool) -> ExceptionDetails:
        record = self._ask(b"describe_error", error)
        return ExceptionDetails(_text(record[b"kind"]), _text(record[b"text"]), uncaught, "")

    def terminate(self) -> None:
        if self._runtime is not None:
            self._runtime.interrupt()

    def _valued(self, answer: Any) -> BackendValue:
        if isinstance(answer, tuple):
            raise EvaluationError(_message(answer[1]))
        return _value(answer)

    def _frame(self, record: Any) -> BackendFrame:
        source, line = _text(record[b"source"]), record[b"line"]
        path = source[1:] if source.startswith("@") else None
        known = self._sources.get(path or source)
        statement = _statement_at(known, line) if known else None
        native = record[b"what"] == b"C"
        return BackendFrame(
            record[b"token"],
            _frame_name(record),
            path,
            statement.line if statement else max(line, 0),
            statement.column if statement else 1,
            statement.end_line if statement else None,
            statement.end_column if statement else None,
            native,
        )

    def _address_of(self, value: Any) -> int:
        return int(self._address(value), 16)


def _statement_at(source: ProbedSource, line: int) -> Probe | None:
    """The innermost statement that has a line."""
    inside = [probe for probe in source.probes if probe.line <= line <= probe.end_line]
    return max(inside, key=lambda probe: (probe.line, -probe.end_line), default=None)


def _frame_name(record: Any) -> str:
    if record[b"what"] == b"main":
        return "main chunk"
    if record[b"name"]:
        return _text(record[b"name"])
    return "native function" if record[b"what"] == b"C" else f"function at line {record[b'defined']}"


def _value(record: Any) -> BackendValue:
    path = record[b"evaluate_name"]
    return BackendValue(
        _text(record[b"name"]),
        _text(record[b"value"]),
        _text(record[b"type"]),
        record[b"token"],
        record[b"named"],
        record[b"indexed"],
        None if path is None else _text(path),
        bool(record[b"read_only"]),
    )


def _message(said: Any) -> str:
    return _PLACE.sub("", _text(said))


def _text(raw: Any) -> str:
    return raw.decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else str(raw)
