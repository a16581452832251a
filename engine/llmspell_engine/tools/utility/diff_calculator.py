"""Differences of texts, files and JSON values."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.data_values import DataList, DataTable
from llmspell_engine.tools.files import lines_of
from llmspell_engine.tools.given import GivenPath, text_of
from llmspell_engine.tools.parameters import Needs, ToolParameters
from llmspell_engine.tools.utility.json_diff import JsonChange, changes

Format = Literal["unified", "context", "inline", "simple"]
Value = str | DataList | DataTable
MOST_LINES = 20_000
"""The longest text, in lines: comparing takes longer than in proportion."""


class DiffParameters(ToolParameters):
    """What is compared."""

    needs: ClassVar[Needs] = {
        "text": (("old_text", "old_file"), ("new_text", "new_file")),
        "json": (("old_json", "old_text", "old_file"), ("new_json", "new_text", "new_file")),
    }

    chosen_by: ClassVar[str] = "type"

    type: Literal["text", "json"] = Field("text", description="Compare line by line, or as values.")
    old_text: str | None = Field(
        None, description="The text before.", json_schema_extra={"x-example": "a cat"}
    )
    new_text: str | None = Field(
        None, description="The text after.", json_schema_extra={"x-example": "a hat"}
    )
    old_json: Value | None = Field(None, description="The value before, or JSON text.")
    new_json: Value | None = Field(None, description="The value after, or JSON text.")
    old_file: GivenPath | None = Field(None, description="The file before.")
    new_file: GivenPath | None = Field(None, description="The file after.")
    format: Format = Field("unified", description="`text`: how the difference is written.")
    context_lines: Annotated[int, Field(ge=0, le=1000)] = Field(
        3, description="`text`: the lines to show around a difference."
    )


class DiffStats(Result):
    """How much differs."""

    added_lines: int = Field(description="Lines that came.")
    removed_lines: int = Field(description="Lines that went.")
    unchanged_lines: int = Field(description="Lines that stayed.")
    similarity: float = Field(description="How much is the same, from 0 to 1.")


class TextDifference(Result):
    """The difference of two texts."""

    type: Literal["text"] = Field(description="What was compared.")
    format: Format = Field(description="How the difference is written.")
    diff: str = Field(description="The difference; empty where there is none.")
    stats: DiffStats = Field(description="How much differs.")


class JsonSummary(Result):
    """How much differs."""

    added: int = Field(description="Values that came.")
    removed: int = Field(description="Values that went.")
    changed: int = Field(description="Values that are others now.")
    identical: bool = Field(description="Whether nothing differs.")


class JsonDifference(Result):
    """The difference of two values."""

    type: Literal["json"] = Field(description="What was compared.")
    diff: list[JsonChange] = Field(description="The differences, place by place.")
    summary: JsonSummary = Field(description="How much differs.")


class DiffCalculator(Tool[DiffParameters]):
    """Tells the difference of two texts, files or JSON values."""

    name = "diff-calculator"
    category = "utility"
    aliases = ("diff_calculator",)
    Parameters = DiffParameters
    returns = TextDifference | JsonDifference
    blocks = True

    def run(self, parameters: DiffParameters, context: ToolContext) -> Outcome:
        """Compare."""
        if parameters.type == "json":
            old = _value(parameters.old_json, parameters.old_text, parameters.old_file, "old", context)
            new = _value(parameters.new_json, parameters.new_text, parameters.new_file, "new", context)
            return _json_difference(old, new)
        old_text = _text(parameters.old_text, parameters.old_file, context)
        new_text = _text(parameters.new_text, parameters.new_file, context)
        return _text_difference(old_text, new_text, parameters)


def _text(text: str | None, file: str | None, context: ToolContext) -> str:
    return text if text is not None else text_of(file or "", context)


def _value(value: Value | None, text: str | None, file: str | None, name: str, context: ToolContext) -> Any:
    if isinstance(value, (dict, list)):
        return value
    source = value if value is not None else _text(text, file, context)
    try:
        return json.loads(source)
    except ValueError as error:
        raise ToolError(f"what is '{name}' is not JSON: {error}", code="invalid_json") from None


def _text_difference(old_text: str, new_text: str, parameters: DiffParameters) -> Outcome:
    old, new = lines_of(old_text), lines_of(new_text)
    if max(len(old), len(new)) > MOST_LINES:
        raise ToolError(f"a text has more than {MOST_LINES} lines", code="too_large")
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    stats = DiffStats(
        added_lines=len(new) - same,
        removed_lines=len(old) - same,
        unchanged_lines=same,
        similarity=round(matcher.ratio(), 4),
    )
    diff = "\n".join(_written(old, new, matcher, parameters))
    result = TextDifference(type="text", format=parameters.format, diff=diff, stats=stats)
    message = f"{counted(stats.added_lines, 'line')} came, {counted(stats.removed_lines, 'line')} went"
    return Outcome("text_diff", result, diff, message)


def _written(
    old: Sequence[str], new: Sequence[str], matcher: difflib.SequenceMatcher[str], parameters: DiffParameters
) -> list[str]:
    names = (parameters.old_file or "old", parameters.new_file or "new")
    match parameters.format:
        case "unified":
            return list(difflib.unified_diff(old, new, *names, n=parameters.context_lines, lineterm=""))
        case "context":
            return list(difflib.context_diff(old, new, *names, n=parameters.context_lines, lineterm=""))
        case form:
            return _lines(old, new, matcher, whole=form == "inline")


def _lines(
    old: Sequence[str], new: Sequence[str], matcher: difflib.SequenceMatcher[str], *, whole: bool
) -> list[str]:
    """The lines that went and came, in their order, and with ``whole`` those between them."""
    lines: list[str] = []
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            lines += [f"  {line}" for line in old[start:end]] if whole else []
            continue
        lines += [f"- {line}" for line in old[start:end]]
        lines += [f"+ {line}" for line in new[first:last]]
    return lines


def _json_difference(old: Any, new: Any) -> Outcome:
    try:
        found = list(changes(old, new))
    except RecursionError:
        raise ToolError("the values are nested too deeply", code="too_large") from None
    kinds = [one.change for one in found]
    summary = JsonSummary(
        added=kinds.count("added"),
        removed=kinds.count("removed"),
        changed=kinds.count("changed"),
        identical=not found,
    )
    text = "\n".join(map(_told, found))
    result = JsonDifference(type="json", diff=found, summary=summary)
    return Outcome("json_diff", result, text, f"Found {counted(len(found), 'difference')}")


def _told(change: JsonChange) -> str:
    old, new = (json.dumps(one, ensure_ascii=False) for one in (change.old, change.new))
    told = {"added": f"+ {new}", "removed": f"- {old}", "changed": f"{old} -> {new}"}
    return f"{change.path}: {told[change.change]}"
