"""Errors of a script: noticed where they are thrown, with every frame still standing.

A ``throw`` statement hands its value over. Errors that the engine or the host throws are noticed as
they are made, through ``Error.prepareStackTrace``, which is set only while an exception filter is
on. Whether anything will catch an error is told from the ``try`` statements around each frame, and
in async functions from who awaits their promise; a promise that ``import()`` or the host waits for
does not count as handled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmspell_engine.debug.javascript.guard import guarded
from llmspell_engine.debug.javascript.layout import TAG_OBJECT, Value
from llmspell_engine.debug.javascript.memory import RawFrame
from llmspell_engine.debug.javascript.promises import is_handed_on
from llmspell_engine.debug.model import ExceptionDetails

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_engine.debug.backend import Core
    from llmspell_engine.debug.javascript.frames import KnownCode, Modules
    from llmspell_engine.debug.javascript.lines import Lines
    from llmspell_engine.debug.javascript.values import Inspector
    from llmspell_engine.runtime.javascript import JavaScriptRuntime

_CONSTRUCTORS = (
    "Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError",
    "AggregateError", "InternalError",
)  # fmt: skip
_MOST_CAUSES = 10


@dataclass(frozen=True, slots=True)
class Thrown:
    """An error handed to the core: the number of its value."""

    number: int


class Errors:
    """The errors of one context's script."""

    def __init__(
        self, runtime: JavaScriptRuntime, modules: Modules, lines: Lines, inspector: Inspector, core: Core
    ) -> None:
        context = runtime.context
        memory = self._memory = modules.memory
        self._modules, self._lines = modules, lines
        self._inspector, self._core = inspector, core
        self.is_evaluating: Callable[[], bool] = lambda: False
        """Whether the debugger runs code of its own: the errors of that are not the script's."""
        made = (context.eval(f"globalThis.{name}") for name in _CONSTRUCTORS)
        self._constructors = frozenset(memory.value_of(each).payload for each in made if each is not None)
        capture = context.eval("Error.captureStackTrace")
        self._capture = memory.value_of(capture).payload
        self._promise = memory.value_of(context.eval("Promise")).payload
        context.add_callable("$created", self._created)
        runtime.lend_site_function("$made")
        self._switch = context.eval(_HOOK)
        self._held = context.eval("[]")
        self._last: tuple[int, str] | None = None
        """What was thrown last: it passes several ``throw`` statements when it is thrown again, and may come
        back as the error that ended the script."""
        self._was_uncaught = False
        """Whether it was taken for uncaught then: if not, it is told again when it turns out to be."""

    def watch(self, *, is_on: bool) -> None:
        """Notice errors of the engine and the host, or stop doing so. On the script's thread."""
        self._switch(is_on)

    @guarded
    def thrown(self, box: Any) -> None:
        """A ``throw`` statement runs; the value lies in an array, because not every one can cross."""
        if self._is_wanted():
            self._report(self._memory.element(self._memory.value_of(box), 0))

    def reported(self, error: Any, *, uncaught: bool) -> None:
        """The runtime found an error that nothing handled, after its frames had gone."""
        # A program with a syntax error never began, so there is nothing to look at: it is only printed.
        if not self._modules.flags or not self._core.wants_raised(uncaught=uncaught):
            return
        number = self._inspector.keep_object(error)
        if self._identity(number) != self._last or not self._was_uncaught:
            self._core.raised(Thrown(number), uncaught=uncaught)

    def details(self, error: Thrown, *, uncaught: bool) -> ExceptionDetails:
        """An error for the user, with what caused it."""
        kind, text, stack, cause = self._inspector.error(error.number)
        inner: list[ExceptionDetails] = []
        while cause is not None and len(inner) < _MOST_CAUSES:
            kind_inside, text_inside, stack_inside, cause = self._inspector.error(cause)
            inner.append(ExceptionDetails(kind_inside, text_inside, uncaught, stack_inside))
        return ExceptionDetails(kind, text, uncaught, stack or self._stack(), tuple(inner))

    @guarded
    def _created(self, box: Any) -> None:
        """An error is being made. It is thrown at once unless the script made it with ``new``.

        The engine also asks for the stack of what a ``throw`` statement throws, which is known by then.
        """
        if not self._is_wanted() or not self._is_thrown_by_engine():
            return
        value = self._memory.element(self._memory.value_of(box), 0)
        if value.tag == TAG_OBJECT:
            self._report(value)
        else:
            self._memory.free(value)

    def _is_wanted(self) -> bool:
        return not self.is_evaluating() and self._core.wants_raised(uncaught=True)

    def _is_thrown_by_engine(self) -> bool:
        """Below the hook's frame: a constructor is there when the script says ``new Error``."""
        frames = list(self._memory.frames())[1:]
        if not frames or frames[0].function in self._constructors:
            return False
        if frames[0].function != self._capture:
            return any(self._modules.known(each) for each in frames[:2])
        return len(frames) > 1 and self._modules.known(frames[1]) is None

    def _report(self, value: Value) -> None:
        number = self._inspector.keep(value)
        identity = self._identity(number)
        is_again = identity == self._last and value.tag == TAG_OBJECT
        # The last one is held, so that no other error can come to lie at its address.
        self._memory.set_element(self._memory.value_of(self._held), 0, value)
        self._memory.free(value)
        is_uncaught = self._is_uncaught()
        if is_again and (self._was_uncaught or not is_uncaught):
            return
        self._last, self._was_uncaught = identity, is_uncaught
        self._core.raised(Thrown(number), uncaught=is_uncaught)

    def _identity(self, number: int) -> tuple[int, str]:
        """An object's address, or the text of another value."""
        value = self._inspector.raw(number)
        self._memory.free(value)
        return (value.payload, "") if value.tag == TAG_OBJECT else (0, self._inspector.error(number)[1])

    # Whether anything will catch it.

    def _is_uncaught(self) -> bool:
        gets_promise = False
        for raw in self._memory.frames():
            known = self._modules.known(raw)
            if known is None:
                gets_promise = gets_promise or raw.function == self._promise
                continue
            if gets_promise and is_handed_on(known.source.tree, _offset(known, raw)):
                return False
            if _is_handled(known, raw):
                return False
            gets_promise = False
            if raw.coroutine and not self._memory.is_generator(raw.function):
                handled = self._is_awaited_safely(raw.coroutine)
                if handled is not None:
                    return not handled
                gets_promise = True
        return True

    def _is_awaited_safely(self, coroutine: int) -> bool | None:
        """Whether who awaits an async function catches its error; None where nobody awaits it (yet)."""
        waiting = list(self._lines.reactions(coroutine))
        if not waiting:
            return None
        return any(self._handles(each) for each in waiting)

    def _handles(self, waiting: int | Value) -> bool:
        if isinstance(waiting, Value):
            return self._modules.is_script(waiting.payload)
        raw = self._lines.frame_of(waiting)
        known = self._modules.known(raw)
        if known is not None and _is_handled(known, raw):
            return True
        return bool(self._is_awaited_safely(waiting))

    def _stack(self) -> str:
        """The stack of the frames that stand now, as the engine would write it."""
        lines = [
            f"    at {frame.known.name} ({frame.known.source.path}:{frame.line}:{frame.column})\n"
            for frame in self._modules.frames()
        ]
        return "".join(lines)


