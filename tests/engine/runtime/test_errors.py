"""How scripts fail: messages, kinds, frames and causes."""

from __future__ import annotations

import pytest
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.runtime.base import ScriptError
from support.runtime import Script, both, check_error, check_out, host, run

NO_ERROR = "what was thrown is not an Error but"
UNCAUGHT = [
    ("lua", 'error("boom")', "error", "boom", ["main.lua:1 main chunk"]),
    ("javascript", 'throw new Error("boom")', "Error", "boom", ["main.js:1 <anonymous>"]),
    (
        "lua",
        "local t\nlocal function f()\n  return t.x\nend\nf(1)\n",
        "error",
        "attempt to index a nil value (upvalue 't')",
        ["main.lua:3 f", "main.lua:5 main chunk"],
    ),
    (
        "javascript",
        "let t;\nfunction f() {\n  return t.x\n}\nf(1);\n",
        "TypeError",
        "cannot read property 'x' of undefined",
        ["main.js:3 f", "main.js:5 <anonymous>"],
    ),
    ("lua", "local x = = 1", "SyntaxError", "unexpected symbol near '='", ["main.lua:1 main chunk"]),
    (
        "javascript",
        "let a;\nlet x = = 1",
        "SyntaxError",
        "unexpected token in expression: '='",
        ["main.js:2 <anonymous>"],
    ),
    ("lua", 'error({ message = "m", kind = "K" })', "K", "m", ["main.lua:1 main chunk"]),
    ("lua", "error({ code = 5, at = 'x' })", "error", "{ at = x, code = 5 }", ["main.lua:1 main chunk"]),
    (
        "lua",
        "error(setmetatable({}, { __tostring = function() return 'mine' end }))",
        "error",
        "mine",
        ["main.lua:1 main chunk"],
    ),
    ("lua", "error(nil)", "error", "the error is not a message but nil", ["main.lua:1 main chunk"]),
    ("lua", 'error("no place", 0)', "error", "no place", ["main.lua:1 main chunk"]),
    ("javascript", 'throw "text"', "error", "text", []),
    ("javascript", "throw { code: 7 }", "error", f"{NO_ERROR} {{ code: 7 }}", []),
    ("javascript", "throw 12n", "error", f"{NO_ERROR} 12n", []),
    ("javascript", "throw undefined", "error", f"{NO_ERROR} undefined", []),
    ("javascript", "throw Symbol('s')", "error", f"{NO_ERROR} Symbol(s)", []),
    ("javascript", "Promise.reject(0)", "error", f"{NO_ERROR} 0", []),
    ("javascript", "Promise.reject(5n)", "error", f"{NO_ERROR} 5n", []),
    ("javascript", "null.x", "TypeError", "cannot read property 'x' of null", ["main.js:1 <anonymous>"]),
    (
        "lua",
        'coroutine.wrap(function()\n  error("inside")\nend)()',
        "error",
        "inside",
        ["main.lua:2 function at line 1", "main.lua:3 main chunk"],
    ),
    (
        "javascript",
        'async function f() {\n  await 1;\n  throw new Error("later")\n}\nawait f()',
        "Error",
        "later",
        ["main.js:3 f"],
    ),
    (
        "javascript",
        'Promise.reject(new RangeError("lost"));\nconsole.log("on")',
        "RangeError",
        "lost",
        ["main.js:1 <anonymous>"],
    ),
    (
        "javascript",
        "await new Promise(() => {})",
        "error",
        "the program waits for a promise that nothing will ever settle",
        [],
    ),
]


@pytest.mark.parametrize(("language", "text", "kind", "message", "frames"), UNCAUGHT)
def test_an_uncaught_error(language: Language, text: str, kind: str, message: str, frames: list[str]) -> None:
    ran = check_error(language, text, message)
    assert ran.error is not None
    assert (ran.error.kind, ran.frames()) == (kind, frames)


def test_columns_count_code_points() -> None:
    ran = run(Script("javascript", "const ä = '😀'; null.x"))
    assert ran.error is not None
    assert ran.error.frames[0].column == 1 + "const ä = '😀'; null.x".index("null")


def test_a_rejection_that_is_handled_later_is_no_error() -> None:
    text = "const p = Promise.reject(1); await null; p.catch(() => console.log('caught'))"
    check_out("javascript", text, "caught\n")


class WrongError(Exception):
    pass


def _fail(*_: object) -> None:
    raise WrongError("it went wrong") from KeyError("inner")


CAUGHT = {
    "lua": """
        local function f() host.fail(1) end
        local ok, err = pcall(f)
        print(ok, err)
        print(err.kind, err.message, err.line, err.cause.kind, "text: " .. err, err:match("wrong"))
    """,
    "javascript": """
        function f() { host.fail(1) }
        try { f() } catch (err) {
          console.log(`false\\tmain.js:${err.stack.match(/:(\\d+):/)[1]}: ${err.message}`);
          const line = Number(err.stack.match(/:(\\d+):/)[1]);
          const text = `text: main.js:${line}: ${err.message}`;
          console.log([err.name, err.message, line, err.cause.name, text, "wrong"].join("\\t"));
        }
    """,
}


@both
def test_a_failing_call_is_a_real_error_at_the_place_of_the_call(language: Language) -> None:
    name = "main.lua" if language == "lua" else "main.js"
    expect = (
        f"false\t{name}:2: it went wrong\n"
        f"WrongError\tit went wrong\t2\tKeyError\ttext: {name}:2: it went wrong\twrong\n"
    )
    check_out(language, CAUGHT[language], expect, names=host(fail=_fail))


