"""Regular expressions at work on a text."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.parameters import Needs, ToolParameters
from llmspell_engine.tools.utility.patterns import SECONDS, PatternSettings, compiled, told_when_slow

if TYPE_CHECKING:
    import regex


class RegexParameters(ToolParameters):
    """Which expression does what with which text."""

    needs: ClassVar[Needs] = {
        **dict.fromkeys(("test", "match", "split"), ("input",)),
        "replace": ("input", "replacement"),
    }

    operation: Literal["test", "match", "replace", "split", "validate"] = Field(
        "match",
        description="Whether it is found, all places, the text with something in their stead, the texts "
        "between, or only whether it is an expression.",
    )
    pattern: Annotated[str, Field(min_length=1)] = Field(
        description="The expression, in the syntax of Python.",
        json_schema_extra={"x-example": r"(\w+)@(\w+)"},
    )
    input: str | None = Field(
        None, description="The text.", json_schema_extra={"x-example": "ann@example.com"}
    )
    replacement: str | None = Field(
        None, description=r"`replace`: the new text; `\1` and `\g<name>` are groups."
    )
    ignore_case: bool = Field(False, description="Whether capital and small letters are the same.")
    multiline: bool = Field(False, description="Whether `^` and `$` are the ends of each line.")
    dot_all: bool = Field(False, description="Whether `.` is the end of a line too.")
    verbose: bool = Field(False, description="Whether blanks and comments in the expression do not count.")
    max_matches: Annotated[int, Field(ge=1, le=10_000)] = Field(
        1000, description="The most places to find, replace or split at."
    )


class RegexMatch(Result):
    """A place that matches."""

    text: str = Field(description="What stands there.")
    start: int = Field(description="Its first character, from 0.")
    end: int = Field(description="The character behind it.")
    groups: list[str | None] = Field(description="What the groups hold.")
    named: dict[str, str | None] = Field(description="What the groups with names hold.")


class RegexResult(Result):
    """What an expression did; what was not asked for is absent."""

    valid: bool = Field(description="Whether it is an expression.")
    matched: bool | None = Field(None, description="Whether it was found.")
    matches: list[RegexMatch] | None = Field(None, description="The places.")
    count: int | None = Field(None, description="How many there are, or were replaced.")
    output: str | None = Field(None, description="The new text.")
    parts: list[str] | None = Field(None, description="The texts between.")
    group_count: int | None = Field(None, description="How many groups the expression has.")
    error: str | None = Field(None, description="Why it is no expression.")


class RegexTester(Tool[RegexParameters]):
    """Tries regular expressions: finds, replaces, splits, and tells what is wrong with them."""

    name = "regex-tester"
    category = "utility"
    aliases = ("regex_tester",)
    Parameters = RegexParameters
    returns = RegexResult
    blocks = True

    def run(self, parameters: RegexParameters, context: ToolContext) -> Outcome:
        """Try the expression."""
        settings = PatternSettings(
            ignore_case=parameters.ignore_case,
            multiline=parameters.multiline,
            dot_all=parameters.dot_all,
            verbose=parameters.verbose,
        )
        if parameters.operation == "validate":
            return _validate(parameters.pattern, settings)
        pattern = compiled(parameters.pattern, settings)
        with told_when_slow(parameters.pattern):
            return _tried(pattern, parameters)


def _validate(text: str, settings: PatternSettings) -> Outcome:
    try:
        pattern = compiled(text, settings)
    except ToolError as error:
        result = RegexResult(valid=False, error=str(error))
        return Outcome("validate", result, str(error), "It is no expression")
    result = RegexResult(valid=True, group_count=pattern.groups)
    return Outcome("validate", result, "valid", "It is an expression")


def _tried(pattern: regex.Pattern[str], parameters: RegexParameters) -> Outcome:
    text, most = parameters.input or "", parameters.max_matches
    match parameters.operation:
        case "test":
            found = pattern.search(text, timeout=SECONDS, concurrent=True) is not None
            result = RegexResult(valid=True, matched=found)
            return Outcome("test", result, str(found).lower(), "Found it" if found else "Did not find it")
        case "replace":
            return _replace(pattern, text, parameters.replacement or "", most)
        case "split":
            split = pattern.split(text, maxsplit=most, concurrent=True, timeout=SECONDS)
            parts = [part or "" for part in split]
            told = f"Made {counted(len(parts), 'part')}"
            return Outcome("split", RegexResult(valid=True, parts=parts), "\n".join(parts), told)
        case _:
            return _match(pattern, text, most)


def _match(pattern: regex.Pattern[str], text: str, most: int) -> Outcome:
    found = [
        RegexMatch(
            text=one.group(),
            start=one.start(),
            end=one.end(),
            groups=list(one.groups()),
            named=dict(one.groupdict()),
        )
        for one in islice(pattern.finditer(text, concurrent=True, timeout=SECONDS), most)
    ]
    result = RegexResult(valid=True, matched=bool(found), matches=found, count=len(found))
    lines = "\n".join(one.text for one in found)
    return Outcome("match", result, lines, f"Found {counted(len(found), 'place')}")


def _replace(pattern: regex.Pattern[str], text: str, replacement: str, most: int) -> Outcome:
    import regex

    try:
        changed, count = pattern.subn(replacement, text, count=most, concurrent=True, timeout=SECONDS)
    except (regex.error, IndexError) as error:
        raise ToolError(
            f"'replacement' does not fit the expression: {error}", code="invalid_pattern"
        ) from None
    result = RegexResult(valid=True, matched=count > 0, count=count, output=changed)
    return Outcome("replace", result, changed, f"Replaced {counted(count, 'place')}")
