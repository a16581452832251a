"""Suppression comments: what they cover, and what is reported about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from llmspell_engine.lint.settings import LintSettings
from llmspell_engine.lint.suppression import suppress, suppressions
from llmspell_engine.syntax import parse
from llmspell_engine.text import Span
from support.lint import check_lint, fixed, lint

if TYPE_CHECKING:
    from llmspell_engine.language import Language

UNDEFINED = "LS401 'zzz' is not defined"
UNUSED = "LS002 LS401 is ignored here, but nothing is reported"


@pytest.mark.parametrize(
    "source",
    [
        "print(zzz) -- llmspell: ignore LS401",
        "print(zzz) -- llmspell: ignore ls401",
        "print(zzz) -- llmspell: ignore undefined-variable",
        "print(zzz) -- llmspell: ignore LS401 -- the host sets it",
        "print(zzz) -- see below. llmspell: ignore LS401",
        "print(zzz) --[[ llmspell: ignore LS401 ]]",
        "print(zzz) --[==[ llmspell: ignore LS401 ]==] print(1)",
        "print(zzz) -- llmspell:ignore",
        "-- llmspell: ignore-next-line LS401\nprint(zzz)",
        "--[[ llmspell: ignore-next-line LS401\n]]\nprint(zzz)",
        "-- llmspell: ignore-file LS401\n\nprint(zzz, zzz)\nprint(zzz)",
        "print(zzz)\n-- llmspell: ignore-file undefined-variable",
        "local unused = zzz -- llmspell: ignore LS401, LS402",
        "local unused = zzz -- llmspell: ignore LS402 undefined-variable",
        'print("漢字 😀", zzz) -- llmspell: ignore LS401',
    ],
)
def test_covers_in_lua(source: str) -> None:
    check_lint(source)


@pytest.mark.parametrize(
    "source",
    [
        "console.log(zzz); // llmspell: ignore LS401",
        "console.log(zzz); /* llmspell: ignore undefined-variable */",
        "console.log(/* llmspell: ignore LS401 */ zzz);",
        "/* llmspell: ignore-next-line LS401 */\nconsole.log(zzz);",
        "// llmspell: ignore-file LS401\nconsole.log(zzz);",
    ],
)
def test_covers_in_javascript(source: str) -> None:
    check_lint(source, language="javascript")


@pytest.mark.parametrize(
    "source",
    [
        "print(<!zzz!>)\n-- the next line has it: LS401",
        'print("-- llmspell: ignore LS401", <!zzz!>)',
        "-- llmspell: ignored LS401\nprint(<!zzz!>)",
        "-- llmspell: ignore-nothing LS401\nprint(<!zzz!>)",
    ],
)
def test_covers_nothing(source: str) -> None:
    check_lint(source, UNDEFINED)


def test_an_unused_suppression_is_reported() -> None:
    (found,) = check_lint(
        "print(1) -- llmspell: ignore <!LS401!>", "LS002 LS401 is ignored here, but nothing is reported"
    )
    assert fixed("print(1) -- llmspell: ignore LS401", found.fix) == "print(1)"


@pytest.mark.parametrize(
    "source",
    [
        "print(1) -- llmspell: ignore <!LS401!>\nprint(<!zzz!>)",
        "print(<!zzz!>)\nprint(1) -- llmspell: ignore <!LS401!>",
        "-- llmspell: ignore-next-line <!LS401!>\n\nprint(<!zzz!>)",
        "-- llmspell: ignore-next-line <!LS401!>\nprint(1,\n<!zzz!>)",
        "print(1,\n<!zzz!>) -- llmspell: ignore-next-line <!LS401!>\n",
    ],
)
def test_a_comment_covers_one_line(source: str) -> None:
    is_before = source.index("LS401") < source.index("zzz")
    check_lint(source, *((UNUSED, UNDEFINED) if is_before else (UNDEFINED, UNUSED)))


def test_of_several_codes_only_the_unused_is_reported() -> None:
    source = "print(zzz) -- llmspell: ignore LS401, <!unused-local!>, LS401"
    (found,) = check_lint(source, "LS002 unused-local is ignored here, but nothing is reported")
    text = "print(zzz) -- llmspell: ignore LS401, unused-local"
    assert fixed(text, found.fix) == "print(zzz) -- llmspell: ignore LS401"


def test_a_comment_that_says_more_keeps_what_it_says() -> None:
    text = "print(1) -- the sum. llmspell: ignore LS401"
    (found,) = lint(text)
    assert fixed(text, found.fix) == "print(1) -- the sum. "


def test_an_unused_blanket_is_reported() -> None:
    check_lint("print(1) -- <!llmspell: ignore!>", "LS002 nothing is reported")


def test_the_suppression_of_a_rule_that_does_not_run_is_not_unused() -> None:
    check_lint("print(1) -- llmspell: ignore LS401", ignore="LS401")
    check_lint("print(1) -- llmspell: ignore", select="LS0")


def test_nothing_is_unused_in_a_script_that_does_not_parse() -> None:
    found = lint("print(1) -- llmspell: ignore LS401\nlocal x = 5 5")
    assert [one.code for one in found] == ["LS001"]


def test_an_unknown_code_is_reported() -> None:
    (found,) = check_lint(
        "print(1) -- llmspell: ignore <!unknwon-tool!>",
        "LS003 no rule is called 'unknwon-tool'; did you mean 'unknown-tool'?",
    )
    assert found.fix is not None
    assert found.fix.edits[0].new_text == "unknown-tool"
    check_lint("print(1) -- llmspell: ignore <!LS999!>", "LS003 no rule is called 'LS999'")


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("lua", "print(zzz)", "print(zzz) -- llmspell: ignore LS401"),
        (
            "javascript",
            "console.log(zzz);\nconsole.log(1);",
            "console.log(zzz); // llmspell: ignore LS401\nconsole.log(1);",
        ),
        (
            "lua",
            "print(zzz) -- llmspell: ignore LS402",
            "print(zzz) -- llmspell: ignore LS402, LS401",
        ),
    ],
)
def test_the_editor_can_add_one(language: Language, before: str, after: str) -> None:
    tree = parse(before, language)
    found = next(one for one in lint(before, language) if one.code == "LS401")
    assert fixed(before, suppress(tree, found)) == after
    assert "LS401" not in {one.code for one in lint(after, language)}


@pytest.mark.parametrize("source", ["print(zzz, [[\n]])", "f(zzz, `\n`);"])
def test_the_editor_adds_none_inside_a_string(source: str) -> None:
    language = "javascript" if ";" in source else "lua"
    found = next(one for one in lint(source, language) if one.code == "LS401")
    assert suppress(parse(source, language), found) is None


def test_spans_are_those_of_the_words() -> None:
    text = "print(1) -- llmspell: ignore LS401, unused-local"
    (comment,) = suppressions(parse(text, "lua"))
    assert comment.comment == Span(9, len(text))
    assert [text[one.span.start : one.span.end] for one in comment.entries] == ["LS401", "unused-local"]


def test_settings_choose_rules_by_code_beginning_and_name() -> None:
    source = "local unused = zzz"
    assert [one.code for one in lint(source)] == ["LS402", "LS401"]
    for select, ignore, codes in [
        (("LS4",), (), ["LS402", "LS401"]),
        (("undefined-variable",), (), ["LS401"]),
        ((), ("ls402",), ["LS401"]),
        (("LS4",), ("LS401",), ["LS402"]),
        (("LS1",), (), []),
    ]:
        assert [one.code for one in lint(source, "lua", LintSettings(select, ignore))] == codes
