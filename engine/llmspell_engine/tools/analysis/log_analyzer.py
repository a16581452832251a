"""What happened, by a log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result, complete
from llmspell_engine.tools.analysis.log_lines import LogLine, read_line
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted, stop_if_cancelled
from llmspell_engine.tools.given import given_lines
from llmspell_engine.tools.parameters import ToolParameters

_ORDER = ("trace", "debug", "info", "warning", "error", "critical")
_CHANGING = re.compile(
    r"(?=[\da-fA-F\"'])(?:"  # most places are ruled out by this alone
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|0x[0-9a-fA-F]+|\b[0-9a-f]{12,}\b|\d+(?:\.\d+)*|"
    r"\"[^\"]*\"|'[^']*')"
)

MOST_KINDS = 100_000
"""The kinds of messages, the paths and the hosts that are told apart; later ones are in the totals only."""


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
        counts = _Counts()
        with _lines(parameters, context) as lines:
            for number, line in enumerate(lines, 1):
                if number % 1000 == 0:
                    stop_if_cancelled()
                if line.strip() and (parameters.contains is None or parameters.contains in line):
                    read = read_line(line.rstrip("\r\n"))
                    if _is_wanted(read, parameters):
                        counts.add(number, read)
        result = counts.summary(parameters.max_groups)
        levels = ", ".join(f"{count} {level}" for level, count in result.levels.items())
        groups = "\n".join(f"{one.count} x {one.pattern}" for one in result.groups)
        text = f"{counted(result.lines, 'line')}: {levels}\n{groups}".strip()
        return Outcome("analyze", result, text, f"Read {counted(result.lines, 'line')}")


def _lines(parameters: LogParameters, context: ToolContext) -> AbstractContextManager[Iterator[str]]:
    if (parameters.input is None) == (parameters.file is None):
        raise ToolError("give one of 'input' and 'file'", code="invalid_input")
    return given_lines(parameters.input, parameters.file, context, errors="replace")


def _is_wanted(line: LogLine, parameters: LogParameters) -> bool:
    lowest = parameters.min_level
    return lowest == "trace" or _ORDER.index(line.level or "info") >= _ORDER.index(lowest)


@dataclass(slots=True)
class _Group:
    pattern: str
    level: str | None
    example: str
    first_line: int
    count: int = 1

    def told(self) -> LogGroup:
        """The group as scripts see it."""
        return LogGroup(
            pattern=self.pattern,
            count=self.count,
            level=self.level,
            example=self.example,
            first_line=self.first_line,
        )


class _Counts:
    """What is counted of lines, of which none is held."""

    def __init__(self) -> None:
        self._lines = 0
        self._levels, self._forms = Counter[str](), Counter[str]()
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._groups: dict[tuple[str | None, str], _Group] = {}
        self._bytes = 0
        self._statuses, self._paths, self._hosts = Counter[str](), Counter[str](), Counter[str]()

    def add(self, number: int, line: LogLine) -> None:
        """Count a line."""
        self._lines += 1
        self._levels[line.level or "none"] += 1
        self._forms[line.form] += 1
        if line.time is not None:
            self._first = line.time if self._first is None or line.time < self._first else self._first
            self._last = line.time if self._last is None or line.time > self._last else self._last
        self._add_message(number, line)
        if line.form == "access":
            self._add_access(line)

    def summary(self, most: int) -> LogSummary:
        """What the lines come to."""
        errors = self._levels["error"] + self._levels["critical"]
        return LogSummary(
            lines=self._lines,
            forms=dict(self._forms),
            levels={level: self._levels[level] for level in (*_ORDER, "none") if self._levels[level]},
            errors=errors,
            error_rate=round(errors / self._lines, 4) if self._lines else 0.0,
            first_time=_written(self._first) if self._first else None,
            last_time=_written(self._last) if self._last else None,
            groups=[group.told() for group in sorted(self._groups.values(), key=_weight)[:most]],
            accesses=self._told_accesses(most) if self._statuses else None,
        )

    def _add_message(self, number: int, line: LogLine) -> None:
        pattern = _CHANGING.sub("*", line.message)
        group = self._groups.get((line.level, pattern))
        if group is not None:
            group.count += 1
        elif len(self._groups) < MOST_KINDS:
            self._groups[line.level, pattern] = _Group(pattern, line.level, line.message, number)

    def _add_access(self, line: LogLine) -> None:
        self._bytes += line.size
        self._statuses[str(line.status)] += 1
        for counts, name in ((self._paths, str(line.path)), (self._hosts, str(line.host))):
            if name in counts or len(counts) < MOST_KINDS:
                counts[name] += 1

    def _told_accesses(self, most: int) -> LogAccesses:
        return LogAccesses(
            count=self._statuses.total(),
            bytes=self._bytes,
            statuses=dict(sorted(self._statuses.items())),
            paths=dict(self._paths.most_common(most)),
            hosts=dict(self._hosts.most_common(most)),
        )


def _weight(group: _Group) -> tuple[int, int, int]:
    return -_ORDER.index(group.level or "info"), -group.count, group.first_line


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
