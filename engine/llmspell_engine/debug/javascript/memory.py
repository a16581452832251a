"""QuickJS's memory, read through ``ctypes``: values, variables, functions and frames.

QuickJS has no debugging interface. What a debugger wants to know lies in a few C structures, whose
offsets stand in :class:`Layout` for quickjs-ng on 64-bit machines. They are never trusted unseen:
:class:`Memory` runs a known function that calls back, and compares every field that is used
here with what it must be.

Everything here runs on the script's thread while the script stands still, except
:meth:`Flags.write`, which any thread may call: it writes one aligned word.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from _quickjs import __file__ as _library

from llmspell_engine.debug.javascript.positions import position
from llmspell_engine.debug.javascript.readable import Readable
from llmspell_engine.runtime.base import ScriptError
from llmspell_engine.runtime.javascript_native import StackLimit

TAG_OBJECT, TAG_FUNCTION_BYTECODE = -1, -2
TAG_INT, TAG_BOOL, TAG_NULL, TAG_UNDEFINED, TAG_UNINITIALIZED, TAG_EXCEPTION = 0, 1, 2, 3, 4, 6
VALUE_SIZE = 16


class UnsupportedError(ScriptError):
    """The installed QuickJS is laid out differently from what the debugger knows."""


class Value(ctypes.Structure):
    """A ``JSValue``: a payload and a tag."""

    _fields_ = (("payload", ctypes.c_uint64), ("tag", ctypes.c_int64))
    payload: int
    tag: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Offsets in bytes."""

    python_runtime: int = 16
    python_context: int = 24
    python_value: int = 24
    runtime_frame: int = 1264
    object_class: int = 18
    object_code: int = 48
    object_references: int = 56
    object_data: int = 48
    async_resolve: int = 16
    async_frame: int = 80
    promise_rejections: int = 24
    reaction_resolve: int = 16
    reaction_handler: int = 48


LAYOUT = Layout()

_FRAME = struct.Struct("<QQ8xQQ8xQ2xH4x8xQ")
"""previous, function, arguments, variables, place, number of arguments given, coroutine."""
_FRAME_COROUTINE = 72
_OWNERS_BEFORE = 4
"""How far in front of an object its number of owners lies."""
_CODE = struct.Struct("<QiIQQHHHHHHiQQIiiiiiQQ")
"""The function's bytecode from byte 24 on: buffer, length, name, variables, closure, counts (arguments,
variables, defined arguments, stack, references, closure), constants' count, realm, constants, file,
line, column, source length, position table's length (and padding), table, source."""
_CODE_AT = 24
_VARIABLE = struct.Struct("<IiiBxHi")
_CLOSURE = struct.Struct("<BxHI")
_REFERENCE_VALUE, _REFERENCE_DETACHED, _REFERENCE_FRAME = 24, 16, 40
_PC2LINE_LENGTH, _PC2LINE, _SOURCE_LENGTH, _SOURCE, _COLUMN = 104, 112, 100, 120, 96


class RawFrame(NamedTuple):
    """A frame of the interpreter's stack."""

    address: int
    previous: int
    function: int
    arguments: int
    variables: int
    place: int
    """The address in the bytecode just after the instruction that runs."""
    given: int
    """How many arguments the call has."""
    coroutine: int
    """The address of what holds the frame of a generator or async function, else 0."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A variable of a function: where it is kept, and how it was declared."""

    name: str
    index: int
    is_argument: bool
    is_lexical: bool
    is_constant: bool
    is_function_name: bool


