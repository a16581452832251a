"""Whether a constant fits a schema, and how to say that it does not.

Only what the source states is judged: literals, and lists of them. A name, a call or an operator may
give anything and always fits. A value fits a schema when it fits any of its alternatives.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmspell_engine.analysis import schemas
from llmspell_engine.analysis.nodes import Function, Literal, Operation, Table
from llmspell_engine.diagnostics import Edit, Fix
from llmspell_engine.lint.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from llmspell_engine.analysis.nodes import Expression
    from llmspell_engine.catalog.model import Schema
    from llmspell_engine.lint.subject import Subject
    from llmspell_engine.text import Span

_SHOWN = 8
"""How many allowed values a message lists."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a value does not fit; the message goes on from the name of what the value is for."""

    span: Span
    message: str
    fix: Fix | None = None


def complaint(subject: Subject, value: Expression, schema: Schema) -> Complaint | None:
    """What is wrong with a value, or None when it fits or is no constant."""
    arms = schemas.alternatives(subject.catalog, schema)
    if isinstance(value, Table):
        return _table_complaint(subject, value, arms)
    if isinstance(value, Function):
        fits = any(_may_be_function(arm) for arm in arms)
        return None if fits else Complaint(value.span, f"must be {_described(subject, arms)}, not a function")
    constant = _constant(value)
    if constant is None:
        return None
    return _constant_complaint(subject, value, constant, arms)


def _constant(value: Expression) -> str | int | float | bool | None:
    """The constant an expression is; None for nil, null and everything that is not constant."""
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, Operation) and value.operator == "-" and len(value.operands) == 1:
        inner = _constant(value.operands[0])
        return -inner if isinstance(inner, int | float) and not isinstance(inner, bool) else None
    return None


def _constant_complaint(
    subject: Subject, value: Expression, constant: Any, arms: list[Schema]
) -> Complaint | None:
    faults = [_fault(constant, arm) for arm in arms]
    if None in faults:
        return None
    of_kind = [fault for arm, fault in zip(arms, faults, strict=True) if _is_of_kind(constant, arm)]
    listed = [one for arm in arms if _is_of_kind(constant, arm) for one in schemas.allowed_values(arm)]
    if listed:
        return _not_listed(value, constant, listed)
    if of_kind:
        return Complaint(value.span, f"{of_kind[0]}, not {_shown(constant)}")
    return Complaint(value.span, f"must be {_described(subject, arms)}, not {_kind_name(constant)}")


def _fault(constant: Any, arm: Schema) -> str | None:
    """Why a constant does not fit one alternative, or None."""
    if not _is_of_kind(constant, arm):
        return "must be of another type"
    listed = schemas.allowed_values(arm)
    if listed and constant not in listed:
        return "must be one of the listed values"
    if isinstance(constant, str):
        return _string_fault(constant, arm)
    if isinstance(constant, int | float) and not isinstance(constant, bool):
        return _number_fault(constant, arm)
    return None


def _is_of_kind(constant: Any, arm: Schema) -> bool:
    if "x-handle" in arm or "x-function" in arm:
        return False
    kinds = schemas.kinds(arm) or {_json_kind(one) for one in schemas.allowed_values(arm)}
    if not kinds:
        return not schemas.is_object(arm)
    kind = _json_kind(constant)
    if kind == "integer":
        return bool(kinds & {"integer", "number"})
    if kind == "number":
        return "number" in kinds or ("integer" in kinds and float(constant).is_integer())
    return kind in kinds


def _json_kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "string" if isinstance(value, str) else "null"


def _string_fault(constant: str, arm: Schema) -> str | None:
    shortest, longest, pattern = arm.get("minLength"), arm.get("maxLength"), arm.get("pattern")
    if shortest is not None and len(constant) < shortest:
        return "must not be empty" if shortest == 1 else f"must have {shortest} characters or more"
    if longest is not None and len(constant) > longest:
        return f"must have {longest} characters or fewer"
    if pattern is not None and not _matches(pattern, constant):
        return f"must be {_in_words(arm) or f'a match of {pattern}'}"
    return None


