"""Values of a stopped script: shown, taken apart and changed by ``inspector.js`` inside the interpreter.

A value is handed over by its number in a list that both sides know and that is emptied when the
script goes on. Whatever runs here runs below the module's own calls, so host functions may be called.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.debug.backend import BackendValue, EvaluationError
from llmspell_engine.debug.javascript.layout import TAG_EXCEPTION, TAG_OBJECT, Value
from llmspell_engine.debug.javascript.memory import Memory

if TYPE_CHECKING:
    from llmspell_engine.debug.javascript.frames import Frame, Variable

_STATES = ("pending", "fulfilled", "rejected")
_MOST = 1_000_000
"""How many parts are given where no number was asked for: all."""


@dataclass(frozen=True, slots=True)
class ValueToken:
    """A value of this stop: its number, and the expression that leads to it, if there is one."""

    number: int
    path: str | None = None


class Inspector:
    """The inspector of one context."""

    def __init__(self, context: Any, memory: Memory) -> None:
        self._memory = memory
        text = resources.files(__package__).joinpath("inspector.js").read_text("utf-8")
        made = context.eval(f"({text.strip()})")
        context.add_callable("$classOf", self._class_of)
        context.add_callable("$insideOf", self._inside_of)
        self._api = made(context.get("$classOf"), context.get("$insideOf"))
        context.eval("delete globalThis.$classOf; delete globalThis.$insideOf; 0")
        context.set("$api", self._api)
        names = json.loads(context.eval("JSON.stringify(Object.keys($api))"))
        self._call = {name: context.eval(f"$api.{name}") for name in names}
        context.eval("delete globalThis.$api; 0")
        self._kept = memory.value_of(self._call["kept"])
        self._has_kept = False

    def forget(self) -> None:
        """Let go of the values of a stop."""
        if self._has_kept:
            self._ask("forget")
            self._has_kept = False

    def keep(self, value: Value) -> int:
        """Take a value of the interpreter's memory up; its number."""
        self._has_kept = True
        number: int = self._ask("keep", None)
        self._memory.set_element(self._kept, number, value)
        return number

    def keep_object(self, held: Any) -> int:
        """Take a value of the Python module up; its number."""
        self._has_kept = True
        number: int = self._ask("keep", held)
        return number

    def raw(self, number: int) -> Value:
        """The value of a number; the caller owns the reference."""
        return self._memory.element(self._kept, number)

    # Showing.

    def shown(self, number: int, name: str, path: str | None, *, hex_numbers: bool) -> BackendValue:
        """A value as a variable of a name."""
        return _variable(self._answer("describe", number, name, hex_numbers), path)

    def copied(self, number: int, shown: BackendValue, *, bare: bool) -> BackendValue:
        """A value that was shown, with the whole text of a string, unquoted where it is ``bare``."""
        if shown.type != "string":
            return shown
        return replace(shown, value=self._answer("whole", number, bare))

    def variables(
        self, frame: Frame, variables: Iterable[Variable], *, hex_numbers: bool
    ) -> list[BackendValue]:
        """Variables of a frame with their values, without those whose declaration has not run yet."""
        named: list[tuple[int, str, dict[str, Any]]] = []
        for each in variables:
            if not frame.is_uninitialized(each):
                more = {"readOnly": True} if each.is_constant or each.name == "this" else {}
                named.append((self.keep(self._memory.value_at(each.address)), each.name, more))
        described = self._answer("describeAll", json.dumps(named), hex_numbers) if named else []
        return [_variable(each, each["name"]) for each in described]

    def parts(
        self,
        token: ValueToken,
        kind: Literal["named", "indexed"] | None,
        start: int,
        count: int | None,
        *,
        hex_numbers: bool,
    ) -> list[BackendValue]:
        """The parts of a value."""
        count = _MOST if count is None else count
        found = self._answer("parts", token.number, kind or "", start, count, hex_numbers)
        return [_variable(each, _joined(token.path, each.get("suffix"))) for each in found]

    def globals(self, number: int, standard: Collection[str], *, hex_numbers: bool) -> list[BackendValue]:
        """The own properties of the global object but the standard ones."""
        names = [name for name in self.names(number) if name not in standard]
        found = self._answer("members", number, json.dumps(names), hex_numbers)
        return [_variable(each, each["name"]) for each in found]

    def error(self, number: int) -> tuple[str, str, str, int | None]:
        """An error's class, message, stack, and the number of its cause."""
        found = self._answer("error", number)
        return found["id"], found["text"], found["stack"], found["cause"] if found["cause"] >= 0 else None

    def follow(self, number: int, keys: Sequence[str]) -> int:
        """A member of a member … of a value, read without running code. Raises EvaluationError."""
        followed: int = self._answer("follow", number, json.dumps(list(keys)))
        return followed

    def names(self, number: int) -> list[str]:
        """The names of an object's own properties."""
        found: list[str] = self._answer("names", number)
        return found

    # Running and changing.

    def compile(self, text: str) -> Any:
        """The function that a text evaluates to. Raises EvaluationError with the compiler's message."""
        problem = self._ask("problem", text)
        if problem:
            raise EvaluationError(problem)
        return self._ask("compile", text)

    def run(self, function: Any, receiver: int, arguments: int) -> int:
        """Call a function; the number of its result. Raises EvaluationError with what it threw."""
        number: int = self._answer("run", function, receiver, arguments)
        return number

    def apply(self, function: Any, argument: int) -> int:
        """Call a function with one value; the number of its result. Raises EvaluationError."""
        number: int = self._answer("apply", function, argument)
        return number

    def assign(self, number: int, name: str, value: int) -> None:
        """Give a property another value. Raises EvaluationError."""
        self._answer("assign", number, name, value)

    def _ask(self, function: str, *arguments: Any) -> Any:
        return self._memory.called(self._call[function], *arguments)

    def _answer(self, function: str, *arguments: Any) -> Any:
        answer = json.loads(self._ask(function, *arguments))
        if "error" in answer:
            raise EvaluationError(answer["error"])
        return answer.get("ok")

    # What the inspector asks: the engine's own knowledge of an object.

    def _class_of(self, held: Any) -> str:
        value = self._memory.value_of(held)
        return self._memory.class_name(value) if value.tag == TAG_OBJECT else ""

    def _inside_of(self, held: Any) -> str:
        """A promise's state and the number of its result; a proxy's target's and handler's numbers."""
        value, memory = self._memory.value_of(held), self._memory
        if memory.c.JS_IsProxy(value):
            parts = (memory.c.JS_GetProxyTarget, memory.c.JS_GetProxyHandler)
            return " ".join(str(self._keep_inside(get(memory.context, value))) for get in parts)
        state = _STATES[memory.c.JS_PromiseState(memory.context, value)]
        if state == "pending":
            return state
        return f"{state} {self._keep_owned(memory.c.JS_PromiseResult(memory.context, value))}"

    def _keep_inside(self, found: Value) -> int:
        """Take a part of a proxy up; the number of no value where the proxy is revoked, which throws."""
        if found.tag != TAG_EXCEPTION:
            return self._keep_owned(found)
        self._memory.free(self._memory.c.JS_GetException(self._memory.context))
        return -1

    def _keep_owned(self, value: Value) -> int:
        number = self.keep(value)
        self._memory.free(value)
        return number


def _variable(described: dict[str, Any], path: str | None) -> BackendValue:
    number = described.get("token")
    return BackendValue(
        name=described["name"],
        value=described["value"],
        type=described["type"],
        token=None if number is None else ValueToken(number, path),
        indexed=described.get("indexed"),
        evaluate_name=path,
        read_only=described.get("readOnly", False),
        lazy=described.get("lazy", False),
    )


def _joined(path: str | None, suffix: str | None) -> str | None:
    return None if path is None or suffix is None else path + suffix