class Code:
    """A function's bytecode. Read once: it does not change while the function lives."""

    def __init__(self, memory: Memory, address: int) -> None:
        self.address = address
        self._memory = memory
        fields = _CODE.unpack(memory.bytes_at(address + _CODE_AT, _CODE.size))
        (self.start, _, self._name, self._variables, self._closure, self._arguments, self._count,
         _, _, _, self._closure_count, self._constant_count, _, self._constants, self._file,
         self.line, self.column, self._source_length, self._table_length, _, self._table,
         self._source) = fields  # fmt: skip

    @cached_property
    def name(self) -> str:
        """The function's own name, which may be empty."""
        return self._memory.atom(self._name)

    @cached_property
    def file(self) -> str:
        """The file it was compiled from."""
        return self._memory.atom(self._file)

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Arguments, then variables, in the order of their declaration."""
        return tuple(self._slot(index) for index in range(self._arguments + self._count))

    @cached_property
    def closure(self) -> tuple[Slot, ...]:
        """The variables of enclosing functions that it uses."""
        found = []
        for index in range(self._closure_count):
            bits, _, name = _CLOSURE.unpack(self._memory.bytes_at(self._closure + 8 * index, 8))
            slot = Slot(self._memory.atom(name), index, False, bool(bits & 8), bool(bits & 16), False)
            found.append(slot)
        return tuple(found)

    def children(self) -> Iterator[Code]:
        """The functions written inside it."""
        for index in range(self._constant_count):
            value = self._memory.value_at(self._constants + VALUE_SIZE * index)
            if value.tag == TAG_FUNCTION_BYTECODE:
                yield Code(self._memory, value.payload)

    @cached_property
    def source(self) -> bytes:
        """Its text, as ``toString`` shows it."""
        return self._memory.bytes_at(self._source, self._source_length) if self._source else b""

    @cached_property
    def table(self) -> bytes:
        """The table from places in the bytecode to lines and columns."""
        return self._memory.bytes_at(self._table, self._table_length) if self._table else b""

    def replace_source(self, text: bytes) -> None:
        """Let ``toString`` show another text."""
        self._replace(_SOURCE, _SOURCE_LENGTH, text)
        self.__dict__.pop("source", None)

    def replace_table(self, table: bytes, column: int) -> None:
        """Let stack traces show other positions."""
        self._replace(_PC2LINE, _PC2LINE_LENGTH, table)
        ctypes.c_int32.from_address(self.address + _COLUMN).value = column
        self.column = column
        self.__dict__["table"] = table

    def _replace(self, pointer: int, length: int, new: bytes) -> None:
        cell = ctypes.c_uint64.from_address(self.address + pointer)
        fresh = 0
        if new:
            fresh = self._memory.c.js_malloc_rt(self._memory.runtime, len(new) + 1)
            ctypes.memmove(fresh, new + b"\0", len(new) + 1)
        old, cell.value = cell.value, fresh
        ctypes.c_int32.from_address(self.address + length).value = len(new)
        self._memory.c.js_free_rt(self._memory.runtime, old)

    def _slot(self, index: int) -> Slot:
        at = self._variables + _VARIABLE.size * index
        name, _, _, bits, _, _ = _VARIABLE.unpack(self._memory.bytes_at(at, _VARIABLE.size))
        is_argument = index < self._arguments
        place = index if is_argument else index - self._arguments
        kind = bits >> 4
        return Slot(self._memory.atom(name), place, is_argument, bool(bits & 2), bool(bits & 1), kind == 4)


class Memory:
    """The memory of one context, given the module's ``Context`` object."""

    def __init__(self, context: Any, stack_limit: StackLimit) -> None:
        self.c = _library_functions()
        self.runtime = _word(id(context) + LAYOUT.python_runtime)
        self.context = _word(id(context) + LAYOUT.python_context)
        self._frame_cell = ctypes.c_uint64.from_address(self.runtime + LAYOUT.runtime_frame)
        self._stack_limit = stack_limit
        self._atoms: dict[int, str] = {}
        self._class_names: dict[int, str] = {}
        self._script_classes: frozenset[int] = frozenset()
        self._generator_classes: frozenset[int] = frozenset()
        self._readable: Readable | None = None
        """Set while the memory is compared with what is known, and each pointer may lead nowhere."""
        with self.distrusted():
            self._verify(context)
        # The numbers of the names that only the known functions had are given to other names.
        self._atoms.clear()
        self._anchors = context.eval("[]")
        self._anchored = 0

    def called(self, function: Any, *arguments: Any) -> Any:
        """The result of a JavaScript function, called from below the script.

        The Python module lets the interpreter's stack begin anew at such a call, which is welcome while
        it lasts: a script near its limit can be inspected. Afterwards the limit is the script's again,
        or its endless recursion would never meet it.
        """
        return self._stack_limit.call(function, *arguments)

    @contextmanager
    def distrusted(self) -> Iterator[None]:
        """Read nothing in a block that cannot be read: ValueError is raised instead."""
        readable = self._readable = Readable()
        try:
            yield
        finally:
            self._readable = None
            readable.close()

    def _require(self, address: int, size: int) -> None:
        if self._readable is not None and not self._readable.holds(address, size):
            raise ValueError("a pointer leads nowhere")

    def bytes_at(self, address: int, size: int) -> bytes:
        """Some bytes at an address."""
        self._require(address, size)
        return ctypes.string_at(address, size)

    # Frames and functions.

    def frames(self) -> Iterator[RawFrame]:
        """The interpreter's frames, innermost first, those of C functions too."""
        address = self._frame_cell.value
        while address:
            frame = self.frame(address)
            yield frame
            address = frame.previous

    def caller(self) -> RawFrame:
        """The frame that called the host function which runs now: host functions have none."""
        return self.frame(self._frame_cell.value)

    def frame(self, address: int) -> RawFrame:
        """The frame at an address."""
        self._require(address, _FRAME.size)
        return RawFrame(address, *_FRAME.unpack(ctypes.string_at(address, _FRAME.size)))

    def code_of(self, function: int) -> int:
        """The address of a function's bytecode, or 0 for a function written in C."""
        self._require(function, LAYOUT.object_references + 8)
        if ctypes.c_uint16.from_address(function + LAYOUT.object_class).value not in self._script_classes:
            return 0
        return _word(function + LAYOUT.object_code)

    def is_generator(self, function: int) -> bool:
        """Whether a function is a generator's, whose frame is held by the generator object."""
        return ctypes.c_uint16.from_address(function + LAYOUT.object_class).value in self._generator_classes

    def word(self, address: int) -> int:
        """The word at an address."""
        self._require(address, 8)
        return _word(address)

    def data(self, object_: int) -> int:
        """The address of what the engine keeps for an object of one of its own classes."""
        return self.word(object_ + LAYOUT.object_data)

    def closure_cell(self, function: int, index: int) -> int:
        """The address of the reference to a variable that a function has from outside."""
        return self.word(self.word(function + LAYOUT.object_references) + 8 * index)

    def referenced(self, reference: int) -> int:
        """The address of the value that a variable reference leads to."""
        return self.word(reference + _REFERENCE_VALUE)

    def reference(self, address: int) -> Reference:
        """The variable reference at an address, which must have its value inside itself."""
        return Reference(address)

    # Values.

    def value_at(self, address: int) -> Value:
        """A copy of the value at an address; the reference stays the owner's."""
        return Value.from_buffer_copy(self.bytes_at(address, VALUE_SIZE))

    def value_of(self, held: Any) -> Value:
        """The value behind an object of the Python module."""
        return self.value_at(id(held) + LAYOUT.python_value)

    def store(self, address: int, value: Value) -> None:
        """Put a value into a variable, and let go of what was in it."""
        old = self.value_at(address)
        new = self.c.JS_DupValue(self.context, value)
        ctypes.memmove(address, ctypes.byref(new), VALUE_SIZE)
        self.c.JS_FreeValue(self.context, old)

    def set_element(self, array: Value, index: int, value: Value) -> None:
        """Put a value into an array of the debugger's own."""
        owned = self.c.JS_DupValue(self.context, value)
        self.c.JS_SetPropertyUint32(self.context, array, index, owned)

    def hold(self, function: int) -> None:
        """Keep a function, and the variables it uses, for as long as the context lives."""
        self.set_element(self.value_of(self._anchors), self._anchored, Value(function, TAG_OBJECT))
        self._anchored += 1

    def element(self, array: Value, index: int) -> Value:
        """A value out of an array of the debugger's own; the caller owns the reference."""
        found: Value = self.c.JS_GetPropertyUint32(self.context, array, index)
        return found

    def free(self, value: Value) -> None:
        """Let go of a reference."""
        self.c.JS_FreeValue(self.context, value)

    def atom(self, number: int) -> str:
        """The text of an interned string."""
        known = self._atoms.get(number) if number else ""
        if known is None and self._readable is not None:
            raise ValueError("a name is none of the known ones")
        if known is None:
            known = self._atoms[number] = self._text(number)
        return known

    def _text(self, atom: int) -> str:
        size = ctypes.c_size_t()
        text = self.c.JS_AtomToCStringLen(self.context, ctypes.byref(size), atom)
        found = ctypes.string_at(text, size.value).decode("utf-8", "surrogatepass")
        self.c.JS_FreeCString(self.context, text)
        return found

    def class_name(self, value: Value) -> str:
        """The engine's own class of an object: ``Map``, ``Promise``, ``Proxy`` …; "" for others."""
        self._require(value.payload, LAYOUT.object_data)
        number = self.c.JS_GetClassID(value)
        if number not in self._class_names:
            name = self.c.JS_GetClassName(self.runtime, number) if number else 0
            self._class_names[number] = self._text(name) if name else ""
        return "Proxy" if self.c.JS_IsProxy(value) else self._class_names[number]

    # Trust.

    def _verify(self, context: Any) -> None:
        """Compare what is read here with a stack that is known. Raises UnsupportedError."""
        problems: list[str] = []

        def look(*_: Any) -> None:
            try:
                problems.extend(self._differences())
            except (ValueError, UnicodeDecodeError, struct.error) as problem:
                problems.append(str(problem))

        if _word(self.context + 16) != self.runtime:
            raise UnsupportedError(UNSUPPORTED)
        samples = [context.eval(text) for text in _SAMPLES]
        classes = [self.c.JS_GetClassID(self.value_of(each)) for each in samples]
        self._script_classes, self._generator_classes = frozenset(classes), frozenset(classes[2:])
        self._atoms = {self.c.JS_NewAtom(self.context, name.encode()): name for name in _KNOWN_NAMES}
        context.add_callable("$look", look)
        context.eval(_KNOWN)
        context.eval("delete globalThis.$look; 0")
        for atom in self._atoms:
            self.c.JS_FreeAtom(self.context, atom)
        if problems:
            raise UnsupportedError(f"{UNSUPPORTED} ({problems[0]})")

    def _differences(self) -> Iterator[str]:
        frames = [frame for frame in self.frames() if self.code_of(frame.function)]
        if len(frames) < 2:
            yield "frames"
            return
        inner, code = frames[0], Code(self, self.code_of(frames[0].function))
        found = {
            slot.name: self.value_at(
                (inner.arguments if slot.is_argument else inner.variables) + 16 * slot.index
            )
            for slot in code.slots
        }
        captured = self.value_at(self.referenced(self.closure_cell(inner.function, 0)))
        expected: dict[str, tuple[Any, Any]] = {
            "name": (code.name, "known"),
            "file": (code.file, "<input>"),
            "names": ([slot.name for slot in code.slots], ["first", "second", "third"]),
            "first": ((found["first"].payload, found["first"].tag), (71001, TAG_INT)),
            "third": ((found["third"].payload, found["third"].tag), (71003, TAG_INT)),
            "given": (inner.given, 2),
            "caller of a host function": (self.caller(), inner),
            "closure": ([slot.name for slot in code.closure][:1], ["outer"]),
            "captured": ((captured.payload, captured.tag), (71000, TAG_INT)),
            "constant": (code.slots[2].is_constant and code.slots[2].is_lexical, True),
            "source": (code.source, b"function known(first, second) { const third = 71003; $look(outer); }"),
            "line": (code.line, 2),
            "table": (position(code, inner.place - code.start - 1)[0], 2),
            "caller": (Code(self, self.code_of(frames[1].function)).name, "around"),
        }
        yield from (name for name, (actual, wanted) in expected.items() if actual != wanted)


