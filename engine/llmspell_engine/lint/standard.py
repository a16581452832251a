"""The names that the languages themselves define: no script declares them, and none is undefined.

The JavaScript names are those of QuickJS; what browsers and Node add is not there when a script runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.language import Language

_LUA = """
_ENV _G _VERSION arg assert collectgarbage coroutine debug dofile error getmetatable io ipairs load
loadfile math next os package pairs pcall print rawequal rawget rawlen rawset require select
setmetatable string table tonumber tostring type utf8 warn xpcall
"""
_JAVASCRIPT = """
AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date
DOMException Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function
Infinity Int16Array Int32Array Int8Array Iterator JSON Map Math NaN Number Object Promise Proxy
RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String Symbol SyntaxError TypeError
URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet arguments
console decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite
isNaN parseFloat parseInt performance queueMicrotask undefined unescape
"""
STANDARD_NAMES: dict[Language, frozenset[str]] = {
    "lua": frozenset(_LUA.split()),
    "javascript": frozenset(_JAVASCRIPT.split()),
}
"""The global names of each language."""

OBJECT_MEMBERS = frozenset(
    [
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    ]
)
"""What every JavaScript object has."""
