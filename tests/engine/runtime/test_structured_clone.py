"""What ``structuredClone`` copies, and what it refuses, as in browsers and Node."""

from __future__ import annotations

import pytest
from support.runtime import check_out

COPIED = {
    "circles and shared parts": (
        "const a = { list: [] }; a.self = a; a.list.push(a.list, a); const b = structuredClone(a);"
        " console.log(b !== a, b.self === b, b.list[0] === b.list, b.list[1] === b)",
        "true true true true",
    ),
    "maps, sets, dates and expressions": (
        "const a = { m: new Map([['k', new Set([1, 2])]]), d: new Date(5), r: /x/gi }; a.m.set(a, 'a');"
        " const b = structuredClone(a);"
        " console.log([...b.m.get('k')].join(), b.m.get(b), b.m !== a.m, b.d.getTime(), b.r.flags)",
        "1,2 a true 5 gi",
    ),
    "holes, undefined and big numbers": (
        "const { h, u, ...rest } = structuredClone({ h: [1, , 3], u: undefined, n: -0, b: 5n });"
        " console.log(h.length, 1 in h, u, Object.is(rest.n, -0), rest.b)",
        "3 false undefined true 5n",
    ),
    "errors with their causes": (
        "const e = structuredClone(new RangeError('m', { cause: { x: 1 } }));"
        " console.log(e instanceof RangeError, e.message, e.cause.x, e.stack.length > 0)",
        "true m 1 true",
    ),
    "an error of a script's own kind as Error": (
        "class Mine extends Error { name = 'Mine' } const e = structuredClone(new Mine('m'));"
        " console.log(e.name, e instanceof Mine, e instanceof Error, e.message)",
        "Error false true m",
    ),
    "objects without their class": (
        "class P { x = 1; get y() { return 2 } } const p = structuredClone(new P());"
        " console.log(Object.getPrototypeOf(p) === Object.prototype, p.x, p.y)",
        "true 1 undefined",
    ),
    "views of one buffer": (
        "const b = new Uint8Array([1, 2, 3, 4]);"
        " const [v, w] = structuredClone([b.subarray(1, 3), new DataView(b.buffer, 2)]); v[1] = 9;"
        " console.log(v.join(), w.getUint8(0), b.join())",
        "2,9 9 1,2,3,4",
    ),
    "a buffer that moves": (
        "const b = new ArrayBuffer(4); const c = structuredClone({ b }, { transfer: [b] });"
        " console.log(c.b.byteLength, b.byteLength, b.detached)",
        "4 0 true",
    ),
    "a key like that of a prototype": (
        'const c = structuredClone(JSON.parse(\'{"__proto__": { "x": 1 }}\'));'
        " console.log(c.x, Object.keys(c).join())",
        "undefined __proto__",
    ),
}


@pytest.mark.parametrize(("text", "expect"), COPIED.values(), ids=COPIED)
def test_copies(text: str, expect: str) -> None:
    check_out("javascript", text, f"{expect}\n")


REFUSED = {
    "() => 1": "the function 'anonymous' cannot be cloned",
    "{ deep: [{ named() {} }] }": "the function 'named' cannot be cloned",
    "Symbol('s')": "Symbol(s) cannot be cloned",
    "Promise.resolve()": "Promise {} cannot be cloned",
    "Agent": "Agent {} cannot be cloned",
}


@pytest.mark.parametrize(("value", "message"), REFUSED.items())
def test_refuses(value: str, message: str) -> None:
    text = f"try {{ structuredClone({value}) }} catch (e) {{ console.log(e.name, e.message) }}"
    check_out("javascript", text, f"DataCloneError {message}\n")
