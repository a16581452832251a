"""What a person reads when a script does not parse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import lupa.lua54
import pytest
import quickjs
from hypothesis import given, settings
from hypothesis import strategies as st
from llmspell_engine.syntax import parse

if TYPE_CHECKING:
    from llmspell_engine.language import Language

EXAMPLES = Path(__file__).parents[3] / "examples"
LUA_SCRIPTS = [path.read_text() for path in sorted(EXAMPLES.rglob("*.lua"))]
JAVASCRIPT_SCRIPTS = [path.read_text() for path in sorted(EXAMPLES.rglob("*.js"))]


def check_fault(source: str, language: Language, message: str) -> None:
    """The first fault has the message and stands at ``«…»``."""
    start = source.index("«")
    end = source.index("»") - 1
    text = source.replace("«", "").replace("»", "")
    faults = parse(text, language).faults
    assert faults, "no fault"
    assert (faults[0].message, faults[0].span.start, faults[0].span.end) == (message, start, end)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("print(1\nfor i = 1, 3\n  print(i)\nend\nlocal y != 3\nlocal z =\nlocal a = 1", [2, 3, 5, 7]),
        ("if x then\n  print('a'\nend\nlocal b = 1", [3]),
        ("local function f(\n  return 1\nend\nif a then b() end\nend", [2]),
        ("for i = 1 do\nlocal x = 1\nend\nwhile do end", [1, 4]),
        ("foo(a b,\nfunction() return 1 end)\nx y", [1]),
        ("local s = [[\nlocal x !\n]] !\nlocal t = {", [3]),
    ],
)
def test_every_statement_of_lua_at_the_margin_tells_its_fault(source: str, lines: list[int]) -> None:
    assert [source.count("\n", 0, one.span.start) + 1 for one in parse(source, "lua").faults] == lines


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("function f()\n  print(1«)»", "'end' expected (to close 'function' at line 1)"),
        ("function f()\n  if x then\n    y()\n«end»\n\nfunction g()\nend",
         "'end' expected (to close 'if' at line 2)"),
        ("for i = 1, 3 do\n  print(i«)»", "'end' expected (to close 'for' at line 1)"),
        ("repeat\n  x(«)»", "'until' expected (to close 'repeat' at line 1)"),
        ("f(1, 2\n«local» x = 1", "')' expected (to close '(' at line 1)"),
        ("local a = { 1, 2\n«local» b = 1", "'}' expected (to close '{' at line 1)"),
        ("local a = t[1\n«local» b = 1", "']' expected (to close '[' at line 1)"),
        ("«end»", "unexpected 'end'"),
        ("print(1)«)»", "unexpected ')'"),
        ("if x «print»(1) end", "'then' expected, found 'print'"),
        ("while x\n«print»(1) end", "'do' expected, found 'print'"),
        ("if x «=» 1 then end", "'then' expected, found '='"),
        ("local «1» = 2", "a name expected, found '1'"),
        ("local «end» = 2", "a name expected, found 'end'"),
        ("local x = «=» 1", "a value expected, found '='"),
        ("local x = f(«,»)", "a value expected, found ','"),
        ("local x «=»", "a value expected, but the script ends"),
        ("local t = { a = 1 «b» = 2 }", "',' expected before 'b'"),
        ("for i = 1 «do» end", "',' expected, found 'do'"),
        ("for i «do» end", "'=' or 'in' expected, found 'do'"),
        ("return 1\n«print»(2)", "unexpected 'print': 'return' must be the last statement of a block"),
        ("«a.b»\nprint(1)", "unexpected 'a.b': a statement must be an assignment or a call"),
        ("f() «=» 1", "a call cannot be assigned to"),
        ("a:b «=» 1", "'(' expected after a method's name, found '='"),
        ("goto «1»", "a name expected, found '1'"),
        ("local x = «'abc»\nprint(1)", "unfinished string: its end is missing"),
        ("x = «'a\\z\n  b»\nf()", "unfinished string: its end is missing"),
        ("x = «[[ abc»", "unfinished string: its end is missing"),
        ("x = 1 «--[[ abc»", "unfinished comment: its end is missing"),
        ("if x «!=» 1 then end", "'then' expected, found '!=': Lua writes '~='"),
        ("if «!»x then end", "a value expected, found '!': Lua writes 'not'"),
        ("if x &«&» y then end", "a value expected, found '&': Lua writes 'and'"),
        ("x «+»= 1", "'=' or a call expected, found '+': Lua has no '+='"),
        ("const «x» = 1", "'=' or a call expected, found 'x': Lua declares with 'local'"),
        ("-- 🙂\nlocal x = «=»", "a value expected, found '='"),
        ("local «grüße» = 1",
         "a name expected, found 'grüße': names are made of the letters a to z, digits and '_'"),
        ("#!/usr/bin/env llmspell\nlocal «1»", "a name expected, found '1'"),
        ("if x then «break» end", "'break' stands outside a loop"),
        ("while x do f(function() «break» end) end", "'break' stands outside a loop"),
        ("function f() return «...» end", "'...' stands outside a function that takes it"),
        ("goto «done»", "there is no label 'done' that can be seen here"),
        ("do ::done:: end goto «done»", "there is no label 'done' that can be seen here"),
        ("::a:: f(function() goto «a» end)", "there is no label 'a' that can be seen here"),
        ("::a:: do ::«a»:: end", "the label 'a' is there already"),
        ("goto «a» local x ::a:: f(x)", "this jump to 'a' would enter the scope of a local variable"),
        ("local x <«constant»> = 1", "there is no attribute 'constant': Lua has 'const' and 'close'"),
    ],
)  # fmt: skip
def test_faults_in_lua(source: str, message: str) -> None:
    check_fault(source, "lua", message)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("function f() {\n  g(«)»", "'}' expected (to close '{' at line 1)"),
        ("f(1, 2\n«const» x = 1;", "')' expected (to close '(' at line 1)"),
        ("f(1«]»", "')' expected (to close '(' at line 1)"),
        ("«}»", "unexpected '}'"),
        ("x = «'abc»\nf()", "unfinished string: its ' is missing"),
        ("x = «`abc»", "unfinished template: its ` is missing"),
        ("f() «/* x»", "unfinished comment: '*/' is missing"),
        ("if «x» {}", "'(' expected after 'if'"),
        ("const «=» 1", "a name expected after 'const'"),
        ("x = «;»", "a value expected after '='"),
        ("const t = { a «=» 1 };", "unexpected '=': a value in an object follows ':'"),
        ("«local» x = 1", "unexpected 'local': JavaScript declares with 'const' or 'let'"),
        ("if (x «~=» 1) {}", "unexpected '~=': JavaScript writes '!=='"),
        ("if (x) «then» y()", "unexpected 'then': JavaScript writes '{ … }' for a block"),
        ("f(1 «2»)", "unexpected '2'"),
        ("for (const x of «)» {}", "a name or value expected"),
    ],
)
def test_faults_in_javascript(source: str, message: str) -> None:
    if source == "for (const x of «)» {}":
        assert parse("for (const x of ) {}", "javascript").faults[0].message == message
        return
    check_fault(source, "javascript", message)


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("lua", ""),
        ("lua", "#!/usr/bin/env llmspell\nprint(1)"),
        ("lua", "\ufeffprint(1)"),
        ("lua", "\ufeff#!x\nprint(1)"),
        ("lua", "local s = 'a!b?c$d@e`'"),
        ("lua", "local s = 'a\\z\n   b' .. \"\\z\r\n\\z \n\\\nc\""),
        ("lua", "local s = [==[ ]] ]==] -- !"),
        ("lua", "goto done ::done:: ;;; return"),
        ("lua", "for i = 1, 3 do if i > 1 then goto continue end local x = i ::continue:: end"),
        ("lua", "do goto a end ::b:: do ::a:: end ::a:: goto b"),
        ("lua", "while x do repeat break until f(...) break end"),
        ("lua", "local f = function(...) return ... end"),
        ("lua", "local x = f'a'..1 .. 2 ..'b'"),
        ("lua", "local a <const>, b <close> = 1, nil"),
        ("lua", "f'x':g{}[1].h = 1 // 2 >> 3 ~ ~4"),
        ("javascript", ""),
        ("javascript", "#!/usr/bin/env llmspell\nconsole.log(1)"),
        ("javascript", "\ufeffconsole.log(1)"),
        ("javascript", "const { a = 1, b: { c } } = x; ({ d = 2 } = y);"),
        ("javascript", "try { f() } catch {} try {} finally {} try {} catch ({ name }) {}"),
        ("javascript", "x = a ? /re'g/ : `t${`n`}`"),
        ("javascript", 'import { delete as drop } from "./a.js"; export { drop as delete, drop as if };'),
        ("javascript", "const o = { if: 1, const: 2, then: 3 }; o.then(o.end)"),
    ],
)
def test_valid_scripts_have_no_faults(language: Language, source: str) -> None:
    assert parse(source, language).faults == ()


SEMANTIC = (
    "const variable", "to-be-closed", "malformed number", "escape", "too many", "too large", "overflow",
    "UTF-8", "hexadecimal",
)  # fmt: skip
"""What Lua's compiler refuses beyond grammar and flow: not the concern of a parser."""
LUA = lupa.lua54.LuaRuntime(encoding=None)