def _in_words(arm: Schema) -> str:
    """What a text must be, as its documentation says it; people need not read patterns."""
    text = str(arm.get("description", "")).rstrip(".")
    return text[:1].lower() + text[1:]


def _number_fault(constant: float, arm: Schema) -> str | None:
    bounds = (
        ("minimum", "must be {} or more", operator.lt),
        ("maximum", "must be {} or less", operator.gt),
        ("exclusiveMinimum", "must be more than {}", operator.le),
        ("exclusiveMaximum", "must be less than {}", operator.ge),
    )
    for name, message, breaks in bounds:
        bound = arm.get(name)
        if bound is not None and breaks(constant, bound):
            return message.format(_shown(bound))
    step = arm.get("multipleOf")
    if step and constant % step:
        return f"must be a multiple of {_shown(step)}"
    return None


def _matches(pattern: str, constant: str) -> bool:
    try:
        return re.search(pattern, constant) is not None
    except re.error:
        return True


def _not_listed(value: Expression, constant: Any, listed: list[Any]) -> Complaint:
    words = [one for one in listed if isinstance(one, str)]
    meant = nearest(constant, words) if isinstance(constant, str) else None
    shown = ", ".join(_shown(one) for one in listed[:_SHOWN])
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    message = f"must be one of {shown}{more}, not {_shown(constant)}{did_you_mean(meant)}"
    content = value.content if isinstance(value, Literal) else None
    fix = None
    if meant is not None and content is not None:
        fix = Fix(f"Change to '{meant}'", (Edit(content, meant),), safe=False)
    return Complaint(value.span, message, fix)


def _table_complaint(subject: Subject, value: Table, arms: list[Schema]) -> Complaint | None:
    """A table fits objects and lists; its keys are the business of other rules, its elements of this."""
    if not any(_may_be_table(value, arm) for arm in arms):
        what = "a list" if value.style == "array" else "an object" if value.style == "object" else "a table"
        return Complaint(value.span, f"must be {_described(subject, arms)}, not {what}")
    lists = [arm for arm in arms if "array" in schemas.kinds(arm) and "items" in arm]
    if len(lists) != 1 or len(arms) != 1:
        return None
    elements = (entry.value for entry in value.fields if entry.position is not None and not entry.is_spread)
    found = (complaint(subject, element, lists[0]["items"]) for element in elements)
    first = next((one for one in found if one is not None), None)
    return Complaint(first.span, f"holds a wrong element: it {first.message}", first.fix) if first else None


def _may_be_table(value: Table, arm: Schema) -> bool:
    kinds = schemas.kinds(arm)
    if "x-handle" in arm or (not kinds and not schemas.allowed_values(arm) and "x-function" not in arm):
        return True
    if value.style == "table":
        return bool(kinds & {"object", "array"}) or schemas.is_object(arm)
    return ("array" if value.style == "array" else "object") in kinds or (
        value.style == "object" and schemas.is_object(arm)
    )


def _may_be_function(arm: Schema) -> bool:
    return "x-function" in arm or not (schemas.kinds(arm) or schemas.allowed_values(arm) or "x-handle" in arm)


def _described(subject: Subject, arms: list[Schema]) -> str:
    names = [_arm_name(subject, arm) for arm in arms]
    return " or ".join(dict.fromkeys(name for name in names if name)) or "another type"


def _arm_name(subject: Subject, arm: Schema) -> str:
    if "x-handle" in arm:
        return _with_article(str(arm["x-handle"]))
    if "x-function" in arm:
        return "a function"
    kinds = sorted(schemas.kinds(arm) - {"null"}) or sorted(
        {_json_kind(one) for one in schemas.allowed_values(arm)}
    )
    table = "a table" if subject.language == "lua" else "an object"
    words = [{"object": table, "array": "a list"}.get(kind) or _with_article(kind) for kind in kinds]
    return " or ".join(words)


def _kind_name(constant: object) -> str:
    return _with_article(_json_kind(constant))


def _with_article(word: str) -> str:
    return f"an {word}" if word[:1].lower() in "aeiou" else f"a {word}"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 40 else f"'{value[:39]}…'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
