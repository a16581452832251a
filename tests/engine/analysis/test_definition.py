"""Where what stands under the cursor is made."""

from __future__ import annotations

import pytest
from support.analysis import check_definition


@pytest.mark.parametrize(
    ("source", "expect"),
    [
        ("local a = 1\nprint($0a)", "1:7"),
        ("local $0a = 1", "1:7"),
        ("local a = 1\nlocal a = a$0 + 1", "1:7"),
        ("local a = 1\nlocal a = 2\nprint(a$0)", "2:7"),
        ("local a = 1\ndo\n  local a = 2\nend\nprint($0a)", "1:7"),
        ("local a = 1\ndo\n  local a = 2\n  print($0a)\nend", "3:9"),
        ("local function f() return $0f end", "1:16"),
        ("local f = function() return $0f end", []),
        ("function go() end\n$0go()", "1:10"),
        ("local function f(x, y)\n  return $0y\nend", "1:21"),
        ("for i = 1, 3 do print($0i) end", "1:5"),
        ("for k, v in pairs({}) do print($0v) end", "1:8"),
        ("repeat local done = true until $0done", "1:14"),
        ("local x <const> = 1\nprint($0x)", "1:7"),
        ("counter = 1\nprint($0counter)", "1:1"),
        ("local M = {}\nfunction M.go() end\nM.g$0o()", "2:12"),
        ("local M = {}\nM.go = function() end\nM.g$0o()", "2:3"),
        ("local M = { go = function() end }\nM.g$0o()", "1:13"),
        ("local M = {}\nfunction M:go() end\nM:g$0o()", "2:12"),
        ("local t = { inner = { deep = 1 } }\nprint(t.inner.de$0ep)", "1:23"),
        ("local a = Agent.create{}\n$0a:execute{}", "1:7"),
        ("Agent.cre$0ate{}", []),
        ("A$0gent.create{}", []),
        ("print($0undefined)", []),
        ("print('te$0xt')", []),
        ("-- $0a\nlocal a", []),
        ("local ü🙂 = 1\nlocal a = 2; print($0a)", "2:7"),
    ],
)
def test_definitions_in_lua(source: str, expect: str | list[str]) -> None:
    check_definition(source, expect=expect)


@pytest.mark.parametrize(
    ("source", "expect"),
    [
        ("const a = 1;\nfoo($0a);", "1:7"),
        ("foo($0later);\nfunction later() {}", "2:10"),
        ("function f() { return $0below; }\nconst below = 1;", "2:7"),
        ("{ var v = 1; }\nfoo($0v);", "1:7"),
        ("let a = 1; { let a = 2; foo($0a); }", "1:18"),
        ("const { a, b: c, ...d } = x;\nfoo($0c);", "1:15"),
        ("const { a, b: c, ...d } = x;\nfoo($0d);", "1:21"),
        ("const [a, [b]] = x;\nfoo($0b);", "1:12"),
        ("const { a = 1 } = x;\nfoo($0a);", "1:9"),
        ("function f(a, { b }, c = 1) {\n  return $0c;\n}", "1:22"),
        ("const f = (x) => $0x;", "1:12"),
        ("const f = x => $0x;", "1:11"),
        ("try {} catch (error) { foo($0error) }", "1:15"),
        ("for (const x of xs) foo($0x);", "1:12"),
        ("class K {}\nnew $0K();", "1:7"),
        ("class K { go() {} }\nconst k = new K();\nk.g$0o();", "1:11"),
        ("const o = { go() {} };\no.g$0o();", "1:13"),
        ("const o = {};\no.go = () => 1;\no.g$0o();", "2:3"),
        ("const name = 1;\nfoo({ na$0me });", "1:7"),
        ("const f = function inner() { return in$0ner; }", "1:20"),
        ("Agent.cre$0ate({});", []),
        ("foo($0undefined_name);", []),
    ],
)
def test_definitions_in_javascript(source: str, expect: str | list[str]) -> None:
    check_definition(source, "javascript", expect=expect)


LUA_FILES = {"lib/format.lua": "local M = {}\nfunction M.bullet(i) end\nM.width = 80\nreturn M\n"}
JAVASCRIPT_FILES = {
    "lib/format.js": "export function bullet(i) {}\nconst width = 80;\nexport { width as size };\n"
    "export default class Format {}\n",
    "lib/index.js": "export * from './format.js';\n"
    "export { bullet as point, default as Format } from './format.js';\n"
    "export * as format from './format.js';\nexport { loop } from './circle.js';\n",
    "lib/circle.js": "export { loop } from './index.js';\nexport * from './index.js';\n",
}


@pytest.mark.parametrize(
    ("source", "expect"),
    [
        ("local format = require('lib.$0format')", "lib/format.lua:1:1"),
        ("local format = require 'lib.$0format'", "lib/format.lua:1:1"),
        ("local format = require('lib.format')\nformat.bul$0let(1)", "lib/format.lua:2:12"),
        ("local format = require('lib.format')\nprint(format.wid$0th)", "lib/format.lua:3:3"),
        ("require('lib.format').bul$0let(1)", "lib/format.lua:2:12"),
        ("require('not.th$0ere')", []),
    ],
)
def test_definitions_in_required_files(source: str, expect: str | list[str]) -> None:
    check_definition(source, expect=expect, files=LUA_FILES)


@pytest.mark.parametrize(
    ("source", "expect"),
    [
        ("import { bullet } from './lib/for$0mat.js';", "lib/format.js:1:1"),
        ("import { bul$0let } from './lib/format.js';", "lib/format.js:1:17"),
        ("import { bullet } from './lib/format.js';\nbul$0let(1);", "lib/format.js:1:17"),
        ("import { bullet as b } from './lib/format.js';\n$0b(1);", "lib/format.js:1:17"),
        ("import { size } from './lib/format.js';\nfoo(si$0ze);", "lib/format.js:2:7"),
        ("import * as format from './lib/format.js';\nformat.bul$0let(1);", "lib/format.js:1:17"),
        ("import * as format from './lib/format.js';\nfor$0mat.bullet(1);", "lib/format.js:1:1"),
        ("import Format from './lib/format';\nnew For$0mat();", "lib/format.js:4:22"),
        ("const m = await import('./lib/format.js');\nm.bul$0let(1);", "lib/format.js:1:17"),
        ("import { bullet } from './lib/index.js';\nbul$0let(1);", "lib/format.js:1:17"),
        ("import { point } from './lib/index.js';\npo$0int(1);", "lib/format.js:1:17"),
        ("import { Format } from './lib/index.js';\nnew For$0mat();", "lib/format.js:4:22"),
        ("import { format } from './lib/index.js';\nformat.bul$0let(1);", "lib/format.js:1:17"),
        ("import { format } from './lib/index.js';\nfor$0mat.bullet(1);", "lib/format.js:1:1"),
        ("import { loop } from './lib/index.js';\nlo$0op();", "1:10"),
        ("class A { run() {} }\nclass B extends A {}\nnew B().ru$0n();", "1:11"),
        ("import { nothing } from './lib/format.js';\nnoth$0ing();", "1:10"),
        ("import { x } from './not$0there.js';", []),
    ],
)
def test_definitions_in_imported_files(source: str, expect: str | list[str]) -> None:
    check_definition(source, "javascript", expect=expect, files=JAVASCRIPT_FILES)