def test_an_error_of_the_host_is_an_error_object_in_javascript() -> None:
    text = "try { host.fail() } catch (e) { console.log(e instanceof Error, String(e)) }"
    check_out("javascript", text, "true WrongError: it went wrong\n", names=host(fail=_fail))


@both
def test_an_uncaught_error_of_the_host_has_its_causes(language: Language) -> None:
    ran = run(Script(language, "host.fail()", names=host(fail=_fail)))
    assert ran.error is not None
    cause = ran.error.cause
    assert (ran.error.kind, str(ran.error)) == ("WrongError", "it went wrong")
    assert (getattr(cause, "kind", None), str(cause)) == ("KeyError", "'inner'")
    assert [each.split()[0] for each in ran.frames()] == ["main.lua:1" if language == "lua" else "main.js:1"]


FAILING_STEP = {
    "lua": """
        local flow = Workflow.sequential({ name = "w", steps = { { name = "s", execute = function()
          local none = nil
          return none.field
        end } } })
        local ok, err = pcall(flow.execute, flow)
        error(err)
    """,
    "javascript": """
        const flow = Workflow.sequential({ name: "w", steps: [{ name: "s", execute() {
          const none = null;
          return none.field;
        } }] });
        try { await flow.execute(); } catch (err) { throw err; }
    """,
}


@both
def test_a_cause_that_went_through_the_host_has_its_place(language: Language) -> None:
    ran = run(Script(language, FAILING_STEP[language]))
    assert ran.error is not None
    assert ran.error.kind == "WorkflowError"
    cause = ran.error.cause
    assert isinstance(cause, ScriptError)
    assert [each.line for each in cause.frames[:1]] == [4]


def test_an_error_that_causes_itself_is_told_once() -> None:
    ran = check_error(
        "javascript", 'const e = new Error("x", { cause: new Error("y") }); e.cause.cause = e; throw e', "x"
    )
    assert ran.error is not None
    assert str(ran.error.cause) == "y"
    assert getattr(ran.error.cause, "cause", None) is None


@pytest.mark.parametrize("error", [OSError("no room"), UnicodeError("no text"), ValueError("no value")])
@both
def test_an_error_of_python_itself_is_an_error_of_the_script(error: Exception, language: Language) -> None:
    def fail() -> None:
        raise error

    check_error(language, "host.fail()", str(error), names=host(fail=fail))


def test_the_cause_of_a_javascript_error_is_kept() -> None:
    ran = run(Script("javascript", "throw new Error('outer', { cause: new TypeError('inner') })"))
    assert ran.error is not None
    assert (str(ran.error.cause), getattr(ran.error.cause, "kind", None)) == ("inner", "TypeError")


THROUGH = {
    "lua": "local mine = {} print(select(2, pcall(host.call, function() error(mine) end)) == mine)",
    "javascript": """
        const mine = {};
        try { host.call(() => { throw mine }) } catch (e) { console.log(e === mine) }
    """,
}


@both
def test_an_error_of_a_callback_passes_the_host_unchanged(language: Language) -> None:
    check_out(language, THROUGH[language], "true\n", names=host(call=lambda function: function()))


def test_a_closed_coroutine_gives_its_error_as_an_error_table() -> None:
    text = """
        local thread = coroutine.create(host.fail)
        coroutine.resume(thread)
        local ok, err = coroutine.close(thread)
        print(ok, type(err), err.message)
    """
    check_out("lua", text, "false\ttable\tit went wrong\n", names=host(fail=_fail))


CLOSING = {
    "nothing fails": ("", "false\tfirst\n"),
    "an error of the script": ("error('second', 0)", "false\tsecond\n"),
    "an error of the host": ("host.fail()", "false\tit went wrong\n"),
}


@pytest.mark.parametrize(("closing", "expect"), CLOSING.values(), ids=CLOSING)
def test_what_fails_as_a_wrapped_coroutine_is_closed_is_its_error(closing: str, expect: str) -> None:
    text = f"""
        local ok, err = pcall(coroutine.wrap(function()
          local _ <close> = setmetatable({{}}, {{ __close = function() {closing} end }})
          error("first", 0)
        end))
        print(ok, type(err) == "table" and err.message or err)
    """
    check_out("lua", text, expect, names=host(fail=_fail))


def test_error_levels_and_tracebacks_look_as_in_plain_lua() -> None:
    text = """
        local function f() error("level 2", 2) end
        print(pcall(f))
        print(pcall(function() f() end))
        print((select(2, xpcall(function() error("E") end, debug.traceback))))
        print(debug.traceback("T"))
    """
    expect = (
        "false\tlevel 2\n"
        "false\tmain.lua:4: level 2\n"
        "main.lua:5: E\nstack traceback:\n\t[C]: in function 'error'\n"
        "\tmain.lua:5: in function <main.lua:5>\n"
        "\t[C]: in function 'xpcall'\n\tmain.lua:5: in main chunk\n"
        "T\nstack traceback:\n\tmain.lua:6: in main chunk\n"
    )
    check_out("lua", text, expect)


def test_the_place_in_a_message_is_the_path_as_it_was_given() -> None:
    check_out("lua", 'print(pcall(function() error("x") end))', "false\tmain.lua:1: x\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_deep_recursion_is_an_error_and_no_crash(language: Language) -> None:
    texts = {"lua": "local function f() return 1 + f() end f()", "javascript": "const f = () => 1 + f(); f()"}
    ran = run(Script(language, texts[language]))
    assert ran.error is not None
    assert "stack" in str(ran.error)
