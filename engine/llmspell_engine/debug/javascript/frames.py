"""Modules as they run, and the frames of a stopped script with their variables.

When a module begins it names itself to :meth:`Modules.started`, before any other statement of it has
run. Then its functions, which exist as bytecode, get the positions and the text of the script as it
was written: stack traces and ``toString`` are the same as without the debugger, at no cost later.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Literal

from llmspell_engine.debug.javascript.code import Code, Slot
from llmspell_engine.debug.javascript.layout import TAG_UNINITIALIZED, VALUE_SIZE
from llmspell_engine.debug.javascript.memory import Memory, RawFrame
from llmspell_engine.debug.javascript.positions import encoded, positions
from llmspell_engine.debug.javascript.references import Flags

if TYPE_CHECKING:
    from llmspell_engine.debug.javascript.declarations import Function
    from llmspell_engine.debug.javascript.probes import Prober
    from llmspell_engine.debug.javascript.source import JavaScriptSource

_OUTERMOST = -1
"""Where the scope of a function expression's own name begins: around the function."""

Origin = Literal["argument", "local", "closure", "module"]


class Places:
    """Where the instructions of a function stand in the script's text."""

    def __init__(self, code: Code, source: JavaScriptSource) -> None:
        line, column = code.line, source.column(code.line, code.column)
        self.shown: list[tuple[int, int, int]] = []
        """As stack traces are to show it: place, line, column in UTF-8 bytes."""
        self._starts = [-1]
        self._positions = [(line, column)]
        for place, line, probed in positions(code):
            column = source.column(line, probed)
            if not source.is_inserted(line, probed):
                self.shown.append((place, line, column))
            self._starts.append(place)
            self._positions.append((line, column))

    def at(self, place: int) -> tuple[int, int]:
        """The line and the column (from 1, in UTF-8 bytes) of a place in the bytecode."""
        return self._positions[bisect_right(self._starts, place) - 1]


@dataclass(frozen=True, slots=True)
class KnownCode:
    """A function of a script: its bytecode, its source and where it stands there."""

    code: Code
    source: JavaScriptSource
    function: Function
    places: Places

    def position(self, raw: RawFrame) -> tuple[int, int]:
        """The line and the column (from 1, in code points) at which a call of it is."""
        line, column = self.places.at(raw.place - self.code.start - 1)
        return line, self.source.characters(line, column)

    @property
    def is_module(self) -> bool:
        """Whether this is the module itself."""
        return self.function is self.source.scopes[0] and self.code.name == "<eval>"

    @property
    def name(self) -> str:
        """The function's name as a stack shows it."""
        return "(module)" if self.is_module else self.code.name or self.function.name or "(anonymous)"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that can be seen from a frame, and the address of its value."""

    name: str
    address: int
    is_lexical: bool
    is_constant: bool
    origin: tuple[Origin, int]
    """Where the same variable lies in another call of the function: which group, which place in it."""


@dataclass(frozen=True)
class Frame:
    """A frame of the script while it is stopped."""

    raw: RawFrame
    known: KnownCode
    line: int
    column: int
    memory: Memory
    module: int
    """The address of the module's own function."""

    @cached_property
    def locals(self) -> dict[str, Variable]:
        """The variables of the function that are in scope here, by name; ``this`` where it is used."""
        found: dict[str, tuple[int, Variable]] = {}
        seen: dict[str, int] = {}
        offset = self.known.source.offset(self.line, self.column)
        for slot in self.known.code.slots:
            if _is_hidden(slot.name):
                continue
            scope = self._scope(slot, seen, offset)
            # The innermost one counts, wherever an outer one is declared.
            if scope is not None and scope >= found.get(slot.name, (scope,))[0]:
                found[slot.name] = scope, self._variable(slot, "argument" if slot.is_argument else "local")
        return {name: variable for name, (_, variable) in found.items()}

    def _scope(self, slot: Slot, seen: dict[str, int], offset: int) -> int | None:
        """Where a variable's scope begins, None outside of it; ``seen`` counts the variables of a name."""
        if slot.is_function_name:
            return _OUTERMOST
        occurrence = seen.get(slot.name, 0)
        seen[slot.name] = occurrence + 1
        scope = self.known.function.scope(slot.name, occurrence, offset)
        return None if scope is None else scope.start

    @cached_property
    def closure(self) -> dict[str, Variable]:
        """The variables of enclosing functions that the function uses."""
        if self.known.is_module:
            return {}
        found = self._references(self.known.code, "closure")
        return {name: each for name, each in found.items() if name not in self.module_variables}

    @cached_property
    def module_variables(self) -> dict[str, Variable]:
        """The variables of the module, imports too."""
        module = self.memory.code_of(self.module)
        return self._references(Code(self.memory, module), "module")

    @cached_property
    def visible(self) -> dict[str, Variable]:
        """Every variable that can be named here."""
        return {**self.module_variables, **self.closure, **self.locals}

    def is_uninitialized(self, variable: Variable) -> bool:
        """Whether a variable's declaration has not been reached yet."""
        return self.memory.value_at(variable.address).tag == TAG_UNINITIALIZED

    def address(self, origin: tuple[Origin, int]) -> int:
        """Where a variable lies in this call."""
        return address_of(self.memory, self.raw, self.module, origin)

    def _references(self, code: Code, group: Origin) -> dict[str, Variable]:
        return {
            slot.name: self._variable(slot, group)
            for slot in code.closure
            if not _is_hidden(slot.name) and not slot.name.startswith(self.known.source.prefix)
        }

    def _variable(self, slot: Slot, group: Origin) -> Variable:
        origin = (group, slot.index)
        return Variable(slot.name, self.address(origin), slot.is_lexical, slot.is_constant, origin)