def compiles(source: str) -> bool | None:
    """Whether Lua itself takes a script; None when it is refused for more than its grammar."""
    try:
        LUA.compile(source.encode())
    except lupa.lua54.LuaSyntaxError as error:
        message = str(error)
        return None if any(words in message for words in SEMANTIC) else False
    return True


LUA_PIECES = [
    "local ", "x", " = ", "1", "'s'", "f(", ")", "{", "}", "[", "]", ", ", ".", ":", "end ", "then ", "do ",
    "if ", "else ", "while ", "for ", "in ", "function ", "return ", "nil", "not ", "and ", "..", "==", "~=",
    "\n", ";", "'\\z\n'", "\"\\z", "\"",
    "repeat ", "until ", "...", "#", "-", "::", "goto ", "break ", "<", ">", "//", "!", "&", "--c\n",
    "elseif ",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(LUA_PIECES), max_size=24).map("".join))
def test_lua_agrees_on_made_up_scripts(source: str) -> None:
    expected = compiles(source)
    if expected is not None and not source.startswith("#"):
        assert (parse(source, "lua").faults == ()) == expected


LUA_FLOW = [
    "goto a ", "goto b ", "::a:: ", "::b:: ", "break ", "local x ", "local y = function(...) ", "f(...) ",
    "function g() ", "do ", "while x do ", "for i = 1, 2 do ", "repeat ", "until x ", "if x then ", "else ",
    "end ", "end ", "end ", "; ", "local z <const> = 1 ",
]  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(LUA_FLOW), max_size=14), st.booleans())
def test_lua_agrees_on_jumps(pieces: list[str], closes: bool) -> None:
    source = "".join(pieces)
    if closes:
        opened = sum(source.count(word) for word in ("do ", "then ", "function"))
        source += "end " * (opened - source.count("end "))
    expected = compiles(source)
    if expected is not None:
        assert (parse(source, "lua").faults == ()) == expected


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_lua_agrees_on_damaged_scripts(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(LUA_SCRIPTS))
    start = data.draw(st.integers(0, len(source)))
    end = min(len(source), start + data.draw(st.integers(0, 12)))
    damaged = source[:start] + data.draw(st.sampled_from(["", *LUA_PIECES])) + source[end:]
    expected = compiles(damaged)
    if expected is not None and not damaged.startswith("#"):
        assert (parse(damaged, "lua").faults == ()) == expected


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_faults_lie_in_the_text_and_say_something(data: st.DataObject) -> None:
    language = data.draw(st.sampled_from(["lua", "javascript"]))
    scripts = LUA_SCRIPTS if language == "lua" else JAVASCRIPT_SCRIPTS
    source = data.draw(st.sampled_from(scripts))
    cut = data.draw(st.integers(0, len(source)))
    damaged = source[:cut] + data.draw(st.text(max_size=6))
    for fault in parse(damaged, language).faults:
        assert 0 <= fault.span.start <= fault.span.end <= len(damaged)
        assert fault.message


