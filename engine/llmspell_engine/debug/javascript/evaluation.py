"""Expressions in a frame, at the speed of compiled code and with real variables.

An expression is compiled as a function inside another one that declares the frame's variables it
names. For the time of a call those variables are made to lie where the frame's own lie, so that
reading and writing them reads and writes the frame's: ``const`` refuses, a variable before its
declaration throws, exactly as in the script. After the call each variable keeps a copy of its value
and lies by itself again, in case the expression has left a function behind that uses it.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import quickjs

from llmspell_engine.debug.backend import EvaluationError
from llmspell_engine.debug.javascript.code import Code
from llmspell_engine.debug.javascript.frames import address_of
from llmspell_engine.debug.javascript.hover import path_of
from llmspell_engine.debug.javascript.layout import Value
from llmspell_engine.debug.javascript.memory import Memory, RawFrame
from llmspell_engine.debug.javascript.references import Reference

if TYPE_CHECKING:
    from llmspell_engine.debug.javascript.frames import Frame, Origin, Variable
    from llmspell_engine.debug.javascript.values import Inspector
    from llmspell_engine.debug.model import EvaluateContext

Form = Literal["value", "truth", "statements"]

_NAME = re.compile(r"[\w$]+")
_AWAIT = re.compile(r"\bawait\b")
_AWAITING = "SyntaxError: await does not work while the script is stopped, because no promise is settled then"
_UNNAMEABLE = frozenset({"this", "arguments", "eval", "new"})


_NOTHING = -1
"""The number of no value: undefined."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled expression, and where the variables it names lie."""

    function: Any
    aliases: Aliases
    origins: tuple[tuple[Origin, int], ...]
    needs_receiver: bool


class Evaluator:
    """Evaluates expressions in the frames of one context's stopped script."""

    def __init__(self, memory: Memory, inspector: Inspector, global_object: Any) -> None:
        self._memory, self._inspector = memory, inspector
        self._global = global_object
        self._conditions: dict[tuple[int | None, str], Condition] = {}

    def value(self, expression: str, frame: Frame | None, context: EvaluateContext) -> int:
        """The number of an expression's value. Raises EvaluationError."""
        if context == "hover":
            return self._looked_up(expression, frame)
        return self._run(self._compiled(expression, frame, self._form(expression, context)), frame)

    def known_condition(self, condition: str, place: int | None) -> Condition | None:
        """A condition that was compiled at a statement before."""
        return self._conditions.get((place, condition))

    def condition(self, condition: str, frame: Frame, place: int | None) -> Condition:
        """A condition compiled for a statement. Raises EvaluationError."""
        compiled = self._compiled(condition, frame, "truth")
        made = Condition(self, compiled, frame.module)
        self._conditions[place, condition] = made
        return made

    def truth(self, compiled: Compiled, frame: Frame) -> bool:
        """Whether a compiled condition holds in a frame, ``this`` and ``arguments`` given to it."""
        return self._truth(self._run(compiled, frame))

    def holds_for_error(self, condition: str, error: int) -> bool:
        """Whether a condition is true that may name an error as ``error``."""
        compiled = self._inspector.compile(f'"use strict";(error=>!!({condition}\n))')
        return self._truth(self._inspector.apply(compiled, error))

    def _form(self, expression: str, context: EvaluateContext) -> Form:
        """Whether a text is an expression, or statements of the ``repl``."""
        problem = problem_in(expression)
        if problem == _AWAITING:
            raise EvaluationError(_AWAITING)
        return "statements" if problem and context == "repl" else "value"

    def _compiled(self, expression: str, frame: Frame | None, form: Form) -> Compiled:
        variables = named_in(expression, frame)
        function = self._inspector.compile(source_of(expression, variables, form))
        origins = {each.name: each.origin for each in variables}
        aliases = Aliases(self._memory, self._memory.value_of(function), list(origins))
        words = set(_NAME.findall(expression))
        needs_receiver = bool(words & {"this", "arguments", "eval"}) or form == "statements"
        return Compiled(function, aliases, tuple(origins[name] for name in aliases.names), needs_receiver)

    def _run(self, compiled: Compiled, frame: Frame | None) -> int:
        receiver = self._number_of("this", frame)
        arguments = self._number_of("arguments", frame)
        addresses = [frame.address(each) for each in compiled.origins] if frame else []
        compiled.aliases.lay_over(addresses)
        try:
            return self._inspector.run(compiled.function, receiver, arguments)
        finally:
            compiled.aliases.keep_values(addresses)

    def _number_of(self, name: str, frame: Frame | None) -> int:
        variable = frame.visible.get(name) if frame else None
        if frame is None or variable is None or frame.is_uninitialized(variable):
            return _NOTHING
        return self._inspector.keep(self._memory.value_at(variable.address))

    def _looked_up(self, expression: str, frame: Frame | None) -> int:
        path = path_of(expression)
        variable = frame.visible.get(path.name) if frame else None
        if frame is None or variable is None:
            if path.name == "this":
                return self._inspector.follow(_NOTHING, path.members)
            start = self._inspector.keep_object(self._global)
            if path.name not in self._inspector.names(start):
                raise EvaluationError(f"ReferenceError: {path.name} is not defined")
            return self._inspector.follow(start, (path.name, *path.members))
        if frame.is_uninitialized(variable):
            raise EvaluationError(f"ReferenceError: {path.name} is not initialized")
        return self._inspector.follow(
            self._inspector.keep(self._memory.value_at(variable.address)), path.members
        )

    def _truth(self, number: int) -> bool:
        value = self._inspector.raw(number)
        return bool(value.payload & 1)


