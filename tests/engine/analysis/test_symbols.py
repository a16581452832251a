"""The outline of a script."""

from __future__ import annotations

import pytest
from support.analysis import check_symbols, opened, path_of


@pytest.mark.parametrize(
    ("source", "expect"),
    [
        ("", []),
        ("local a = 1", ["variable a"]),
        ("local a <const> = 1", ["constant a"]),
        ("counter = 1\ncounter = 2", ["variable counter"]),
        ("function go(a, ...) end", ["function go(a, ...)"]),
        ("local function go() local x = 1 end", ["function go()"]),
        ("local function go() local function inner(a) end end", ["function go()", "  function inner(a)"]),
        ("local go = function(a) end", ["function go(a)"]),
        ("local M = {}\nfunction M.go(a) end\nfunction M:run() end",
         ["variable M", "function M.go(a)", "method M:run()"]),
        ("local M = {}\nM.go = function(a) end", ["variable M", "function M.go(a)"]),
        ("local t = { go = function() end, n = 1, inner = { f = function(x) end } }",
         ["variable t", "  function go()", "  field inner", "    function f(x)"]),
        ("do local hidden = 1 end", []),
        ("for i = 1, 3 do end", []),
        ("local a, b = 1, 2", ["variable a", "variable b"]),
        ("local function f() end\nlocal x = f()", ["function f()", "variable x"]),
        ("local f = wrap(function() local function inner() end end)", ["variable f", "  function inner()"]),
        ("local a = Agent.\nlocal function f() end", ["variable a", "function f()"]),
    ],
)  # fmt: skip
def test_symbols_in_lua(source: str, expect: list[str]) -> None:
    check_symbols(source, expect=expect)


@pytest.mark.parametrize(
    ("source", "expect"),
    [
        ("const a = 1; let b = 2; var c;", ["constant a", "variable b", "variable c"]),
        ("function go(a) { function inner() {} }", ["function go(a)", "  function inner()"]),
        ("const go = (a, ...rest) => 1;", ["function go(a, ...rest)"]),
        ("class K { constructor(a) {} go() {} static make() {} }",
         ["class K", "  method constructor(a)", "  method go()", "  method make()"]),
        ("const o = { go() {}, f: () => 1, n: 1 };", ["constant o", "  method go()", "  function f()"]),
        ("export function go() {}", ["function go()"]),
        ("export const a = 1;", ["constant a"]),
        ("import { a } from './m.js';", ["module a"]),
        ("const { a, b: c } = x;", ["constant a", "constant c"]),
        ("if (x) { const hidden = 1; function shown() {} }", ["function shown()"]),
    ],
)  # fmt: skip
def test_symbols_in_javascript(source: str, expect: list[str]) -> None:
    check_symbols(source, "javascript", expect=expect)


def test_selections_lie_within_their_symbols() -> None:
    source = "local M = {}\nfunction M.go(a) local function inner() end end\nM.f = function() end\n"
    snapshot, _ = opened(source, "lua")
    pending = list(snapshot.symbols(path_of("lua")))
    assert pending
    while pending:
        symbol = pending.pop()
        assert symbol.span.start <= symbol.selection.start <= symbol.selection.end <= symbol.span.end
        for child in symbol.children:
            assert symbol.span.start <= child.span.start <= child.span.end <= symbol.span.end
        pending += symbol.children
