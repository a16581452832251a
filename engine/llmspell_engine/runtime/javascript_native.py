"""The part of QuickJS's C interface that its Python module does not offer, through ``ctypes``.

The module's shared object exports QuickJS's functions. The runtime uses them for four things: loading
modules from files with their real names, ``import.meta``, unhandled promise rejections, and ending a
script that catches everything.

Code that is run from here must not call a Python callable unless it runs below ``Context.eval`` or its
like and Python's lock is released: the module takes the lock for a callable. Reading and writing
properties is safe.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_MODULE_COMPILE_ONLY = 1 | 1 << 5
_WRITABLE_CONFIGURABLE = 3
_TAG_UNDEFINED, _TAG_EXCEPTION = 3, 6

STEPS = 10_000
"""After how many calls and rounds of loops the engine asks whether to end the script."""
_KEPT = 8
_MARKED_MEMORY, _NO_LIMIT, _MALLOC_STATE_SIZE = 0x5A5A_5A5A_5A50, 0, 160

_STACK = 1 << 20
"""How many bytes of the process's stack a script may use: the engine's own default."""
_MARKED_STACK = _STACK + 0x5A50
_RUNTIME_SIZE = 1400
"""How far a ``JSRuntime`` is searched; it is larger."""

_RUNTIME_OFFSET, _CONTEXT_OFFSET = 16, 24
"""Where the module's ``Context`` object keeps its two pointers: after the object header."""

_NEEDED = (
    "JS_GetRuntime", "JS_Eval", "JS_SetModuleLoaderFunc", "JS_SetInterruptHandler", "JS_Throw",
    "JS_SetHostPromiseRejectionTracker", "JS_GetImportMeta", "JS_PromiseResult", "js_malloc",
    "JS_IsUncatchableError",
)  # fmt: skip


class Value(ctypes.Structure):
    """A ``JSValue``: a payload and a tag."""

    _fields_ = (("payload", ctypes.c_uint64), ("tag", ctypes.c_int64))


_Pointer, _Text, _Int = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
_Normalize = ctypes.CFUNCTYPE(_Pointer, _Pointer, _Text, _Text, _Pointer)
_Load = ctypes.CFUNCTYPE(_Pointer, _Pointer, _Text, _Pointer)
_Rejected = ctypes.CFUNCTYPE(None, _Pointer, Value, Value, ctypes.c_bool, _Pointer)
_Interrupt = ctypes.CFUNCTYPE(_Int, _Pointer, _Pointer)

_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "JS_GetRuntime": (_Pointer, (_Pointer,)),
    "JS_Eval": (Value, (_Pointer, _Text, ctypes.c_size_t, _Text, _Int)),
    "JS_SetModuleLoaderFunc": (None, (_Pointer, _Normalize, _Load, _Pointer)),
    "JS_SetInterruptHandler": (None, (_Pointer, _Interrupt, _Pointer)),
    "JS_SetHostPromiseRejectionTracker": (None, (_Pointer, _Rejected, _Pointer)),
    "JS_GetImportMeta": (Value, (_Pointer, _Pointer)),
    "JS_GetGlobalObject": (Value, (_Pointer,)),
    "JS_GetPropertyStr": (Value, (_Pointer, Value, _Text)),
    "JS_SetMemoryLimit": (None, (_Pointer, ctypes.c_size_t)),
    "JS_NewError": (Value, (_Pointer,)),
    "JS_NewStringLen": (Value, (_Pointer, _Text, ctypes.c_size_t)),
    "JS_DefinePropertyValueStr": (_Int, (_Pointer, Value, _Text, Value, _Int)),
    "JS_PromiseResult": (Value, (_Pointer, Value)),
    "JS_IsUncatchableError": (ctypes.c_bool, (Value,)),
    "JS_DupValue": (Value, (_Pointer, Value)),
    "JS_FreeValue": (None, (_Pointer, Value)),
    "JS_GetException": (Value, (_Pointer,)),
    "JS_Throw": (Value, (_Pointer, Value)),
    "JS_SetMaxStackSize": (None, (_Pointer, ctypes.c_size_t)),
    "js_malloc": (_Pointer, (_Pointer, ctypes.c_size_t)),
}


