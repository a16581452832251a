"""Points in time as text: reading many forms, writing by patterns.

Patterns are those of ``strftime``, with three additions: ``%.f`` is the fraction of a second with its
dot, ``%:z`` the offset with a colon, and a final ``Z`` the offset, which is ``Z`` in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from llmspell_engine.tools.base import ToolError

DEFAULT_PATTERN = "%Y-%m-%dT%H:%M:%S%.fZ"
FORMATS = {
    "RFC 3339": "2026-03-01T12:30:00Z",
    "ISO date": "2026-03-01",
    "date and time": "2026-03-01 12:30:00",
    "RFC 2822": "Sun, 01 Mar 2026 12:30:00 +0000",
    "day first": "01 March 2026",
    "Unix time": "1772368200",
}
"""Forms that are read, by name, each with an example."""
_PATTERNS = (
    "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%a, %d %b %Y %H:%M:%S %z", "%d %B %Y",
)  # fmt: skip


def read(text: str) -> tuple[datetime, str]:
    """The time that a text tells, and in what form. Without a zone it is UTC. Raises ToolError."""
    stripped = text.strip()
    for pattern in _PATTERNS:
        try:
            return _in_utc(datetime.strptime(stripped, pattern)), pattern
        except ValueError:
            continue
    from dateutil import parser

    try:
        if stripped.lstrip("-").isdigit() and len(stripped) > len("20260301"):
            return datetime.fromtimestamp(int(stripped), UTC), "Unix time"
        return _in_utc(parser.parse(stripped)), "free form"
    except (ValueError, OverflowError, OSError):
        raise ToolError(f"'{text}' is no date that can be read", code="invalid_date") from None


def zone(name: str) -> tzinfo:
    """The time zone of an IANA name. Raises ToolError."""
    if name.upper() in ("UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ToolError(
            f"'{name}' is no time zone such as 'Europe/Berlin'", code="invalid_timezone"
        ) from None


def write(moment: datetime, pattern: str) -> str:
    """A time by a pattern. Raises ToolError."""
    offset = _offset(moment)
    if pattern.endswith("Z") and not pattern.endswith("%Z"):
        pattern = pattern[:-1] + (_escaped(offset) if moment.utcoffset() else "Z")
    fraction = f".{moment.microsecond // 1000:03}" if moment.microsecond else ""
    pattern = pattern.replace("%.f", fraction).replace("%:z", _escaped(offset))
    try:
        return moment.strftime(pattern)
    except ValueError:
        raise ToolError(f"'{pattern}' is no pattern for a time", code="invalid_format") from None


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _offset(moment: datetime) -> str:
    away = moment.utcoffset() or timedelta()
    minutes = abs(away) // timedelta(minutes=1)
    return f"{'-' if away < timedelta() else '+'}{minutes // 60:02}:{minutes % 60:02}"


def _escaped(text: str) -> str:
    return text.replace("%", "%%")