class Condition:
    """A breakpoint's condition at its statement: where each variable lies in a call is known."""

    def __init__(self, evaluator: Evaluator, compiled: Compiled, module: int) -> None:
        self._evaluator, self.compiled, self._module = evaluator, compiled, module
        self._function, self._aliases = compiled.function, compiled.aliases

    def holds(self, memory: Memory, raw: RawFrame) -> bool:
        """Whether it is true in a call. Raises EvaluationError."""
        module = self._module
        self._aliases.lay_over([address_of(memory, raw, module, each) for each in self.compiled.origins])
        try:
            return bool(memory.called(self._function))
        except quickjs.JSException as problem:
            raise EvaluationError(str(problem).split("\n", 1)[0]) from None
        finally:
            self._aliases.take_back()


@functools.lru_cache(maxsize=512)
def problem_in(expression: str) -> str | None:
    """Why an expression cannot be compiled, or None. In an interpreter of its own, on any thread."""
    try:
        quickjs.Context().eval(f'"use strict";(function(){{return (\n{expression}\n)}})')
    except quickjs.JSException as problem:
        return _AWAITING if _AWAIT.search(expression) else str(problem).split("\n", 1)[0]
    return None


class Aliases:
    """The variables of a compiled expression, which can be laid over those of a frame."""

    def __init__(self, memory: Memory, function: Value, names: Sequence[str]) -> None:
        self._memory = memory
        code = Code(memory, memory.code_of(function.payload))
        references = {
            slot.name: memory.closure_cell(function.payload, slot.index)
            for slot in code.closure
            if slot.name in names
        }
        self.names = tuple(references)
        self._references = [Reference(each) for each in references.values()]

    def lay_over(self, addresses: Sequence[int]) -> None:
        """Lay the variables over others."""
        for reference, address in zip(self._references, addresses, strict=True):
            reference.lay_over(address)

    def take_back(self) -> None:
        """Let them lie by themselves again, without values."""
        for reference in self._references:
            reference.take_back()

    def keep_values(self, addresses: Sequence[int]) -> None:
        """As :meth:`take_back`, with the values they had."""
        self.take_back()
        for reference, address in zip(self._references, addresses, strict=True):
            self._memory.store(reference.own, self._memory.value_at(address))


def named_in(expression: str, frame: Frame | None) -> list[Variable]:
    """The variables of a frame that an expression may name."""
    if frame is None:
        return []
    words = set(_NAME.findall(expression))
    visible = frame.visible
    wanted = visible.values() if "eval" in words else (visible[each] for each in words if each in visible)
    return sorted((each for each in wanted if each.name not in _UNNAMEABLE), key=lambda each: each.name)


def source_of(expression: str, variables: Sequence[Variable], form: Form) -> str:
    """The text that compiles to a function which evaluates an expression."""
    declared = "".join(_declaration(each) for each in variables)
    body = json.dumps(expression) if form == "statements" else expression
    inner = f"return function(){{{_BODIES[form] % body}}}"
    return f'"use strict";(function(){{{declared}{inner}}})()'


_BODIES: dict[Form, str] = {
    "value": "return (%s\n)",
    "truth": "return !!(%s\n)",
    "statements": "return eval(%s)",
}


def _declaration(variable: Variable) -> str:
    if variable.is_constant:
        return f"const {variable.name}=0;"
    return f"let {variable.name};" if variable.is_lexical else f"var {variable.name};"
