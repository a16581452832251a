"""QuickJS's memory, read through ``ctypes``: values, variables, functions and frames.

QuickJS has no debugging interface. What a debugger wants to know lies in a few C structures, whose
offsets stand in ``layout.py`` for quickjs-ng on 64-bit machines. They are never trusted unseen:
:class:`Memory` runs a known function that calls back, and compares every field that is used
here with what it must be.

Everything here runs on the script's thread while the script stands still, except the writing of flags
(``references.py``), which any thread may do: a flag is one aligned word.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from _quickjs import __file__ as _library

from llmspell_engine.debug.javascript.code import Code
from llmspell_engine.debug.javascript.layout import (
    LAYOUT,
    REFERENCE_VALUE,
    TAG_INT,
    TAG_OBJECT,
    VALUE_SIZE,
    Value,
)
from llmspell_engine.debug.javascript.positions import position
from llmspell_engine.debug.javascript.readable import Readable
from llmspell_engine.runtime.base import ScriptError
from llmspell_engine.runtime.javascript_native import StackLimit


class UnsupportedError(ScriptError):
    """The installed QuickJS is laid out differently from what the debugger knows."""


_FRAME = struct.Struct("<QQ8xQQ8xQ2xH4x8xQ")
"""previous, function, arguments, variables, place, number of arguments given, coroutine."""


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
        return self.word(reference + REFERENCE_VALUE)

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
