"""Where probes of a JavaScript source stand, as data: a mark ``·`` in front of each probed statement."""

from __future__ import annotations

import re

import pytest
from llmspell_engine.debug.javascript.probes import Prober
from llmspell_engine.text import Text

SOURCES = {
    "statements": "·let x = 1; ·x = 2; ·f(x)\n",
    "no semicolons": "·let x = 1\n·x = 2\n·f(x)\n·++x\n·do ·f(); while (x) ·g()\n",
    "imports and functions": "import { a } from './a.js'\nfunction f() { ·return 1 }\nexport { f }\n",
    "exports": "·export const a = 1\n·export default a\nexport function f() {}\n·export class C {}\n",
    "branches": "·if (a) ·b(); else ·if (c) ·d(); else { ·e() }\n",
    "loops": "·for (let i = 0; i < 3; i++) ·f(i)\n·for (const k of t) { ·break }\n·while (x) ·y()\n",
    "do while": "·do ·f(); while (x) ·g()\n",
    "empty loops": "·while (true)·;\n·for (;;)·;\n",
    "labels stay on loops": "·outer: for (;;) { ·continue outer }\n",
    "switch": "·switch (a) { case 1: ·f(); ·break; default: ·g() }\n",
    "try": "·try { ·f() } catch { ·g() } finally { ·h() }\n",
    "arrow functions": "·const f = x => ·x + 1, g = () => { ·return 2 }, h = async () => ·({})\n",
    "arrows in arrows": "·const f = a => ·b => ·a + b\n",
    "classes": "·class A { x = 1; static { ·f() } m() { ·return 1; ·f() } get y() { ·return 2 } }\n",
    "directives stay first": "'use strict'\n·f()\nfunction g() { 'use strict'; ·return 1 }\n",
    "throw": "·throw new Error('x')\n·if (a) ·throw b\n",
    "generators": "function* g() { ·yield 1; ·yield* g() }\n",
    "default parameters": "function f(a = () => ·1) { ·return a }\n",
    "debugger": "·debugger\n",
    "templates": "·const t = `a ${x.map(y => ·y)} b`\n",
    "empty statements": ";;;·f();;\n",
    "shebang": "#!/usr/bin/env llmspell\n·f()\n",
    "comments": "// only\n/* comments */\n",
    "block": "{ ·f() }\n",
}


@pytest.mark.parametrize("name", SOURCES)
def test_probes_stand_in_front_of_statements(name: str) -> None:
    expected = SOURCES[name]
    assert marked(expected.replace("·", "")) == expected


@pytest.mark.parametrize("name", SOURCES)
def test_no_line_moves_and_what_is_inserted_can_be_taken_out(name: str) -> None:
    original = SOURCES[name].replace("·", "")
    source = Prober().probe("/a.js", original)
    assert source.text.count("\n") == original.count("\n")
    header = re.compile(re.escape("var $p") + r".*?\(0\);")
    assert source.without_probes(header.sub("", source.text, count=1)) == original


@pytest.mark.parametrize("name", SOURCES)
def test_columns_lead_back(name: str) -> None:
    source = Prober().probe("/a.js", SOURCES[name].replace("·", "").replace("f", "é"))
    inserted = dict.fromkeys((offset for offset, _ in source.insertions), 0)
    for offset, text in source.insertions:
        inserted[offset] += len(text)
    moved = 0
    for offset in range(len(source.original)):
        moved += inserted.get(offset, 0)
        probed = Text(source.text).position(offset + moved, "utf-8")
        column = source.column(probed.line + 1, probed.column + 1)
        assert source.offset(probed.line + 1, source.characters(probed.line + 1, column)) == offset


def test_a_source_that_cannot_be_parsed_stays_as_it_is() -> None:
    source = Prober().probe("/a.js", "let = = 1\n")
    assert (source.text, source.probes) == ("let = = 1\n", ())


def test_probes_know_their_place_and_function() -> None:
    source = Prober().probe("/a.js", "let é = 1; f(é)\nfunction g() {\n  return é\n}\n")
    assert [
        (each.line, each.column, each.end_line, each.end_column, each.function) for each in source.probes
    ] == [(1, 1, 1, 11, 0), (1, 12, 1, 16, 0), (3, 3, 3, 11, 1)]
    assert [(each.number, each.line, each.end_line) for each in source.functions] == [(0, 1, 5), (1, 2, 4)]


def test_the_prefix_is_none_of_the_scripts_names() -> None:
    text = "let $p1 = 1, $p_ = 2; f($p1)\n"
    assert Prober().probe("/a.js", text).prefix not in text


def test_numbers_are_unique_and_a_text_is_probed_once() -> None:
    prober = Prober()
    first, second = prober.probe("/a.js", "f();g()"), prober.probe("/b.js", "f();g()")
    assert len({each.id for each in (*first.probes, *second.probes)}) == 4
    assert prober.probe("/a.js", "f();g()") is first


def test_many_statements_share_flags() -> None:
    source = Prober().probe("/a.js", "f();" * 20_000)
    assert len(source.probes) == 20_000
    assert len(set(source.flags.values())) == 8_000


def test_deep_nesting_is_no_problem() -> None:
    assert len(Prober().probe("/a.js", "f(" + " + ".join(["x"] * 3000) + ")\n").probes) == 1


def marked(original: str) -> str:
    """The original with a mark at each probe."""
    source = Prober().probe("/a.js", original)
    text = source.original
    for probe in reversed(source.probes):
        offset = source.offset(probe.line, probe.column)
        text = f"{text[:offset]}·{text[offset:]}"
    return text
