"""``require``, ``dofile`` and ``import`` of files beside the script."""

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.language import Language
from support.runtime import both, check_error, check_out, run_file

WORKS = [
    (
        "lua",
        'local m = require("helper") print(m.name, require("helper") == m)',
        {"helper.lua": 'return { name = "h" }'},
        "h\ttrue\n",
    ),
    (
        "javascript",
        'import m, { name } from "./helper.js"; import * as all from "./helper.js";\n'
        "console.log(name, all.default === m)",
        {"helper.js": 'export const name = "h"; export default {}'},
        "h true\n",
    ),
    ("lua", 'print(require("lib").x)', {"lib/init.lua": "return { x = 1 }"}, "1\n"),
    ("javascript", 'import { x } from "./lib"; console.log(x)', {"lib/index.js": "export let x = 1"}, "1\n"),
    (
        "lua",
        'print((require("lib.a")))',
        {"lib/a.lua": 'return require("b")', "lib/b.lua": 'return "beside"', "b.lua": 'return "far"'},
        "beside\n",
    ),
    (
        "javascript",
        'import { b } from "./lib/a"; console.log(b)',
        {
            "lib/a.mjs": 'export { b } from "./b"',
            "lib/b.js": "export const b = 'beside'",
            "b.js": "export const b = 'far'",
        },
        "beside\n",
    ),
    (
        "lua",
        'print((require("lib.a")))',
        {"lib/a.lua": 'return require("b")', "b.lua": "return 'root'"},
        "root\n",
    ),
    ("lua", 'require("m") print(package.loaded.m)', {"m.lua": "print((...))"}, "m\ntrue\n"),
    ("lua", 'require("m") package.loaded.m = nil require("m")', {"m.lua": 'io.write("x")'}, "xx"),
    ("lua", 'package.preload.p = function(n) return n .. "!" end print((require("p")))', {}, "p!\n"),
    ("lua", 'print(require("string") == string)', {"string.lua": "return 1"}, "true\n"),
    ("lua", 'print(dofile("d.lua"), loadfile("d.lua")())', {"d.lua": "return 5"}, "5\t5\n"),
    ("lua", "#!/usr/bin/lua\nprint((require('m')))", {"m.lua": "#!shebang\nreturn 1"}, "1\n"),
    (
        "javascript",
        'const m = await import("./m.mjs"); console.log(m.x)',
        {"m.mjs": "export let x = await 3"},
        "3\n",
    ),
    (
        "javascript",
        'import { even } from "./even.js"; console.log(even(4))',
        {
            "even.js": 'import { odd } from "./odd.js"; export const even = (n) => n === 0 || odd(n - 1)',
            "odd.js": 'import { even } from "./even.js"; export const odd = (n) => n !== 0 && even(n - 1)',
        },
        "true\n",
    ),
    ("javascript", "console.log(import.meta.url.endsWith('/main.js'))", {}, "true\n"),
    ("javascript", "console.log(import.meta.filename.startsWith('/'))", {}, "true\n"),
    ("lua", 'print(pcall(require, "bad")) print(pcall(require, "bad"))', {"bad.lua": "error('x')"},
     "false\tbad.lua:1: x\nfalse\tbad.lua:1: x\n"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "files", "out"), WORKS)
def test_modules(language: Language, text: str, files: dict[str, str], out: str) -> None:
    check_out(language, text, out, files=files)


FAILS = [
    (
        "lua",
        'local a\nrequire("nope.mod")',
        {},
        "module 'nope.mod' not found: no file 'nope/mod.lua', no file 'nope/mod/init.lua'",
        ["main.lua:2 main chunk"],
    ),
    (
        "javascript",
        'let a;\nimport "./nope.js"',
        {},
        "cannot import './nope.js': there is no file 'nope.js'",
        ["main.js:2 <anonymous>"],
    ),
    (
        "javascript",
        'import "./a.js"',
        {"a.js": '\n\nimport x from "./nope"'},
        "cannot import './nope': there is no file 'nope'",
        ["a.js:3 <anonymous>"],
    ),
    (
        "javascript",
        'import pad from "left-pad"',
        {},
        "cannot import 'left-pad': only files can be imported, and no packages; write './left-pad' for a file"
        " beside this one",
        ["main.js:1 <anonymous>"],
    ),
    (
        "lua",
        'require("a")',
        {"a.lua": 'require("b")', "b.lua": '\nrequire("a")'},
        "modules require each other in a circle: a.lua -> b.lua -> a.lua",
        ["b.lua:2 main chunk", "a.lua:1 main chunk", "main.lua:1 main chunk"],
    ),
    (
        "lua",
        'require("bad")',
        {"bad.lua": "\nlocal = 1"},
        "error loading module 'bad': bad.lua:2: <name> expected near '='",
        ["main.lua:1 main chunk"],
    ),
    (
        "javascript",
        'import "./bad.js"',
        {"bad.js": "\nlet x = = 1"},
        "unexpected token in expression: '='",
        ["bad.js:2 <anonymous>"],
    ),
    (
        "lua",
        'require("m")',
        {"m.lua": '\nerror("in m")'},
        "in m",
        ["m.lua:2 main chunk", "main.lua:1 main chunk"],
    ),
    ("javascript", 'import "./m.js"', {"m.js": '\nthrow new Error("in m")'}, "in m", ["m.js:2 <anonymous>"]),
    ("lua", 'dofile("no.lua")', {}, "cannot open 'no.lua': there is no such file", ["main.lua:1 main chunk"]),
    (
        "javascript",
        'import "./m.js"',
        {"m.js": "export { x } from './n.js'", "n.js": ""},
        "Could not find export 'x' in module 'n.js'",
        ["m.js:1 <anonymous>"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "files", "message", "frames"), FAILS)
def test_modules_that_fail(
    language: Language, text: str, files: dict[str, str], message: str, frames: list[str]
) -> None:
    ran = check_error(language, text, message, files=files)
    assert ran.frames() == frames


LINKED = {
    "lua": ("real/start.lua", 'print((require("helper")))', "real/helper.lua", 'return "beside the file"'),
    "javascript": (
        "real/start.js",
        'import text from "./helper.js"; console.log(text)',
        "real/helper.js",
        'export default "beside the file"',
    ),
}


@both
def test_a_program_that_is_a_link_finds_the_modules_of_its_file(language: Language, tmp_path: Path) -> None:
    start, program, helper, module = LINKED[language]
    (tmp_path / "real").mkdir()
    (tmp_path / start).write_text(program)
    (tmp_path / helper).write_text(module)
    link = tmp_path / f"link{Path(start).suffix}"
    link.symlink_to(start)
    assert run_file(language, link).out == "beside the file\n"