def _frame_of_nobody() -> ctypes.Array[ctypes.c_char]:
    """A frame that belongs to an async function with so many owners that it is never let go."""
    made = ctypes.create_string_buffer(512)
    coroutine = ctypes.addressof(made) + 256
    ctypes.c_uint64.from_buffer(made, _FRAME_COROUTINE).value = coroutine
    ctypes.c_int32.from_address(coroutine - _OWNERS_BEFORE).value = 1 << 30
    return made


class Reference:
    """A variable reference that can be laid over another variable for a time.

    While it is, the garbage collector must not count the value a second time, so it looks like a
    reference to a variable of an async function that is suspended. The collector then counts it as
    one of the function's owners; the address of its frame lies where the tag of the own value was.
    """

    def __init__(self, address: int) -> None:
        self._place = ctypes.c_uint64.from_address(address + _REFERENCE_VALUE)
        self._is_detached = ctypes.c_uint8.from_address(address + _REFERENCE_DETACHED)
        self._frame = ctypes.c_uint64.from_address(address + _REFERENCE_FRAME)
        self.own = self._place.value
        """The address of the value inside it."""
        self._own_tag = 0

    def lay_over(self, address: int) -> None:
        """Let it lead to the variable at an address."""
        self._own_tag, self._frame.value = self._frame.value, ctypes.addressof(_FRAME_OF_NOBODY)
        self._is_detached.value = 0
        self._place.value = address

    def take_back(self) -> None:
        """Let it lead to its own value again."""
        self._place.value = self.own
        self._is_detached.value = 1
        self._frame.value = self._own_tag


