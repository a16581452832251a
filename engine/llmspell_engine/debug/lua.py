"""Lua under the debugger: probes in compiled functions, frames and values through the debug library.

What it costs, on the micro-workload of ``benchmarks/debug_overhead.py`` (1.00 is the plain run): 1.15 to
1.2 for a probe that is off in front of every statement, with every frame readable when it stops.
Measured beside it: a jump over the probe 1.25, ``if on then hook(n) end`` 1.35, ``if false then hook(n)
end`` switched in place 1.45, ``if armed[n] then hook(n) end`` 2.1. Pause, steps and breakpoints that are
set while a loop runs cost nothing before they are wanted, because switching needs no help of the script.
A false condition costs 0.25 to 0.5 microseconds, decided without leaving Lua.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import lupa.lua54
from typing_extensions import override

from llmspell_engine.debug import lua_bytecode, lua_interrupt, lua_records
from llmspell_engine.debug.backend import (
    EVALUATION_LIMIT,
    Backend,
    BackendFrame,
    BackendScope,
    BackendValue,
    Core,
    EvaluationError,
    Probe,
    ProbedSource,
)
from llmspell_engine.debug.lua_expressions import harmless, names_in
from llmspell_engine.debug.lua_probes import MARK, probe_source
from llmspell_engine.debug.model import EvaluateContext, ExceptionDetails, ExceptionFilter
from llmspell_engine.runtime.lua import LuaRuntime

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from llmspell_engine.language import Language
    from llmspell_engine.runtime.base import ScriptRuntime

_AGENT = Path(__file__).with_name("lua_agent")
_PARTS = ("agent", "frames", "rendering", "values", "expressions", "errors", "entry")
"""The files that make up the agent, one chunk, in order."""
_STRIPPED = b"""function(natives, text)
  return natives.load(natives.dump(natives.load(text, "=(debugger's agent)"), true), "=?", "b")
end"""
"""Compiles without debug information, so that the agent looks native to scripts, as the prelude does."""
_CAUGHT, _DIED = 0, 1
"""The agent's own probes: an error that a protected call catches, and one that ends a coroutine."""