JAVASCRIPT_FLOW = [
    "return; ", "break; ", "continue; ", "break a; ", "continue a; ", "break b; ", "await 0; ", "yield 0; ",
    "new.target; ", "function f#() { ", "async function g#() { ", "function* h#() { ", "const k# = () => { ",
    "const q# = async () => { ", "while (0) { ", "do { ", "switch (0) { case 0: ", "a: for (;0;) { ",
    "b: if (1) { ", "if (0) { ", "class C# { static { ", "class D# { m() { ", "class E# { *n() { ",
    "class F# { async o() { ", "} ",
]  # fmt: skip


def closed(pieces: list[str]) -> str:
    """The pieces with names that differ and every block closed."""
    written: list[str] = []
    open_blocks: list[str] = []
    for number, piece in enumerate(pieces):
        if piece == "} ":
            written += [open_blocks.pop()] if open_blocks else []
            continue
        written.append(piece.replace("#", str(number)))
        if piece.endswith(("{ ", "0: ")):
            is_class, is_do = piece.startswith("class"), piece.startswith("do")
            open_blocks.append("}} " if is_class else "} while (0); " if is_do else "} ")
    return "".join([*written, *reversed(open_blocks)])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(JAVASCRIPT_FLOW), max_size=9).map(closed))
def test_javascript_agrees_on_jumps(source: str) -> None:
    tree = parse(source, "javascript")
    if tree.is_broken:
        return
    try:
        quickjs.Context().module(source)
        is_refused = False
    except quickjs.JSException as error:
        is_refused = str(error).startswith("SyntaxError")
    assert bool(tree.faults) == is_refused, tree.faults


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("if (x) «return» 1", "'return' stands outside a function"),
        ("f(() => { «break»; })", "'break' stands outside a loop or 'switch'"),
        ("switch (x) { case 1: «continue»; }", "'continue' stands outside a loop"),
        ("b: { «continue» b; }", "'continue' needs a loop, and 'b' is none"),
        ("while (x) { «break» out; }", "there is no label 'out' around"),
        ("function f() { «await» g(); }", "'await' stands in a function that is not 'async'"),
        ("items.map((x) => «await» g(x))", "'await' stands in a function that is not 'async'"),
        ("«try» { f() }", "'try' has neither 'catch' nor 'finally'"),
        ("function f() { «yield» 1; }", "'yield' stands outside a generator ('function*')"),
    ],
)
def test_misplaced_words_of_javascript(source: str, message: str) -> None:
    check_fault(source, "javascript", message)
