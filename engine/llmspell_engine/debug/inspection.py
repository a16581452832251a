"""What the client sees of a stopped script: frames, scopes and values, each by a handle.

Everything here is asked on the script's thread while it is stopped, and forgotten when it goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.debug.handles import Handles
from llmspell_engine.debug.model import EvaluateContext, Frame, Scope, Stack, Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_engine.debug.backend import Backend, BackendFrame, BackendScope, BackendValue


class Inspection:
    """The stopped script as handles; :meth:`forget` lets all of them die."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._frames: Handles[Any] = Handles("Frame")
        self._values: Handles[tuple[Any, Any]] = Handles("Value")
        self._stack: Sequence[BackendFrame] | None = None

    def whole_stack(self) -> Sequence[BackendFrame]:
        """All frames, read once a stop."""
        if self._stack is None:
            self._stack = self._backend.stack()
        return self._stack

    def forget(self) -> None:
        """The script goes on: no frame and no value is what it was."""
        self._stack = None
        self._frames.clear()
        self._values.clear()

    def stack(self, start: int = 0, levels: int | None = None) -> Stack:
        """A window of the frames."""
        frames = self.whole_stack()
        end = start + levels if levels else len(frames)
        return Stack(tuple(self._frame(frame) for frame in frames[start:end]), len(frames))

    def scopes(self, frame_id: int) -> tuple[Scope, ...]:
        """The scopes of a frame."""
        frame = self._frames[frame_id]
        return tuple(self._scope(each, frame) for each in self._backend.scopes(frame))

    def variables(
        self,
        reference: int,
        kind: Literal["named", "indexed"] | None,
        start: int,
        count: int | None,
        hex_numbers: bool,
    ) -> tuple[Variable, ...]:
        """The parts of a scope or value."""
        token, frame = self._values[reference]
        parts = self._backend.children(token, kind, start, count, hex_numbers=hex_numbers)
        return tuple(self._variable(each, frame) for each in parts)

    def evaluate(
        self, expression: str, frame_id: int | None, context: EvaluateContext, hex_numbers: bool
    ) -> Variable:
        """The value of an expression."""
        frame = None if frame_id is None else self._frames[frame_id]
        value = self._backend.evaluate(expression, frame, context, hex_numbers=hex_numbers)
        return self._variable(value, frame)

    def set_variable(self, reference: int, name: str, expression: str) -> Variable:
        """Give a part of a scope or value a new value."""
        token, frame = self._values[reference]
        return self._variable(self._backend.set_child(token, name, expression, frame), frame)

    def _frame(self, frame: BackendFrame) -> Frame:
        return Frame(
            self._frames.add(frame.token),
            frame.name,
            frame.path,
            frame.line,
            frame.column,
            frame.end_line,
            frame.end_column,
            frame.is_subtle,
        )

    def _scope(self, scope: BackendScope, frame: Any) -> Scope:
        reference = self._handle(scope.token, frame)
        return Scope(scope.name, scope.kind, reference, scope.named, scope.indexed, scope.expensive)

    def _variable(self, value: BackendValue, frame: Any) -> Variable:
        return Variable(
            value.name,
            value.value,
            value.type,
            0 if value.token is None else self._handle(value.token, frame),
            value.named,
            value.indexed,
            value.evaluate_name,
            value.read_only,
            value.lazy,
        )

    def _handle(self, token: Any, frame: Any) -> int:
        return self._values.add((token, frame))
