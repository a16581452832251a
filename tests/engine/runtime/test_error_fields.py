"""What scripts see of errors of the host beside their kind, message and cause."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.runtime.values import ERROR_FIELDS, fields_of
from llmspell_engine.tools.error import ToolError
from support.globals import Pair, check_pair
from support.runtime import check_out, host

PAIRS = [
    Pair(
        "a tool that failed",
        "local ok, e = pcall(Tool.execute, 'file-operations', { operation = 'read', path = 'none' })"
        " print(e.kind, e.code, e.tool, e.rule, e.file, e.line)",
        "try { await Tool.execute('file-operations', { operation: 'read', path: 'none' }) }"
        " catch (e) { say(e.name, e.code, e.tool, e.rule ?? null, 'main.lua', 1) }",
        "ToolError\tnot_found\tfile-operations\tnil\tmain.lua\t1\n",
    ),
    Pair(
        "a tool that is refused, and the failure below",
        "local ok, e = pcall(Tool.execute, 'file-operations', { operation = 'read', path = '/etc/shadow' })"
        " for _, e in ipairs({ e, e.cause }) do print(e.kind, e.code, e.profile, e.rule, e.remedy:sub(1, 13)) end",
        "try { await Tool.execute('file-operations', { operation: 'read', path: '/etc/shadow' }) }"
        " catch (error) { for (const e of [error, error.cause]) say(e.name, e.code, e.profile, e.rule, e.remedy.slice(0, 13)) }",
        "SecurityError\tforbidden\tmedium\tread\tallow it with\n" * 2,
    ),
    Pair(
        "a tool that is refused in a step, as what led to the workflow's failure",
        "local w = Workflow.create({ name = 'w', type = 'sequential', steps = { { name = 's', execute = function()"
        " return Tool.execute('file-operations', { operation = 'read', path = '/etc/shadow' }) end } } })"
        " local ok, e = pcall(w.execute, w) e = e.cause print(e.kind, e.code, e.tool, e.profile, e.rule, e.remedy:sub(1, 13), e.cause.code)",
        "const w = Workflow.create({ name: 'w', type: 'sequential', steps: [{ name: 's', execute: () =>"
        " Tool.execute('file-operations', { operation: 'read', path: '/etc/shadow' }) }] });"
        " try { await w.execute() } catch ({ cause: e }) {"
        " say(e.name, e.code, e.tool, e.profile, e.rule, e.remedy.slice(0, 13), e.cause.code) }",
        "SecurityError\tforbidden\tfile-operations\tmedium\tread\tallow it with\tforbidden\n",
    ),
    Pair(
        "errors that have nothing more to say",
        "local ok, e = pcall(State.save, 'global', 'k', { [{}] = 1 }) print(e.kind, e.code, e.details, e.profile)",
        "try { State.save('global', 'k', { a: Symbol() }) }"
        " catch (e) { say(e.name, e.code, e.details, Object.keys(e).length || null) }",
        "TypeError\tnil\tnil\tnil\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])
def test_errors_say_what_is_known_under_the_same_names(pair: Pair, language: Language) -> None:
    check_pair(pair, language)


DETAILS = {
    "lua": "local ok, e = pcall(host.fail) print(e.code, e.tool, e.details.left, e.details.at[1])",
    "javascript": "try { host.fail() } catch (e) { console.log([e.code, e.tool, e.details.left, e.details.at[0]].join('\\t')) }",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_details_pass_as_tables(language: Language) -> None:
    def fail() -> None:
        raise ToolError("sold out", code="gone", details={"left": 0, "at": ["Ulm"]}, tool="shop")

    check_out(language, DETAILS[language], "gone\tshop\t0\tUlm\n", names=host(fail=fail))


PARTS: dict[str, tuple[Any, str]] = {
    "a pair": ((1, 2), "1"),
    "bytes": ([b"\xff"], "bytes"),
    "more than a double holds": ([2**62 + 1], str(2**62 + 1)),
    "no number": ([float("inf")], "inf"),
    "a time": ([datetime.now(UTC)], "nil"),
    "levels without end": (json.loads("[" * 300 + "]" * 300), "nil"),
}
FIRST = {
    "lua": "local ok, e = pcall(host.fail) local one = (e.details or {})[1]"
    " print(e.kind, e.message, e.code, e.tool, one == '\\xff' and 'bytes' or one)",
    "javascript": "try { host.fail() } catch (e) { let one = e.details?.[0]; if (one instanceof Uint8Array) one = 'bytes';"
    " console.log([e.name, e.message, e.code, e.tool, one === Infinity ? 'inf' : one ?? 'nil'].join('\t')) }",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("details", "shown"), PARTS.values(), ids=PARTS)
def test_what_cannot_pass_takes_nothing_else_with_it(details: Any, shown: str, language: Language) -> None:
    def fail() -> None:
        raise ToolError("sold out", code="gone", details=details, tool="shop")

    check_out(language, FIRST[language], f"ToolError\tsold out\tgone\tshop\t{shown}\n", names=host(fail=fail))


KNOWN = {
    "code": "gone",
    "details": {"left": [0, {"at": "Ulm"}]},
    "tool": "shop",
    "profile": "low",
    "rule": "read",
    "remedy": "wait",
    "status": 410,
    "retry_after": 1.5,
}
BACK = {
    "lua": "local ok, e = pcall(host.fail) {change} host.take({{ at = e }})",
    "javascript": "try {{ host.fail() }} catch (e) {{ {change}; host.take({{ at: e }}) }}",
}
CHANGES: dict[str, tuple[dict[Language, str], dict[str, Any]]] = {
    "nothing": ({"lua": "", "javascript": ""}, KNOWN),
    "another code": (
        {"lua": "e.code = 'new'", "javascript": "e.code = 'new'"},
        {**KNOWN, "code": "new"},
    ),
    "details that hold the error": (
        {"lua": "e.details = { e }", "javascript": "e.details = [e]"},
        {name: value for name, value in KNOWN.items() if name != "details"},
    ),
    "details that hold themselves": (
        {
            "lua": "e.details = {} e.details[1] = e.details",
            "javascript": "e.details = []; e.details[0] = e.details",
        },
        {name: value for name, value in KNOWN.items() if name != "details"},
    ),
    "a code that fails": (
        {
            "lua": "e.code = coroutine.create(print)",
            "javascript": "Object.defineProperty(e, 'code', { get() { throw 1 } })",
        },
        {name: value for name, value in KNOWN.items() if name != "code"},
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("change", "kept"), CHANGES.values(), ids=CHANGES)
def test_what_an_error_knows_comes_back_with_it(
    change: dict[Language, str], kept: dict[str, Any], language: Language
) -> None:
    assert tuple(KNOWN) == ERROR_FIELDS, "each of them is tried"
    taken: list[BaseException] = []

    def fail() -> None:
        error = RuntimeError("sold out")
        vars(error).update(KNOWN)
        raise error

    script = BACK[language].format(change=change[language])
    check_out(language, script, "", names=host(fail=fail, take=lambda given: taken.append(given["at"])))
    assert fields_of(taken[0], "lua") == kept