_FRAME_OF_NOBODY = _frame_of_nobody()


class Flags:
    """The flags of a module's statements: variables of the module that Python writes into."""

    def __init__(self, memory: Memory, cells: dict[str, int]) -> None:
        self._cells = {
            name: ctypes.c_int32.from_address(memory.referenced(reference))
            for name, reference in cells.items()
        }

    def write(self, on: set[str] | None) -> None:
        """Raise exactly these flags, or all of them for None."""
        for name, cell in self._cells.items():
            cell.value = 1 if on is None or name in on else 0


def _word(address: int) -> int:
    return ctypes.c_uint64.from_address(address).value


_SAMPLES = ("(function(){})", "(async function(){})", "(function*(){})", "(async function*(){})")
_KNOWN = """(function around(outer) { return (
function known(first, second) { const third = 71003; $look(outer); }
)(71001, 71002); })(71000)"""
_KNOWN_NAMES = ("around", "outer", "known", "first", "second", "third", "<input>", "<eval>", "$look", "this")
UNSUPPORTED = (
    "debugging JavaScript needs quickjs-ng 0.17 on a 64-bit machine; this build keeps its stack differently"
)

_Pointer, _Int, _Size = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "JS_DupValue": (Value, (_Pointer, Value)),
    "JS_FreeValue": (None, (_Pointer, Value)),
    "JS_GetException": (Value, (_Pointer,)),
    "JS_SetPropertyUint32": (_Int, (_Pointer, Value, ctypes.c_uint32, Value)),
    "JS_AtomToCStringLen": (_Pointer, (_Pointer, _Pointer, ctypes.c_uint32)),
    "JS_GetPropertyUint32": (Value, (_Pointer, Value, ctypes.c_uint32)),
    "JS_GetProxyHandler": (Value, (_Pointer, Value)),
    "JS_NewAtom": (ctypes.c_uint32, (_Pointer, ctypes.c_char_p)),
    "JS_FreeAtom": (None, (_Pointer, ctypes.c_uint32)),
    "JS_FreeCString": (None, (_Pointer, _Pointer)),
    "JS_GetClassID": (ctypes.c_uint32, (Value,)),
    "JS_GetClassName": (ctypes.c_uint32, (_Pointer, ctypes.c_uint32)),
    "JS_IsProxy": (ctypes.c_bool, (Value,)),
    "JS_GetProxyTarget": (Value, (_Pointer, Value)),
    "JS_PromiseState": (_Int, (_Pointer, Value)),
    "JS_PromiseResult": (Value, (_Pointer, Value)),
    "js_malloc_rt": (_Pointer, (_Pointer, _Size)),
    "js_free_rt": (None, (_Pointer, _Pointer)),
}


def _library_functions() -> Any:
    """QuickJS's functions; PyDLL, because they are short and must not let another thread in."""
    library = ctypes.PyDLL(_library)
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name, None)
        if function is None:
            raise UnsupportedError(UNSUPPORTED)
        function.restype, function.argtypes = result, arguments
    return library
