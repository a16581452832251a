"""What happened, by a log."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result, complete
from llmspell_engine.tools.analysis.log_lines import LogLine, read_line
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted, stop_if_cancelled
from llmspell_engine.tools.files import lines_of, read_file
from llmspell_engine.tools.parameters import ToolParameters

_ORDER = ("trace", "debug", "info", "warning", "error", "critical")
_CHANGING = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|0x[0-9a-fA-F]+|\b[0-9a-f]{12,}\b|\d+(?:\.\d+)*|"
    r"\"[^\"]*\"|'[^']*'"
)


class LogParameters(ToolParameters):
    """Which log, and what of it."""

    only_operation: ClassVar[str] = "analyze"
    older_names: ClassVar[dict[str, str]] = {"text": "input"}

    input: str | None = Field(None, description="The log.")
    file: Annotated[str, Field(min_length=1), complete("path")] | None = Field(
        None, description="The file of the log, in place of `input`."
    )
    min_level: Literal["trace", "debug", "info", "warning", "error", "critical"] = Field(
        "trace", description="Only lines of this level and above; those without a level are of `info`."
    )
    contains: str | None = Field(None, description="Only lines that hold this text.")
    max_groups: int = Field(10, ge=1, le=1000, description="How many kinds of messages are told.")


class LogGroup(Result):
    """Messages that differ in numbers and names only."""

    pattern: str = Field(description="What they say, with `*` for what differs.")
    count: int = Field(description="How many there are.")
    level: str | None = Field(None, description="Their level, of the first.")
    example: str = Field(description="The first of them.")
    first_line: int = Field(description="The line that it stands in.")


class LogAccesses(Result):
    """What a web server was asked."""

    count: int = Field(description="How often.")
    bytes: int = Field(description="How many bytes were sent.")
    statuses: dict[str, int] = Field(description="How often it answered with each status.")
    paths: dict[str, int] = Field(description="The paths that were asked for most.")
    hosts: dict[str, int] = Field(description="Who asked most.")


class LogSummary(Result):
    """What a log says."""

    lines: int = Field(description="How many lines were looked at, without empty ones.")
    forms: dict[str, int] = Field(description="How many of each form: json, access, syslog, plain.")
    levels: dict[str, int] = Field(description="How many of each level.")
    errors: int = Field(description="How many are errors or worse.")
    error_rate: float = Field(description="The share of these.")
    first_time: str | None = Field(None, description="The time of the earliest.")
    last_time: str | None = Field(None, description="The time of the latest.")
    groups: list[LogGroup] = Field(description="The messages by kind: the worst first, then the most.")
    accesses: LogAccesses | None = Field(None, description="What a web server was asked, of access logs.")


class LogAnalyzer(Tool[LogParameters]):
    """Sums up a log: levels, times, errors by kind, and accesses of web servers."""

    name = "log-analyzer"
    category = "analysis"
    security = "restricted"
    aliases = ("log_analyzer",)
    Parameters = LogParameters
    returns = LogSummary
    blocks = True

    def run(self, parameters: LogParameters, context: ToolContext) -> Outcome:
        """Read each line, and count."""
        lines = [
            (number, line) for number, line in _read(parameters, context) if _is_wanted(line, parameters)
        ]
        result = _summary(lines, parameters.max_groups)
        levels = ", ".join(f"{count} {level}" for level, count in result.levels.items())
        groups = "\n".join(f"{one.count} x {one.pattern}" for one in result.groups)
        text = f"{counted(result.lines, 'line')}: {levels}\n{groups}".strip()
        return Outcome("analyze", result, text, f"Read {counted(result.lines, 'line')}")


def _read(parameters: LogParameters, context: ToolContext) -> Iterable[tuple[int, LogLine]]:
    for number, line in enumerate(lines_of(_text(parameters, context)), 1):
        if number % 1000 == 0:
            stop_if_cancelled()
        if line.strip() and (parameters.contains is None or parameters.contains in line):
            yield number, read_line(line)


def _text(parameters: LogParameters, context: ToolContext) -> str:
    if (parameters.input is None) == (parameters.file is None):
        raise ToolError("give one of 'input' and 'file'", code="invalid_input")
    if parameters.file is None:
        return parameters.input or ""
    content = read_file(context.permissions.readable(parameters.file), parameters.file)
    return content.decode("utf-8", "replace")


def _is_wanted(line: LogLine, parameters: LogParameters) -> bool:
    return _ORDER.index(line.level or "info") >= _ORDER.index(parameters.min_level)


def _summary(lines: Sequence[tuple[int, LogLine]], most: int) -> LogSummary:
    levels = Counter(line.level or "none" for _, line in lines)
    errors = levels["error"] + levels["critical"]
    times = sorted(line.time for _, line in lines if line.time is not None)
    accesses = [line for _, line in lines if line.form == "access"]
    return LogSummary(
        lines=len(lines),
        forms=dict(Counter(line.form for _, line in lines)),
        levels={level: levels[level] for level in (*_ORDER, "none") if levels[level]},
        errors=errors,
        error_rate=round(errors / len(lines), 4) if lines else 0.0,
        first_time=_written(times[0]) if times else None,
        last_time=_written(times[-1]) if times else None,
        groups=_groups(lines)[:most],
        accesses=_accesses(accesses, most) if accesses else None,
    )


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _groups(lines: Sequence[tuple[int, LogLine]]) -> list[LogGroup]:
    found: dict[tuple[str | None, str], list[int]] = defaultdict(list)
    for index, (_, line) in enumerate(lines):
        found[line.level, _CHANGING.sub("*", line.message)].append(index)
    groups = []
    for (level, pattern), places in found.items():
        number, line = lines[places[0]]
        groups.append(
            LogGroup(pattern=pattern, count=len(places), level=level, example=line.message, first_line=number)
        )
    return sorted(groups, key=lambda one: (-_ORDER.index(one.level or "info"), -one.count, one.first_line))


def _accesses(lines: Sequence[LogLine], most: int) -> LogAccesses:
    return LogAccesses(
        count=len(lines),
        bytes=sum(line.size for line in lines),
        statuses=dict(sorted(Counter(str(line.status) for line in lines).items())),
        paths=dict(Counter(str(line.path) for line in lines).most_common(most)),
        hosts=dict(Counter(str(line.host) for line in lines).most_common(most)),
    )