def is_available(library: str) -> bool:
    """Whether a shared object exports what is needed here."""
    loaded = ctypes.PyDLL(library)
    return all(hasattr(loaded, name) for name in _NEEDED)


class StackLimit:
    """The limit of the interpreter's stack, kept over calls that a host function makes into it.

    The Python module lets the stack begin anew at each call, and so an endless recursion that calls the
    host, which calls back, would never meet its limit but the end of the process's own stack. The limit
    is found by its value: after one has been set, it stands beside where the stack begins and ends.
    """

    def __init__(self, library: Any, runtime: int) -> None:
        library.JS_SetMaxStackSize(runtime, _MARKED_STACK)
        place = next((at for at in range(runtime, runtime + _RUNTIME_SIZE - 16, 8) if _is_limit(at)), None)
        library.JS_SetMaxStackSize(runtime, _STACK)
        self._cells = [ctypes.c_uint64.from_address(place + 8 * index) for index in (1, 2)] if place else []

    def kept(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A JavaScript function which leaves the limit as it finds it."""
        return lambda *arguments: self.call(function, *arguments)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The result of a JavaScript function; the limit is as before when it returns."""
        before = [cell.value for cell in self._cells]
        try:
            return function(*arguments)
        finally:
            for cell, value in zip(self._cells, before, strict=True):
                cell.value = value


class Native:
    """One context's C side.

    Attributes:
        runtime: the address of the ``JSRuntime``.
        context: the address of the ``JSContext``.
        stack_limit: how deep the script's calls may go.
    """

    def __init__(self, library: str, context: Any) -> None:
        self._c = ctypes.PyDLL(library)
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(self._c, name)
            function.restype, function.argtypes = result, arguments
        self._eval, self._new_error = (_releasing(library, name) for name in ("JS_Eval", "JS_NewError"))
        self.runtime = _pointer(context, _RUNTIME_OFFSET)
        self.context = _pointer(context, _CONTEXT_OFFSET)
        if self._c.JS_GetRuntime(self.context) != self.runtime:
            raise RuntimeError("the layout of quickjs.Context has changed")
        self.stack_limit = StackLimit(self._c, self.runtime)
        self._rejected: dict[int, Value] = {}
        self._interruption: Value | None = None
        self._callbacks: list[Any] = []
        self._lock = threading.Lock()
        """Guards the interrupt handler, which is set on the script's thread and from others."""
        self._is_stopping = False
        self._box = Value(0, _TAG_UNDEFINED)
        self._interrupts: deque[Any] = deque(maxlen=_KEPT)
        """The last handlers: one may still be running when another takes its place."""
        self._is_over: Callable[[], bool] | None = None
        self._memory_used = _memory_used(self._c, self.runtime)

    def serve_modules(self, locate: Callable[[str, str], str], read: Callable[[str], Sequence[str]]) -> None:
        """Load modules: ``locate`` gives the name of a specifier in a file, ``read`` its texts.

        A text that does not compile gives way to the next; the last one's error is the script's. What
        both raise is thrown in the script with its message, and by the name of its kind.
        """

        def normalize(_context: int, importer: bytes, specifier: bytes, _data: int) -> int | None:
            try:
                name = locate(importer.decode(), specifier.decode("utf-8", "replace"))
            except Exception as error:  # noqa: BLE001 - nothing may cross the C frames
                self._throw(error)
                return None
            return self._copy(name.encode())

        def load(_context: int, name: bytes, _data: int) -> int | None:
            try:
                *others, text = read(name.decode())
            except Exception as error:  # noqa: BLE001 - nothing may cross the C frames
                self._throw(error)
                return None
            for other in others:
                module = self._compile(name, other.encode("utf-8", "surrogatepass"))
                if module is not None:
                    return module
                self._c.JS_FreeValue(self.context, self._c.JS_GetException(self.context))
            return self._compile(name, text.encode("utf-8", "surrogatepass"))

        callbacks = (_Normalize(normalize), _Load(load))
        self._callbacks += callbacks
        self._c.JS_SetModuleLoaderFunc(self.runtime, *callbacks, None)

    def watch_rejections(self) -> None:
        """Keep the promises that are rejected and have no handler, see :meth:`take_rejection`.

        The error of an interrupt is kept too, see :meth:`take_interruption`.
        """

        def tracked(context: int, promise: Value, reason: Value, handled: bool, _data: int) -> None:
            if self._interruption is None and self._c.JS_IsUncatchableError(reason):
                self._interruption = self._c.JS_DupValue(context, reason)
            if handled:
                known = self._rejected.pop(promise.payload, None)
                if known is not None:
                    self._c.JS_FreeValue(context, known)
            else:
                self._rejected[promise.payload] = self._c.JS_DupValue(context, promise)

        callback = _Rejected(tracked)
        self._callbacks.append(callback)
        self._c.JS_SetHostPromiseRejectionTracker(self.runtime, callback, None)

    def keep_box(self, name: str) -> None:
        """Keep the object of a global variable, which is handed over in it what no script is to touch."""
        target = self._c.JS_GetGlobalObject(self.context)
        self._box = self._c.JS_GetPropertyStr(self.context, target, name.encode())
        self._c.JS_FreeValue(self.context, target)

    def take_rejection(self, name: str) -> bool:
        """Put the reason of an unhandled rejection into the box; False when there is none."""
        if not self._rejected:
            return False
        promise = self._rejected.pop(next(iter(self._rejected)))  # the oldest
        reason = self._c.JS_PromiseResult(self.context, promise)
        self._define(self._box, name, reason)
        self._c.JS_FreeValue(self.context, promise)
        return True

    def take_interruption(self, name: str) -> bool:
        """Put the first error of an interrupt into the box; False when no promise was rejected with one."""
        if self._interruption is None:
            return False
        self._define(self._box, name, self._interruption)
        self._interruption = None
        return True

    def stop(self) -> None:
        """End whatever runs, now and later, with an error that cannot be caught. From any thread."""
        with self._lock:
            self._is_stopping = True
            self._interrupt_when(lambda: True)

    def let_go(self) -> None:
        """Let code run again after :meth:`stop`. On the script's thread."""
        with self._lock:
            self._is_stopping = False
            self._interrupt_when(self._is_over)

    @contextmanager
    def time_limit(self, seconds: float) -> Iterator[Callable[[], bool]]:
        """End what runs inside once a time is over, with an error that cannot be caught.

        The function that it gives tells whether that has happened.
        """
        end = time.monotonic() + seconds
        ran_out = False

        def is_over() -> bool:
            nonlocal ran_out
            ran_out = ran_out or time.monotonic() > end
            return ran_out or (self._is_over is not None and self._is_over())

        with self._lock:
            if not self._is_stopping:
                self._interrupt_when(is_over)
        try:
            yield lambda: ran_out
        finally:
            with self._lock:
                if not self._is_stopping:
                    self._interrupt_when(self._is_over)

    def close(self) -> None:
        """Let go of what is kept."""
        self._c.JS_FreeValue(self.context, self._box)
        self._box = Value(0, _TAG_UNDEFINED)
        if self._interruption is not None:
            self._c.JS_FreeValue(self.context, self._interruption)
            self._interruption = None
        while self._rejected:
            self._c.JS_FreeValue(self.context, self._rejected.popitem()[1])

    def watch(self, is_over: Callable[[], bool]) -> None:
        """Ask a function after each so many steps of the script whether to end it, as :meth:`stop` does."""
        with self._lock:
            self._is_over = is_over
            if not self._is_stopping:
                self._interrupt_when(is_over)

    def set_memory_limit(self, size: int) -> None:
        """Refuse memory beyond a number of bytes, with an error in the script."""
        self._c.JS_SetMemoryLimit(self.runtime, size)

    def memory_used(self) -> int:
        """How many bytes the script's values take; 0 where that is not known."""
        return int(self._memory_used.value) if self._memory_used is not None else 0

    def _interrupt_when(self, is_wanted: Callable[[], bool] | None) -> None:
        """Ask, every now and then while the script runs, whether to end it. The lock is held."""
        made = _Interrupt(lambda _runtime, _data: int(is_wanted())) if is_wanted else _Interrupt()
        self._interrupts.append(made)
        self._c.JS_SetInterruptHandler(self.runtime, made, None)

    def _compile(self, name: bytes, source: bytes) -> int | None:
        module = self._eval(self.context, source, len(source), name, _MODULE_COMPILE_ONLY)
        if module.tag == _TAG_EXCEPTION:
            return None
        self._describe(module.payload, name)
        # The engine's list of modules owns the module; the reference that compiling gave is released.
        self._c.JS_FreeValue(self.context, module)
        return int(module.payload)

    def _describe(self, module: int, name: bytes) -> None:
        meta = self._c.JS_GetImportMeta(self.context, module)
        for key, text in ((b"url", b"file://" + name), (b"filename", name)):
            self._define(meta, key.decode(), self._string(text))
        self._c.JS_FreeValue(self.context, meta)

    def _throw(self, raised: Exception) -> None:
        error = self._new_error(self.context)
        self._define(error, "message", self._string(str(raised).encode()))
        kind = getattr(raised, "kind", None)
        if kind is not None:
            self._define(error, "name", self._string(kind.encode()))
        self._c.JS_Throw(self.context, error)

    def _define(self, target: Value, name: str, value: Value) -> None:
        self._c.JS_DefinePropertyValueStr(self.context, target, name.encode(), value, _WRITABLE_CONFIGURABLE)

    def _string(self, text: bytes) -> Value:
        found: Value = self._c.JS_NewStringLen(self.context, text, len(text))
        return found

    def _copy(self, text: bytes) -> int:
        address: int = self._c.js_malloc(self.context, len(text) + 1)
        ctypes.memmove(address, text + b"\0", len(text) + 1)
        return address


def _memory_used(library: Any, runtime: int) -> ctypes.c_uint64 | None:
    """Where a ``JSRuntime`` counts the memory in use: before the limit, which is found by its value."""
    library.JS_SetMemoryLimit(runtime, _MARKED_MEMORY)
    words = range(runtime + 8, runtime + _MALLOC_STATE_SIZE, 8)
    place = next((at for at in words if ctypes.c_uint64.from_address(at).value == _MARKED_MEMORY), None)
    library.JS_SetMemoryLimit(runtime, _NO_LIMIT)
    return ctypes.c_uint64.from_address(place - 8) if place else None


def _releasing(library: str, name: str) -> Any:
    """A function of QuickJS that lets go of Python's lock: the script's code may run below it.

    Making an error calls ``Error.prepareStackTrace`` where there is one, and that may call a Python callable,
    for which the module takes the lock. Only for use below the module's own calls.
    """
    function = getattr(ctypes.CDLL(library), name)
    function.restype, function.argtypes = _SIGNATURES[name]
    return function


def _pointer(owner: Any, offset: int) -> int:
    return ctypes.c_void_p.from_address(id(owner) + offset).value or 0


def _is_limit(address: int) -> bool:
    """Whether the size of the stack that was just set, its top and its limit stand at an address."""
    size, top, limit = (ctypes.c_uint64.from_address(address + 8 * index).value for index in range(3))
    return size == _MARKED_STACK and top - limit == size
