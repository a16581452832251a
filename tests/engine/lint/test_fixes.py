"""What each rule's fix makes of a script, and whether it is made without being asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from llmspell_engine.lint.settings import LintSettings
from support.lint import fixed, lint

if TYPE_CHECKING:
    from llmspell_engine.language import Language

SAFE, UNSAFE = True, False
FIXES: list[tuple[str, Language, str, str, bool]] = [
    ("unknown-tool", "lua", 'Tool.execute("calculater", {})', 'Tool.execute("calculator", {})', UNSAFE),
    ("unknown-tool", "lua", "Tool.get([[calculater]])", "Tool.get([[calculator]])", UNSAFE),
    ("unknown-tool", "javascript", "Tool.get('calculater');", "Tool.get('calculator');", UNSAFE),
    ("unknown-member", "lua", "Tool.exeute(name, {})", "Tool.execute(name, {})", UNSAFE),
    ("unknown-member", "javascript", 'Tool["exeute"](name, {});', 'Tool["execute"](name, {});', UNSAFE),
    (
        "unknown-member",
        "javascript",
        'Agent.create({ model: "echo" }).exeute("a");',
        'Agent.create({ model: "echo" }).execute("a");',
        UNSAFE,
    ),
    ("unknown-global", "lua", 'Agnet.get("a")', 'Agent.get("a")', UNSAFE),
    ("unknown-global", "javascript", 'Agnet.get("a");', 'Agent.get("a");', UNSAFE),
    # A name of the script is meant before one of the API that is as near.
    ("undefined-variable", "lua", "local total = 1 print(totl)", "local total = 1 print(total)", UNSAFE),
    (
        "undefined-variable",
        "javascript",
        "let total = 1; console.log(totl);",
        "let total = 1; console.log(total);",
        UNSAFE,
    ),
    ("unknown-global", "lua", "local total = 1 f(Tol)", "local total = 1 f(Tool)", UNSAFE),
    ("undefined-variable", "lua", "print(strng)", "print(string)", UNSAFE),
    ("undefined-variable", "javascript", "console.log(Mth);", "console.log(Math);", UNSAFE),
    ("unused-local", "lua", "local a = 1", "local _a = 1", SAFE),
    ("unused-local", "javascript", "const a = 1;", "const _a = 1;", SAFE),
    (
        "unknown-option",
        "lua",
        'Agent.create({ model = "echo", temprature = 1 })',
        'Agent.create({ model = "echo", temperature = 1 })',
        UNSAFE,
    ),
    (
        "unknown-option",
        "lua",
        'Agent.create({ model = "echo", ["temprature"] = 1 })',
        'Agent.create({ model = "echo", ["temperature"] = 1 })',
        UNSAFE,
    ),
    (
        "unknown-option",
        "javascript",
        'Agent.create({ model: "echo", "temprature": 1 });',
        'Agent.create({ model: "echo", "temperature": 1 });',
        UNSAFE,
    ),
    (
        "unknown-tool-parameter",
        "javascript",
        'Tool.execute("calculator", { inptu: "1" });',
        'Tool.execute("calculator", { input: "1" });',
        UNSAFE,
    ),
    (
        "invalid-tool-parameter",
        "lua",
        'Tool.execute("base64-encoder", { operation = "decod", input = "a" })',
        'Tool.execute("base64-encoder", { operation = "decode", input = "a" })',
        UNSAFE,
    ),
    (
        "invalid-argument",
        "lua",
        'Hook.register("before_tool_exection", print)',
        'Hook.register("BeforeToolExecution", print)',
        UNSAFE,
    ),
    ("deprecated", "lua", 'Tool.invoke("calculator", {})', 'Tool.execute("calculator", {})', SAFE),
    ("deprecated", "javascript", 'Tool.invoke("calculator", {});', 'Tool.execute("calculator", {});', SAFE),
    ("deprecated", "lua", 'Agent.get("a").execute("x")', 'Agent.get("a"):execute("x")', SAFE),
    (
        "unknown-suppression",
        "lua",
        "-- llmspell: ignore unknwon-tool",
        "-- llmspell: ignore unknown-tool",
        SAFE,
    ),
]


@pytest.mark.parametrize(("rule", "language", "before", "after", "is_safe"), FIXES)
def test_a_fix_changes_what_is_meant(
    rule: str, language: Language, before: str, after: str, *, is_safe: bool
) -> None:
    (found,) = lint(before, language, LintSettings((rule,)))
    assert fixed(before, found.fix) == after
    assert found.fix is not None
    assert found.fix.safe is is_safe
    assert lint(after, language, LintSettings((rule,))) == ()


UNFIXED: list[tuple[str, Language, str]] = [
    ("unknown-option", "javascript", 'const temprature = 1; Agent.create({ model: "echo", temprature });'),
    ("unused-local", "javascript", "const { a, b } = f(); console.log(b);"),
    ("undefined-variable", "lua", "print(zzz)"),
    ("unknown-tool", "lua", 'Tool.get("zzz")'),
    ("unknown-member", "javascript", "Tool.zzzzzz();"),
]


@pytest.mark.parametrize(("rule", "language", "source"), UNFIXED)
def test_where_nothing_is_meant_nothing_is_offered(rule: str, language: Language, source: str) -> None:
    (found,) = lint(source, language, LintSettings((rule,)))
    assert found.fix is None
