"""What scripts see of errors of the host beside their kind, message and cause."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from llmspell_engine.language import LANGUAGES, Language
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