class LuaBackend(Backend):
    """Lua 5.4 in lupa."""

    language: ClassVar[Language] = "lua"

    def __init__(self, core: Core) -> None:
        self._core = core
        self._lock = threading.Lock()
        self._switches: dict[int, list[lua_bytecode.Switch]] = {}
        self._error_switches: dict[int, lua_bytecode.Switch] = {}
        self._armed: frozenset[int] | None = frozenset()
        """The probes that are on; None: all."""
        self._hooks: dict[int, int] = {}
        """The addresses of the plain hooks of probes."""
        self._guards: dict[int, Sequence[str]] = {}
        self._guarded: set[int] = set()
        """The probes whose guards are in place, or cannot be."""
        self._filters: frozenset[ExceptionFilter] = frozenset()
        self._sources: dict[str, ProbedSource] = {}
        self._probes: dict[int, Probe] = {}
        self._anchors: list[Any] = []
        """What compiled code points to, and the main functions, which keep the switches' memory."""
        self._switchable = lua_bytecode.is_supported(lupa.lua54.LUA_VERSION)
        """Whether probes are switched inside compiled functions; otherwise each reports itself always."""
        self._checker = lupa.lua54.LuaRuntime(encoding=None, unpack_returned_tuples=True)
        """Another interpreter, to compile expressions while the script's own is busy."""
        self._runtime: LuaRuntime | None = None
        self._lua: Any = None
        self._serve: Any = None
        self._reached_now: Probe | None = None

    # Observing the runtime.

    @override
    def attached(self, runtime: ScriptRuntime) -> None:
        assert isinstance(runtime, LuaRuntime)
        self._runtime = runtime
        lua, natives = runtime.lua, runtime.natives
        self._lua = lua
        self._address = lua.eval(b'function(value) return string.format("%p", value) end')
        text = b"".join((_AGENT / f"{part}.lua").read_bytes() for part in _PARTS)
        agent = lua.eval(_STRIPPED)(natives, text.replace(b"$MARK", MARK.encode()))
        switches = self._switches_of(agent) if self._switchable else []
        self._make_hooks, self._report, call_strings, *hooks = agent(
            self._reached,
            self._raised,
            runtime.debug_library,
            natives,
            lua.globals(),
        )
        with self._lock:
            self._anchors += [agent, *hooks]
            self._error_switches = {switch.id: switch for switch in switches}
            self._set_error_switches()
        for switch in switches:
            switch.install(self._address_of(hooks[switch.id]))
        if not self._switchable:
            call_strings(MARK.encode())

    @override
    def transform(self, path: str, text: str) -> str:
        if not Path(path).is_absolute():
            return text
        source = self.probe(path, text)
        self._core.loaded(source)
        return source.text

    @override
    def compiled(self, path: str, function: Any) -> None:
        source = self._sources.get(path)
        if source is None or not source.probes or not self._switchable:
            return
        first = source.probes[0].id
        hooks, addresses = self._make_hooks(first, len(source.probes))
        with self._lock:
            self._anchors += [hooks, function]
            self._hooks.update(enumerate((int(each, 16) for each in addresses.split()), first))
            self._guarded.clear()
            for switch in self._switches_of(function):
                self._switches.setdefault(switch.id, []).append(switch)
                switch.set(self._is_armed(switch.id))
                switch.install(self._hooks[switch.id])

    @override
    def raised(self, error: Any, *, uncaught: bool) -> None:
        if self._core.wants_raised(uncaught=uncaught):
            self._report(error)

    # Probes.

    @override
    def probe(self, path: str, text: str) -> ProbedSource:
        known = self._sources.get(path)
        if known is not None and known.original == text:
            return known
        source = self._checked(probe_source(path, text))
        with self._lock:
            self._sources[path] = source
            self._probes.update({probe.id: probe for probe in source.probes})
        return source

    @override
    def arm(self, probe_ids: Collection[int]) -> None:
        self._set_armed(frozenset(probe_ids))

    @override
    def arm_all(self) -> None:
        self._set_armed(None)

    @override
    def guard(self, conditions: Mapping[int, Sequence[str]]) -> None:
        with self._lock:
            for probe_id in self._guarded:
                if conditions.get(probe_id) != self._guards[probe_id]:
                    self._install(probe_id, self._hooks[probe_id])
            self._guarded = {
                probe_id for probe_id in self._guarded if conditions.get(probe_id) == self._guards[probe_id]
            }
            self._guards = dict(conditions)

    def _put_guard(self, probe_id: int, serve: Any) -> None:
        """On the script's thread, at a probe: let its conditions be evaluated without coming here."""
        conditions = self._guards.get(probe_id)
        if conditions is None or probe_id in self._guarded or not self._switchable:
            return
        texts = self._lua.table_from(_encoded(each) for each in conditions)
        names = self._lua.table_from(
            self._lua.table_from(_encoded(name) for name in names_in(each)) for each in conditions
        )
        made = serve(b"make_guarded_hook", probe_id, texts, names)
        with self._lock:
            if self._guards.get(probe_id) != conditions:
                return
            self._guarded.add(probe_id)
            if made is not None:
                self._anchors.append(made)
                self._install(probe_id, int(made[2], 16))

    def _install(self, probe_id: int, hook: int) -> None:
        for switch in self._switches.get(probe_id, ()):
            switch.install(hook)

    @override
    def watch_errors(self, filters: Collection[ExceptionFilter]) -> None:
        with self._lock:
            self._filters = frozenset(filters)
            self._set_error_switches()

    def _checked(self, source: ProbedSource) -> ProbedSource:
        """A source, without its probes where these do not work: it may be at a limit of the compiler."""
        compiled = self._checker.eval(b"load")(_encoded(source.text), b"=(debugger)", b"t")
        if not isinstance(compiled, tuple):
            address = self._checker.eval(b'function(value) return string.format("%p", value) end')(compiled)
            if not self._switchable:
                return source
            found = lua_bytecode.find_switches(int(address, 16), MARK.encode())
            if len(found) == len(source.probes):
                return source
        return replace(source, text=source.original, probes=())

    def _set_armed(self, wanted: frozenset[int] | None) -> None:
        with self._lock:
            before, self._armed = self._armed, wanted
            changed = self._switches.keys() if before is None or wanted is None else before ^ wanted
            for probe_id in changed:
                for switch in self._switches.get(probe_id, ()):
                    switch.set(self._is_armed(probe_id))

    def _is_armed(self, probe_id: int) -> bool:
        return self._armed is None or probe_id in self._armed

    def _set_error_switches(self) -> None:
        for number, switch in self._error_switches.items():
            switch.set("all" in self._filters or (number == _DIED and bool(self._filters)))

    def _switches_of(self, function: Any) -> list[lua_bytecode.Switch]:
        return lua_bytecode.find_switches(self._address_of(function), MARK.encode())

    def _address_of(self, value: Any) -> int:
        return int(self._address(value), 16)

    # Called by the agent. ``serve`` is the agent's entry, running where the script has stopped.

    def _reached(self, probe_id: int, serve: Any) -> None:
        if not self._is_armed(probe_id):
            return
        before = self._serve, self._reached_now
        self._serve, self._reached_now = serve, self._probes[probe_id]
        try:
            self._core.reached(probe_id)
            self._put_guard(probe_id, serve)
            serve(b"forget")
        finally:
            self._serve, self._reached_now = before

    def _raised(self, error: Any, uncaught: bool, serve: Any) -> None:
        before = self._serve, self._reached_now
        self._serve, self._reached_now = serve, None
        try:
            self._core.raised(error, uncaught=uncaught)
            serve(b"forget")
        finally:
            self._serve, self._reached_now = before

    # Reading the stopped script.

    @override
    def depth(self) -> tuple[Any, int]:
        thread, depth = self._ask("depth")
        return thread, depth

    @override
    def waiting(self) -> tuple[Any, ...]:
        return tuple(self._ask("waiting").values())[1:]

    @override
    def is_alive(self, line: Any) -> bool:
        return bool(self._ask("alive", line))

    @override
    def stack(self) -> Sequence[BackendFrame]:
        records = list(self._ask("frames").values())
        return lua_records.frames(records, self._sources, self._reached_now)

    @override
    def scopes(self, frame: Any) -> Sequence[BackendScope]:
        return [lua_records.scope(record) for record in self._ask("scopes", frame).values()]

    @override
    def children(
        self,
        token: Any,
        kind: Literal["named", "indexed"] | None,
        start: int,
        count: int | None,
        *,
        hex_numbers: bool,
    ) -> Sequence[BackendValue]:
        records = self._ask("children", token, kind, start, count or None, hex_numbers)
        return [lua_records.value(record) for record in records.values()]

    @override
    def evaluate(
        self, expression: str, frame: Any | None, context: EvaluateContext, *, hex_numbers: bool
    ) -> BackendValue:
        if context == "hover":
            return lua_records.value(self._ask("peek", harmless(expression), frame, hex_numbers))
        with self._time_limit():
            return lua_records.value(self._ask("evaluate", expression, frame, context, hex_numbers))

    @override
    def set_child(self, token: Any, name: str, expression: str, frame: Any | None) -> BackendValue:
        with self._time_limit():
            return lua_records.value(self._ask("set_child", token, name, expression, frame))

    @override
    def condition(self, expression: str) -> bool:
        return bool(self._ask("condition", expression))

    @override
    def error_condition(self, expression: str, error: Any) -> bool:
        return bool(self._ask("error_condition", expression, error))

    @override
    def check(self, expression: str) -> str | None:
        answer = self._checker.eval(b"load")(_encoded(f"return {expression}"), b"=(debugger)", b"t")
        return lua_records.message(answer[1]) if isinstance(answer, tuple) else None

    @override
    def describe_error(self, error: Any, *, uncaught: bool) -> ExceptionDetails:
        places = [frame for frame in self.stack() if not frame.is_subtle]
        trace = "\n".join(f"{frame.name} ({frame.path}:{frame.line})" for frame in places)
        return self._described(error, uncaught, trace)

    def _described(self, error: Any, uncaught: bool, trace: str) -> ExceptionDetails:
        record = self._ask("describe_error", error)
        cause = record[b"cause"]
        inner = () if cause is None else (self._described(cause, uncaught, ""),)
        kind, said = lua_records.text(record[b"kind"]), lua_records.text(record[b"text"])
        return ExceptionDetails(kind, said, uncaught, trace, inner)

    @override
    def terminate(self) -> None:
        if self._runtime is not None:
            self._runtime.interrupt()

    def _time_limit(self) -> AbstractContextManager[None]:
        """End what is evaluated here if it takes too long, so that the script can be used again."""
        return lua_interrupt.time_limit(int(self._ask("address"), 16), EVALUATION_LIMIT)

    def _ask(self, operation: str, *arguments: Any) -> Any:
        """Ask the agent. Raises EvaluationError where it answers nil and a message."""
        try:
            answer = self._serve(operation.encode(), *[_encoded(each) for each in arguments])
        except lupa.lua54.LuaError as error:
            raise EvaluationError(lua_records.message(_encoded(str(error)))) from error
        if isinstance(answer, tuple) and answer[0] is None:
            raise EvaluationError(lua_records.message(answer[1]))
        return answer


def _encoded(value: Any) -> Any:
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