def _is_handled(known: KnownCode, raw: RawFrame) -> bool:
    """Whether a frame stands inside a ``try`` block that has a ``catch``."""
    offset = _offset(known, raw)
    return any(block.start <= offset < block.end for block in known.function.handled)


def _offset(known: KnownCode, raw: RawFrame) -> int:
    return known.source.offset(*known.position(raw))


_HOOK = """
(() => {
  const { $created, $made: made } = globalThis;
  delete globalThis.$created;
  delete globalThis.$made;
  const { get, set } = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  const call = Function.prototype.call;
  const unbound = (method) => call.bind(method);
  const read = unbound(get);
  const write = unbound(set);
  let methods;
  write(Error, (_, sites) => (methods ??= Object.getPrototypeOf(sites[0])));
  new Error().stack;
  write(Error, undefined);
  const name = unbound(methods.getFunctionName);
  const file = unbound(methods.getFileName);
  const line = unbound(methods.getLineNumber);
  const column = unbound(methods.getColumnNumber);
  const native = unbound(methods.isNative);
  const startsWith = unbound(String.prototype.startsWith);
  const prepare = (error, sites) => {
    // Where the host settles a promise, no script runs: whether the error is caught shows when it is thrown.
    let isInScript = false;
    for (let index = 0; index < sites.length; index++) {
      const path = file(sites[index]);
      isInScript ||= typeof path === "string" && !startsWith(path, "llmspell:");
    }
    if (isInScript && error instanceof Error) $created([error]);
    let text = "";
    for (let index = 0; index < sites.length; index++) {
      const site = sites[index];
      const called = name(site) || (made(site) ? "<anonymous>" : null);
      const place = native(site) ? "native" : `${file(site)}:${line(site)}:${column(site)}`;
      text += called === null ? `    at ${place}\\n` : `    at ${called} (${place})\\n`;
    }
    return text;
  };
  return (on) => {
    const now = read(Error);
    if (on && now === undefined) write(Error, prepare);
    else if (!on && now === prepare) write(Error, undefined);
  };
})()
"""
