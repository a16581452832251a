"""What handlers decide, and how they may say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

Kind = Literal["continue", "modified", "cancel", "redirect", "replace", "retry", "skipped"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MAX_ATTEMPTS = 3
"""How often work is done at most where a handler asks for another try and names no number."""


class DecisionError(Exception):
    """A handler gave something that decides nothing; the message says what it may give."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to happen.

    Attributes:
        data: the fields to change (``modified``), or what is taken instead (``replace``).
        reason: why it is cancelled or skipped.
        target: what does the work instead (``redirect``).
        max_attempts: how often the work is done at most, the first time included (``retry``).
    """

    kind: Kind = "continue"
    data: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    target: str = ""
    delay_ms: float = 0
    max_attempts: int = MAX_ATTEMPTS


CONTINUE = Decision()


def modify(**data: Any) -> Decision:
    """Go on with these fields changed."""
    return Decision("modified", data)


def cancel(reason: str) -> Decision:
    """Do not do it."""
    return Decision("cancel", reason=reason)


def replace(data: Mapping[str, Any]) -> Decision:
    """Take this for the result."""
    return Decision("replace", data)


def decide(given: Any) -> Decision:
    """The decision in what a handler gave. Raises DecisionError.

    Nothing, true and ``"continue"`` go on; ``"skip"`` leaves out the handlers that follow; any other string
    cancels with itself as the reason, false without one; a table says its ``type``.
    """
    if given is None or given is True:
        return CONTINUE
    if isinstance(given, Decision):
        return given
    if given is False:
        return cancel("")
    if isinstance(given, str):
        return _of_word(given)
    if isinstance(given, Mapping):
        return _of_table(given)
    raise DecisionError(f"a handler gives nothing, a string or a table, not {type(given).__name__}")


def _of_word(word: str) -> Decision:
    if word == "continue":
        return CONTINUE
    return Decision("skipped") if word in ("skip", "skipped") else cancel(word)


def _of_table(table: Mapping[str, Any]) -> Decision:
    if not table:
        return CONTINUE
    kind = {"skip": "skipped", "modify": "modified"}.get(table.get("type", ""), table.get("type"))
    if kind not in KINDS:
        raise DecisionError(f"the 'type' of what a handler gives is one of {', '.join(KINDS)}, not {kind!r}")
    decision = Decision(
        cast(Kind, kind),
        data=_field(table, "data", Mapping, {}),
        reason=_field(table, "reason", str, ""),
        target=_field(table, "target", str, ""),
        delay_ms=_field(table, "delay_ms", int | float, 0),
        max_attempts=_field(table, "max_attempts", int, MAX_ATTEMPTS),
    )
    if kind == "redirect" and not decision.target:
        raise DecisionError("a handler that redirects names a 'target'")
    return decision


def _field(table: Mapping[str, Any], name: str, kind: Any, default: Any) -> Any:
    camel = name.replace("_m", "M").replace("_a", "A")
    value = table.get(name, table.get(camel))
    if value is None:
        return default
    if not isinstance(value, kind):
        raise DecisionError(f"'{name}' of what a handler gives cannot be {value!r}")
    return value
