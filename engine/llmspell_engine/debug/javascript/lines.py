"""Lines of execution: async functions and generators, and who waits for whom.

A coroutine is known by the address of what holds its frame, which is the same before and after an
``await``. Who awaits it is found in its promise's reactions.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from llmspell_engine.debug.javascript.layout import LAYOUT, TAG_OBJECT, Value
from llmspell_engine.debug.javascript.memory import UNSUPPORTED, RawFrame, UnsupportedError

if TYPE_CHECKING:
    from llmspell_engine.debug.javascript.frames import Frame, Modules

_PENDING = 0
_COMPLETED = 4
_DEEPEST = 200
"""How long a chain of waiting functions is followed."""


_KNOWN = """
(async function outer() {
  await (async function inner() {
    $look();
    await null;
    $look();
  })().then();
})();
0
"""
"""Looks at a function that nobody awaits yet, then at the same when one other awaits what follows it."""


class Lines:
    """The lines of execution of one context's script."""

    def __init__(self, modules: Modules) -> None:
        self._memory, self._modules = modules.memory, modules
        self._watched: tuple[int, bool, Value] | None = None
        """The coroutine of the step under way: its line, whether a generator, and what tells its state."""

    def verify(self, context: Any) -> None:
        """Compare what is read here with two async functions that are known. Raises UnsupportedError."""
        seen: list[tuple[int, ...]] = []

        def look() -> None:
            # A pointer that leads nowhere: nothing was seen.
            with contextlib.suppress(ValueError):
                seen.extend(self._seen())

        context.add_callable("$look", look)
        with self._memory.distrusted():
            context.eval(_KNOWN)
            while context.execute_pending_job():
                pass
        context.eval("delete globalThis.$look; 0")
        outer, waiting = (*seen, (), ())[:2]
        if outer or len(waiting) != 1:
            raise UnsupportedError(UNSUPPORTED)

    def _seen(self) -> Iterator[tuple[int, ...]]:
        """Who awaits the innermost function, if it is an async one as it is known here."""
        inner = next(self._memory.frames())
        if inner.coroutine + LAYOUT.async_frame != inner.address:
            return
        resolve = self._memory.value_at(inner.coroutine + LAYOUT.async_resolve)
        if resolve.tag != TAG_OBJECT:
            return
        promise = self._promise_of(resolve)
        if promise.tag == TAG_OBJECT and self._memory.class_name(promise) == "Promise":
            yield tuple(self.awaiting(inner.coroutine))

    def waiting(self) -> tuple[int | None, ...]:
        """The lines that wait for the current one, innermost first. Watches the current one's life."""
        frames = [each for each in self._memory.frames() if self._modules.known(each)]
        current = next((index for index, each in enumerate(frames) if each.coroutine), None)
        self._watch(None if current is None else frames[current])
        if current is None:
            return ()
        below = frames[current + 1 :]
        lines: list[int | None] = [each.coroutine for each in below if each.coroutine]
        if below and not below[-1].coroutine:
            lines.append(None)
        if not self._memory.is_generator(frames[current].function):
            lines += self.awaiting(frames[current].coroutine)
        return tuple(dict.fromkeys(lines))

    def is_alive(self, line: int | None) -> bool:
        """Whether the coroutine of a step can still go on."""
        if line is None or self._watched is None or self._watched[0] != line:
            return True
        _, is_generator, held = self._watched
        if is_generator:
            state: int = self._memory.word(self._memory.data(held.payload)) & 0xFFFFFFFF
            return state != _COMPLETED
        return bool(self._memory.c.JS_PromiseState(self._memory.context, held) == _PENDING)

    def awaiting(self, coroutine: int) -> list[int]:
        """The async functions that await an async function, directly or through one another."""
        found: list[int] = []
        while len(found) < _DEEPEST:
            following = next((each for each in self.reactions(coroutine) if isinstance(each, int)), None)
            if following is None or following in found:
                return found
            found.append(following)
            coroutine = following
        return found

    def suspended(self) -> list[Frame]:
        """The frames of the async functions that await the one at the bottom of the stack, innermost first.

        They are not on the stack, but their variables are where they were.
        """
        running = [each for each in self._memory.frames() if self._modules.known(each)]
        if not running or not running[-1].coroutine or self._memory.is_generator(running[-1].function):
            return []
        raws = [self.frame_of(each) for each in self.awaiting(running[-1].coroutine)]
        return [self._modules.frame(raw, known) for raw in raws if (known := self._modules.known(raw))]

    def frame_of(self, coroutine: int) -> RawFrame:
        """The frame of an async function that waits."""
        return self._memory.frame(coroutine + LAYOUT.async_frame)

    def reactions(self, coroutine: int) -> Iterator[int | Value]:
        """What happens when an async function fails: others that await it, or functions that are called."""
        promises = [self._promise(coroutine)]
        while promises and len(promises) < _DEEPEST:
            for reaction in self._rejections(promises.pop().payload):
                handler = self._memory.value_at(reaction + LAYOUT.reaction_handler)
                resolve = self._memory.value_at(reaction + LAYOUT.reaction_resolve)
                if handler.tag != TAG_OBJECT:
                    if resolve.tag == TAG_OBJECT:
                        promises.append(self._promise_of(resolve))
                elif self._memory.class_name(handler).startswith("AsyncFunction"):
                    yield self._memory.data(handler.payload)
                else:
                    yield handler

    def _rejections(self, promise: int) -> Iterator[int]:
        head = self._memory.data(promise) + LAYOUT.promise_rejections
        node = self._memory.word(head)
        while node != head:
            yield node
            node = self._memory.word(node)

    def _promise(self, coroutine: int) -> Value:
        return self._promise_of(self._memory.value_at(coroutine + LAYOUT.async_resolve))

    def _promise_of(self, resolve: Value) -> Value:
        return self._memory.value_at(self._memory.data(resolve.payload))

    def _watch(self, frame: RawFrame | None) -> None:
        if self._watched:
            self._memory.free(self._watched[2])
            self._watched = None
        if frame is None:
            return
        is_generator = self._memory.is_generator(frame.function)
        held = Value(frame.coroutine, TAG_OBJECT) if is_generator else self._promise(frame.coroutine)
        owned = self._memory.c.JS_DupValue(self._memory.context, held)
        self._watched = (frame.coroutine, is_generator, owned)
