"""Lines of the log, as text and as JSON. Both forms are stable: ``docs/observability.md`` describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmspell_engine.observability.around import Place
    from llmspell_engine.observability.levels import Form, Level

_MOST_CAUSES = 10


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One message. Secrets are masked in it already."""

    level: Level
    message: str
    time: datetime
    logger: str | None
    fields: Mapping[str, Any]
    correlation_id: str | None = None
    place: Place | None = None
    session_id: str | None = None

    def line(self, form: Form) -> str:
        """The line that is written, with its end."""
        return (_as_json(self) if form == "json" else _as_text(self)) + "\n"


def told(value: Any) -> Any:
    """A field's value as it is written: errors as what is known of them, at any depth."""
    if isinstance(value, BaseException):
        return error_fields(value)
    if isinstance(value, Mapping):
        return {str(key): told(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [told(each) for each in value]
    return value


def error_fields(error: BaseException, depth: int = 0) -> dict[str, Any]:
    """What is known of an error: its kind and message, the script's calls, and what led to it."""
    found: dict[str, Any] = {"kind": kind_of(error), "message": str(error)}
    frames = [f"{each.path}:{each.line} in {each.function}" for each in getattr(error, "frames", ())]
    if frames:
        found["stack"] = frames
    cause = getattr(error, "cause", None) or error.__cause__
    if isinstance(cause, BaseException) and depth < _MOST_CAUSES:
        found["cause"] = error_fields(cause, depth + 1)
    return found


def kind_of(error: BaseException) -> str:
    """What an error is called: its ``kind``, else its class."""
    return str(getattr(error, "kind", type(error).__name__))


def timestamp(time: datetime) -> str:
    """A moment as records have it: UTC, with milliseconds."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _as_text(record: LogRecord) -> str:
    name = f"{record.logger}: " if record.logger else ""
    fields = dict(record.fields)
    if record.correlation_id is not None:
        fields["correlation_id"] = record.correlation_id
    if record.session_id is not None:
        fields["session_id"] = record.session_id
    words = "".join(f" {_key(key)}={_word(value)}" for key, value in fields.items())
    # A message stays one line, so that none can pass itself off as another record.
    message = record.message.replace("\r", "\\r").replace("\n", "\\n")
    return f"{timestamp(record.time)} {record.level.upper():5} {name}{message}{words}"


def _as_json(record: LogRecord) -> str:
    line: dict[str, Any] = {
        "time": timestamp(record.time),
        "level": record.level,
        "logger": record.logger,
        "message": record.message,
        "fields": dict(record.fields),
    }
    if record.correlation_id is not None:
        line["correlation_id"] = record.correlation_id
    if record.session_id is not None:
        line["session_id"] = record.session_id
    if record.place is not None:
        line |= {"trace": record.place.trace, "span": record.place.span}
    return _json(line)


def _key(key: str) -> str:
    return key if _is_word(key) else _json(key)


def _word(value: Any) -> str:
    if isinstance(value, str) and _is_word(value):
        return value
    return _json(value)


def _is_word(text: str) -> bool:
    return bool(text) and not any(mark.isspace() or mark in '"=' for mark in text)


def _json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, default=repr)
