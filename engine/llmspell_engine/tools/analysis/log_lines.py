"""Lines of logs: what each form of them says of the time, the level and the message."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple

Form = Literal["json", "access", "syslog", "plain"]
_LEVELS = {
    "trace": "trace",
    "debug": "debug",
    "info": "info",
    "information": "info",
    "notice": "info",
    "warn": "warning",
    "warning": "warning",
    "err": "error",
    "error": "error",
    "severe": "error",
    "crit": "critical",
    "critical": "critical",
    "alert": "critical",
    "emerg": "critical",
    "fatal": "critical",
    "panic": "critical",
}
_NUMBERED = {10: "debug", 20: "info", 30: "warning", 40: "error", 50: "critical"}
"""The levels that Python, and pino in small steps of ten more, write as numbers."""
_LEVEL = re.compile(rf"\b({'|'.join(_LEVELS)})\b", re.IGNORECASE)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?")
_ACCESS = re.compile(
    r'(?P<host>\S+) \S+ \S+ \[(?P<time>[^\]]+)\] "(?P<method>[A-Z]+) (?P<path>\S+)[^"]*" '
    r"(?P<status>\d{3}) (?P<size>\d+|-)"
)
_SYSLOG = re.compile(
    r"(?:<(?P<priority>\d{1,3})>)?(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (?P<host>\S+) "
    r"(?P<program>[^\s:\[]+)(?:\[\d+\])?: (?P<message>.*)"
)
_LONGEST_MOMENT = 40
_SEVERITIES = ("critical", "critical", "critical", "error", "warning", "info", "info", "debug")


class LogLine(NamedTuple):
    """A line of a log. Of these there may be millions, and a tuple is made in a third of the time."""

    form: Form
    message: str
    level: str | None = None
    time: datetime | None = None
    status: int | None = None
    """The status of HTTP, of an access."""
    path: str | None = None
    host: str | None = None
    """Who asked, of an access."""
    size: int = 0


def read_line(line: str) -> LogLine:
    """What a line says, in the first form that fits."""
    for read in _FORMS:
        if (found := read(line)) is not None:
            return found
    return _plain(line)


def _json(line: str) -> LogLine | None:
    if not line.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    message = str(_first(value, "message", "msg", "event", "error") or line)
    level = _level(_first(value, "level", "severity", "levelname", "lvl"))
    return LogLine("json", message, level, _moment(_first(value, "time", "timestamp", "ts", "@timestamp")))


def _first(value: Mapping[str, Any], *names: str) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _level(given: Any) -> str | None:
    if isinstance(given, int) and not isinstance(given, bool):
        return _NUMBERED.get(given // 10 * 10)
    return _LEVELS.get(str(given).lower())


def _moment(given: Any) -> datetime | None:
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        seconds = given / 1000 if given > 1e11 else given
        return _told(lambda: datetime.fromtimestamp(seconds, UTC))
    text = str(given or "").replace(",", ".")
    return _told(lambda: datetime.fromisoformat(text))


def _told(read: Callable[[], datetime]) -> datetime | None:
    try:
        moment = read()
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _access(line: str) -> LogLine | None:
    found = _ACCESS.match(line) if '] "' in line else None
    if found is None:
        return None
    status = int(found["status"])
    level = "error" if status >= 500 else "warning" if status >= 400 else "info"
    time = _access_moment(found["time"][:_LONGEST_MOMENT])
    path = found["path"].partition("?")[0]
    size = int(found["size"]) if found["size"].isdigit() else 0
    message = f"{found['method']} {path} {status}"
    return LogLine("access", message, level, time, status, path, found["host"], size)


@lru_cache(maxsize=256)
def _access_moment(text: str) -> datetime | None:
    """A moment as web servers write it, to the second: many lines in a row have the same."""
    return _told(lambda: datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z"))


def _syslog(line: str) -> LogLine | None:
    found = _SYSLOG.match(line)
    if found is None:
        return None
    message = found["message"]
    priority = found["priority"]
    level = _SEVERITIES[int(priority) % 8] if priority else _level_in(message)
    return LogLine("syslog", f"{found['program']}: {message}", level)


def _plain(line: str) -> LogLine:
    stamp = _MOMENT.search(line[:80])
    rest = (line[: stamp.start()] + line[stamp.end() :]) if stamp else line
    return LogLine("plain", rest.strip(" []-|:\t"), _level_in(rest), _moment(stamp[0]) if stamp else None)


def _level_in(text: str) -> str | None:
    """The level that stands near the beginning of a line."""
    found = _LEVEL.search(text[:60])
    return _LEVELS[found[1].lower()] if found else None


_FORMS: tuple[Callable[[str], LogLine | None], ...] = (_json, _access, _syslog)