def address_of(memory: Memory, raw: RawFrame, module: int, origin: tuple[Origin, int]) -> int:
    """Where a variable lies in a call of its function."""
    group, index = origin
    if group == "argument":
        return raw.arguments + VALUE_SIZE * index
    if group == "local":
        return raw.variables + VALUE_SIZE * index
    function = raw.function if group == "closure" else module
    return memory.referenced(memory.closure_cell(function, index))


class Modules:
    """The modules that have begun, the bytecode of their functions, and the flags of their statements."""

    def __init__(self, memory: Memory, prober: Prober) -> None:
        self.memory, self._prober = memory, prober
        self._codes: dict[int, KnownCode] = {}
        self._modules: dict[int, int] = {}
        self.flags: dict[int, Flags] = {}

    def started(self, key: int) -> None:
        """Take a module that has just begun: it stands below the function that it has called."""
        source = self._prober.by_key[key]
        _, frame = islice((each for each in self.memory.frames() if self.memory.code_of(each.function)), 2)
        code = Code(self.memory, self.memory.code_of(frame.function))
        for each in _all_codes(code):
            places = _restore(each, source)
            self._codes[each.address] = KnownCode(each, source, _function_at(source, each), places)
        cells = {
            slot.name: self.memory.closure_cell(frame.function, slot.index)
            for slot in code.closure
            if slot.name.startswith(source.prefix) and slot.name != source.prefix
        }
        self._modules[key] = frame.function
        self.memory.hold(frame.function)
        self.flags[key] = Flags(self.memory, cells)

    def known(self, frame: RawFrame) -> KnownCode | None:
        """What is known of a frame's function; None for those of the engine, the host and ``eval``."""
        return self._codes.get(self.memory.code_of(frame.function))

    def is_script(self, function: int) -> bool:
        """Whether a function object is one of a script's own."""
        return self.memory.code_of(function) in self._codes

    def frames(self) -> Iterator[Frame]:
        """The script's frames, innermost first."""
        for raw in self.memory.frames():
            known = self.known(raw)
            # A class's static part runs in a function that stands nowhere in the text.
            if known is not None and known.position(raw)[0] > 0:
                yield self.frame(raw, known)

    def frame(self, raw: RawFrame, known: KnownCode) -> Frame:
        """A frame of the script's, running or waiting."""
        line, column = known.position(raw)
        return Frame(raw, known, line, column, self.memory, self._modules[known.source.key])

    def top(self) -> Frame | None:
        """The innermost frame of the script."""
        return next(self.frames(), None)

    def depth(self) -> tuple[int | None, int]:
        """The coroutine that runs (None: none), and how many frames of the script it is deep."""
        count = 0
        for raw in self.memory.frames():
            if self.memory.code_of(raw.function) in self._codes:
                count += 1
                if raw.coroutine:
                    return raw.coroutine, count
        return None, count


def _all_codes(code: Code) -> Iterator[Code]:
    yield code
    for child in code.children():
        yield from _all_codes(child)


def _restore(code: Code, source: JavaScriptSource) -> Places:
    """Give a function the positions and the text that it has in the script.

    What was inserted has no position of its own there: what stands before it goes on. The debugger itself
    wants to know better, so it gets the places where something was inserted.
    """
    places = Places(code, source)
    if code.table:
        first = source.column(code.line, code.column)
        code.replace_table(encoded(places.shown, code.line, first), first)
    if code.source:
        text = code.source.decode("utf-8", "surrogatepass")
        code.replace_source(source.without_probes(text).encode("utf-8", "surrogatepass"))
    return places


def _function_at(source: JavaScriptSource, code: Code) -> Function:
    """The innermost function of the source around a bytecode function's position."""
    if code.name == "<eval>":
        return source.scopes[0]
    offset = source.offset(code.line, source.characters(code.line, code.column))
    around = [each for each in source.scopes if each.span.start <= offset < each.span.end]
    return around[-1] if around else source.scopes[0]


def _is_hidden(name: str) -> bool:
    """Whether a variable is the engine's own: ``<ret>``, ``new.target``, private names, patterns."""
    return not name or not (name[0].isalpha() or name[0] in "$_") or "." in name
