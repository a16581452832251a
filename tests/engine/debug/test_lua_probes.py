"""Where probes of a Lua source stand, as data: a mark ``·`` in front of each probed statement."""

from __future__ import annotations

import pytest
from llmspell_engine.debug.lua_probes import probe_source

SOURCES = {
    "statements": "·local x = 1 ·x = 2 ·f(x) ·do ·g() end ·return x\n",
    "attributes": "·local a <const>, b <close> = 1, nil\n",
    "branches": "·if a then ·b() elseif c then ·d() else ·e() end\n",
    "loops": "·for i = 1, 3 do ·f(i) end ·for k in pairs(t) do ·break end ·while x do ·y() end\n",
    "repeat sees its locals": "·repeat ·local done = f() until done\n",
    "empty loops": "·while true do· end ·repeat· until x ·for i = 1, 2 do· end\n",
    "labels stay last": "·for i = 1, 3 do ·goto continue; ·local z = 1 ::continue:: end\n",
    "loops with labels alone": "·while true do· ::top:: end\n",
    "parentheses": "·local a = b\n;·(f or g)(1)\n",
    "functions": "·local function f() ·return 1 end\n·function M.g() end ·function M:h() ·f() end\n",
    "functions in expressions": "·local t = { a = function() ·return 1 end }\n·f(function() ·g() end)\n",
    "strings and comments": '·f "a = b" --[[ x = 1 ]] ·g [[\nx = 2 ]] -- y = 3\n',
    "semicolons": ";;; ·f() ;; ·g();\n",
    "shebang": "#!/usr/bin/env lua\n·f()\n",
    "nothing": "-- only a comment\n",
}


@pytest.mark.parametrize("name", SOURCES)
def test_probes_stand_in_front_of_statements(name: str) -> None:
    expected = SOURCES[name]
    assert probe_source("/a.lua", expected.replace("·", ""), lambda number: "·").text == expected


def test_a_source_that_cannot_be_parsed_stays_as_it_is() -> None:
    source = probe_source("/a.lua", "local = 1\n")
    assert (source.text, source.probes) == ("local = 1\n", ())


def test_probes_know_their_place_and_function() -> None:
    source = probe_source("/a.lua", "local é = 1; f(é)\nlocal function g()\n  return é\nend\n")
    assert [
        (each.line, each.column, each.end_line, each.end_column, each.function) for each in source.probes
    ] == [
        (1, 1, 1, 12, 0),
        (1, 14, 1, 18, 0),
        (2, 1, 4, 4, 0),
        (3, 3, 3, 11, 1),
    ]
    assert [(each.number, each.line, each.end_line) for each in source.functions] == [(0, 1, 5), (1, 2, 4)]


def test_deep_nesting_is_no_problem() -> None:
    text = "return " + " .. ".join(["x"] * 3000) + "\n"
    assert len(probe_source("/a.lua", text).probes) == 1
