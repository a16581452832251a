"""Looking at and changing the values of real scripts (scenarios 34 to 41)."""

from __future__ import annotations

import pytest
from support.dap_player import Script, both, only, playing

NESTED = both(
    lua="""
        Global = 40
        local captured = { 10, 20, 30, name = "n", nested = { deep = true } }
        local function inner(a, b)
          local shadow = 1
          do
            local shadow = a .. b
            print(shadow, captured) -- @here
          end
        end
        local function outer()
          local mine = 5
          inner("x", "y") -- @call
          return mine
        end
        outer() -- @main
    """,
    javascript="""
        globalThis.Global = 40;
        const captured = { 0: 10, 1: 20, 2: 30, name: "n", nested: { deep: true } };
        function inner(a, b) {
          const shadow = 1;
          {
            const shadow = a + b;
            console.log(shadow, captured); // @here
          }
        }
        function outer() {
          const mine = 5;
          inner("x", "y"); // @call
          return mine;
        }
        outer(); // @main
    """,
)


@NESTED
async def test_the_variables_of_every_frame(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint", at="here")
        assert [player.place(frame) for frame in range(3)] == [
            script.marks["here"],
            script.marks["call"],
            script.marks["main"],
        ]
        assert await player.values("a", "b", "shadow") == ['"x"', '"y"', '"xy"']
        assert await player.values("mine", frame=1) == ["5"]
        assert "captured" in await player.visible(frame=2)
        assert "captured" in await player.visible(frame=0)


@NESTED
async def test_names_of_frames(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        assert [frame["name"] for frame in player.frames[:2]] == ["inner", "outer"]


@NESTED
async def test_scopes_hold_locals_closure_and_globals(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        scopes = await player.scopes()
        names = list(scopes)
        assert (names[0], names[-1]) == ("Locals", "Globals")
        assert scopes["Locals"]["presentationHint"] == "locals"
        shown = await player.variables(scopes["Globals"]["variablesReference"])
        assert shown["Global"]["value"] == "40"


@NESTED
async def test_values_unfold(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        value = await player.evaluate("captured")
        parts = await player.variables(value["variablesReference"])
        assert parts["name"]["value"] == '"n"'
        nested = await player.variables(parts["nested"]["variablesReference"])
        assert nested["deep"]["value"] == "true"
        assert await player.value(nested["deep"]["evaluateName"]) == "true"


@NESTED
@pytest.mark.parametrize("context", ["watch", "hover", "repl", "clipboard"])
async def test_expressions_are_computed_in_any_frame(script: Script, context: str) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        assert await player.value("Global", context) == "40"
        assert await player.value("captured.nested.deep", context, frame=2) == "true"
        if context != "hover":
            assert await player.value("mine * 2", context, frame=1) == "10"


@NESTED
async def test_an_expression_that_fails_says_why(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        frame = player.frames[0]["id"]
        refusal = await player.refusal("evaluate", expression="a.b.c.d", frameId=frame, context="watch")
        assert refusal
        refusal = await player.refusal("evaluate", expression="((", frameId=frame, context="watch")
        assert refusal


@NESTED
@pytest.mark.parametrize(
    "expression", ["print('x')", "Global = 1", "captured.name = 2", "inner('a', 'b')"], ids=str
)
async def test_hovering_changes_nothing(script: Script, expression: str) -> None:
    spoken = script.say(expression, expression.replace("print", "console.log"))
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        await player.set_breakpoints()
        frame = player.frames[-1]["id"]
        assert await player.refusal("evaluate", expression=spoken, frameId=frame, context="hover")
        assert await player.value("Global") == "40"
        assert player.printed() == ""


@NESTED
async def test_handles_die_when_the_script_goes_on(script: Script) -> None:
    async with playing(script, "call", "here") as player:
        await player.stopped("breakpoint", at="call")
        frame = player.frames[0]["id"]
        reference = (await player.scopes())["Locals"]["variablesReference"]
        await player.go()
        await player.stopped("breakpoint", at="here")
        known = {each["id"] for each in player.frames}
        if frame not in known:
            assert await player.refusal("scopes", frameId=frame)
        assert await player.refusal("scopes", frameId=999_999)
        assert await player.refusal("variables", variablesReference=999_999)
        assert reference


CHANGE = both(
    lua="""
        Global = 1
        local captured = 2
        local box = { field = 3, 4 }
        local function f(a)
          local b = captured + a
          print(a, b, captured, Global, box.field) -- @here
          return b
        end
        local result = f(10) -- @call
        print(result)
    """,
    javascript="""
        globalThis.Global = 1;
        let captured = 2;
        const box = { field: 3, 0: 4 };
        function f(a) {
          let b = captured + a;
          console.log(a, b, captured, Global, box.field); // @here
          return b;
        }
        let result = f(10); // @call
        console.log(result);
    """,
)


@CHANGE
async def test_variables_of_every_kind_are_set(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        box = (await player.evaluate("box"))["variablesReference"]
        for reference, name, value in (
            (await player.home("a"), "a", "5 * 5"),
            (await player.home("b"), "b", "a + 1"),
            (await player.home("captured"), "captured", "20"),
            (await player.home("Global"), "Global", "30"),
            (box, "field", "40"),
        ):
            body = await player.client.request(
                "setVariable", {"variablesReference": reference, "name": name, "value": value}
            )
            assert body["value"] == {"5 * 5": "25", "a + 1": "26"}.get(value, value)
        await player.go()
        await player.ends(printed=script.say("25\t26\t20\t30\t40\n26\n", "25 26 20 30 40\n26\n"))


@CHANGE
async def test_a_value_that_is_no_expression_is_refused(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        reference = (await player.scopes())["Locals"]["variablesReference"]
        assert await player.refusal("setVariable", variablesReference=reference, name="b", value="1 +")
        assert await player.refusal("setVariable", variablesReference=reference, name="nosuch", value="1")
        assert await player.values("b") == ["12"]


@CHANGE
async def test_the_console_takes_statements(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        await player.value("b = 100", "repl")
        await player.value("captured = captured + 1", "repl")
        assert await player.values("b", "captured") == ["100", "3"]
        await player.go()
        await player.ends(printed=script.say("10\t100\t3\t1\t3\n100\n", "10 100 3 1 3\n100\n"))


@CHANGE
async def test_variables_of_an_outer_frame_are_set(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        await player.value("captured = 7", "repl", frame=1)
        assert await player.value("captured", frame=0) == "7"


LARGE = both(
    lua="""
        local list = {}
        for i = 1, 100000 do list[i] = i end
        list.name = "large"
        print(#list) -- @here
    """,
    javascript="""
        const list = [];
        for (let i = 1; i <= 100000; i++) list.push(i);
        list.name = "large";
        console.log(list.length); // @here
    """,
)


@LARGE
async def test_large_values_are_paged(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        value = await player.evaluate("list")
        assert value["indexedVariables"] == 100_000
        reference = value["variablesReference"]
        page = await player.variables(reference, filter="indexed", start=99_990, count=5)
        assert [part["value"] for part in page.values()] == ["99991", "99992", "99993", "99994", "99995"]
        assert await player.variables(reference, filter="indexed", start=100_000, count=5) == {}
        named = await player.variables(reference, filter="named")
        assert named["name"]["value"] == '"large"'
        assert len(named) < 5


DEEP = both(
    lua="""
        local function dive(n)
          if n == 0 then
            print("ground") -- @ground
            return 0
          end
          return 1 + dive(n - 1)
        end
        print(dive(300))
    """,
    javascript="""
        function dive(n) {
          if (n === 0) {
            console.log("ground"); // @ground
            return 0;
          }
          return 1 + dive(n - 1);
        }
        console.log(dive(300));
    """,
)


@DEEP
async def test_deep_stacks_are_paged(script: Script) -> None:
    async with playing(script, "ground") as player:
        await player.stopped("breakpoint")
        whole = await player.client.request("stackTrace", {"threadId": player.thread})
        total = whole["totalFrames"]
        assert total == len(whole["stackFrames"])
        assert total >= 302
        page = await player.client.request(
            "stackTrace", {"threadId": player.thread, "startFrame": 100, "levels": 3}
        )
        assert page["totalFrames"] == total
        assert [frame["line"] for frame in page["stackFrames"]] == [
            frame["line"] for frame in whole["stackFrames"][100:103]
        ]
        player.frames = page["stackFrames"]
        assert await player.values("n", frame=1) == ["101"]
        beyond = await player.client.request(
            "stackTrace", {"threadId": player.thread, "startFrame": total + 5, "levels": 3}
        )
        assert beyond["stackFrames"] == []


STRINGS = both(
    lua="""
        local long = ("ab"):rep(500000)
        local special = 'q"\\n\\0z'
        print(#long) -- @here
    """,
    javascript="""
        const long = "ab".repeat(500000);
        const special = 'q"\\n\\0z';
        console.log(long.length); // @here
    """,
)


@STRINGS
async def test_long_strings_are_cut_in_views_and_whole_in_the_clipboard(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        (shown,) = await player.values("long")
        assert len(shown) < 10_000
        assert await player.value("long", "clipboard") == "ab" * 500_000
        (special,) = await player.values("special")
        assert special == script.say('"q\\"\\n\\0z"', '"q\\"\\n\\u0000z"')


@CHANGE
async def test_numbers_are_shown_in_hexadecimal(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        shown = await player.evaluate("255", format={"hex": True})
        assert shown["result"].lower() == "0xff"
        reference = (await player.scopes())["Locals"]["variablesReference"]
        assert (await player.variables(reference, format={"hex": True}))["b"]["value"].lower() == "0xc"


@only(
    "lua",
    """
    local loop = {}
    loop.self = loop
    local calls = 0
    local trap = setmetatable({ real = 1 }, {
      __index = function() calls = calls + 1; error("trap") end,
      __len = function() calls = calls + 1; error("trap") end,
      __tostring = function() calls = calls + 1; error("trap") end,
      __pairs = function() calls = calls + 1; error("trap") end,
    })
    local function varargs(...)
      print(select("#", ...), calls) -- @here
    end
    varargs(1, nil, "three")
    """,
)
async def test_odd_values_of_lua(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        top = await player.visible()
        assert [top[f"(vararg {n})"]["value"] for n in (1, 2, 3)] == ["1", "nil", '"three"']
        main = await player.visible(frame=1)
        again = await player.variables(main["loop"]["variablesReference"])
        assert await player.variables(again["self"]["variablesReference"])
        parts = await player.variables(main["trap"]["variablesReference"])
        assert parts["real"]["value"] == "1"
        assert await player.value("calls") == "0"


@only(
    "javascript",
    """
    const loop = {};
    loop.self = loop;
    let calls = 0;
    const trap = { real: 1, get computed() { calls++; return 9; } };
    const proxy = new Proxy({ real: 2 }, { get() { calls++; throw new Error("trap"); } });
    const map = new Map([["k", 1]]);
    const set = new Set([7]);
    const big = 12345678901234567890n;
    const symbol = Symbol("s");
    console.log(calls); // @here
    const later = 1;
    """,
)
async def test_odd_values_of_javascript(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        visible = await player.visible()
        again = await player.variables(visible["loop"]["variablesReference"])
        assert await player.variables(again["self"]["variablesReference"])
        parts = await player.variables(visible["trap"]["variablesReference"])
        assert parts["real"]["value"] == "1"
        assert parts["computed"]["presentationHint"]["lazy"]
        assert visible["big"]["value"] == "12345678901234567890n"
        assert "Symbol(s)" in visible["symbol"]["value"]
        assert visible["map"]["variablesReference"]
        assert visible["set"]["variablesReference"]
        assert await player.value("calls") == "0"
        await player.go()
        await player.ends(printed="0\n")


@only(
    "javascript",
    """
    class Counter {
      #hidden = 1;
      count = 2;
      bump(by) {
        this.count += by; // @here
        return this.count;
      }
    }
    console.log(new Counter().bump(3));
    """,
)
async def test_this_is_shown_and_usable(script: Script) -> None:
    async with playing(script, "here") as player:
        await player.stopped("breakpoint")
        assert await player.value("this.count + by") == "5"
        assert "this" in await player.visible()
        await player.go()
        await player.ends(printed="5\n")
