"""The rules of the data validator, and how values are checked against them.

Every rule but ``Required`` lets a missing value pass, so that optional fields need no special case. The types
of rules may be written in lower case, as some scripts have them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import Field

from llmspell_engine.api.declare import Options

Kind = Literal["string", "number", "integer", "boolean", "array", "object", "null"]


class RuleError(Exception):
    """A rule that cannot be applied to anything."""


class RequiredRule(Options):
    """There must be a value, and no empty text."""

    type: Literal["Required", "required"]


class TypeRule(Options):
    """The value must be of a type."""

    type: Literal["Type", "type"]
    expected: Kind = Field(description="The type.")


class LengthRule(Options):
    """A text or list must be so long."""

    type: Literal["Length", "length"]
    min: Annotated[int, Field(ge=0)] | None = Field(None, description="The least length.")
    max: Annotated[int, Field(ge=0)] | None = Field(None, description="The greatest length.")


class RangeRule(Options):
    """A number must be so large."""

    type: Literal["Range", "range"]
    min: float | None = Field(None, description="The least value.")
    max: float | None = Field(None, description="The greatest value.")


class PatternRule(Options):
    """A text must hold a match of a regular expression."""

    type: Literal["Pattern", "pattern"]
    regex: Annotated[str, Field(max_length=500)] = Field(description="The regular expression.")


class EnumRule(Options):
    """The value must be one of some."""

    type: Literal["Enum", "enum"]
    values: list[Any] = Field(min_length=1, description="The values that are allowed.")


class EmailRule(Options):
    """A text must be an e-mail address."""

    type: Literal["Email", "email"]


class UrlRule(Options):
    """A text must be an address of the web."""

    type: Literal["Url", "url"]
    schemes: list[str] = Field(["http", "https"], description="The schemes that are allowed.")


class DateRule(Options):
    """A text must be a date."""

    type: Literal["Date", "date"]
    format: str | None = Field(None, description="The pattern, as `strptime` reads it; ISO 8601 by default.")


class CustomRule(Options):
    """A text must be of a known form."""

    type: Literal["Custom", "custom"]
    name: Literal["phone", "uuid", "credit_card"] = Field(description="The form.")


class ArrayRule(Options):
    """Each element of a list must meet rules."""

    type: Literal["Array", "array"]
    items: RuleSet | None = Field(None, description="The rules of each element.")
    unique: bool = Field(False, description="Whether no element may come twice.")


class ObjectRule(Options):
    """Each named field of a table must meet rules."""

    type: Literal["Object", "object"]
    properties: dict[str, RuleSet] = Field({}, description="The rules of each field.")
    required: list[str] = Field([], description="The fields that there must be.")
    additional_properties: bool = Field(True, description="Whether there may be other fields.")


Rule = Annotated[
    RequiredRule
    | TypeRule
    | LengthRule
    | RangeRule
    | PatternRule
    | EnumRule
    | EmailRule
    | UrlRule
    | DateRule
    | CustomRule
    | ArrayRule
    | ObjectRule,
    Field(discriminator="type"),
]


class RuleSet(Options):
    """Rules that a value must meet, all of them."""

    rules: list[Rule] = Field(description="The rules.")


for _rule in (ArrayRule, ObjectRule):
    _rule.model_rebuild()  # Their fields name RuleSet, which did not exist when they were defined.


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that a value does not meet, and where."""

    place: str
    rule: str
    message: str
    value: Any


def faults(value: Any, rules: RuleSet, place: str = "$") -> Iterator[Fault]:
    """The rules that a value does not meet, in their order. Raises RuleError."""
    for rule in rules.rules:
        if isinstance(rule, RequiredRule):
            if value is None or value == "":
                yield Fault(place, "Required", "a value is missing", value)
        elif value is None:
            continue
        elif isinstance(rule, ArrayRule):
            yield from _array(value, rule, place)
        elif isinstance(rule, ObjectRule):
            yield from _object(value, rule, place)
        else:
            message = _CHECKS[type(rule)](value, rule)
            if message:
                yield Fault(place, rule.type.capitalize(), message, value)


def _array(value: Any, rule: ArrayRule, place: str) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(place, "Array", "must be a list", value)
        return
    if rule.unique and any(one in value[:index] for index, one in enumerate(value)):
        yield Fault(place, "Array", "an element comes twice", value)
    for index, one in enumerate(value):
        if rule.items:
            yield from faults(one, rule.items, f"{place}[{index}]")


def _object(value: Any, rule: ObjectRule, place: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(place, "Object", "must be a table with fields", value)
        return
    for name in rule.required:
        if value.get(name) is None:
            yield Fault(f"{place}.{name}", "Required", "a value is missing", None)
    for name, inner in rule.properties.items():
        yield from faults(value.get(name), inner, f"{place}.{name}")
    if not rule.additional_properties:
        for name in value.keys() - rule.properties.keys():
            yield Fault(f"{place}.{name}", "Object", "there is no such field", value[name])


def _type(value: Any, rule: TypeRule) -> str | None:
    return None if rule.expected in _kinds(value) else f"must be of the type {rule.expected}"


def _kinds(value: Any) -> tuple[Kind, ...]:
    if isinstance(value, bool):
        return ("boolean",)
    if isinstance(value, int | float):
        return ("number", "integer") if value == int(value) else ("number",)
    if isinstance(value, str):
        return ("string",)
    return ("array",) if isinstance(value, list) else ("object",)


def _length(value: Any, rule: LengthRule) -> str | None:
    if not isinstance(value, str | list | dict):
        return "has no length"
    if rule.min is not None and len(value) < rule.min:
        return f"must be at least {rule.min} long, and is {len(value)}"
    if rule.max is not None and len(value) > rule.max:
        return f"must be at most {rule.max} long, and is {len(value)}"
    return None


def _range(value: Any, rule: RangeRule) -> str | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return "is no number"
    if rule.min is not None and value < rule.min:
        return f"must be at least {rule.min:g}"
    if rule.max is not None and value > rule.max:
        return f"must be at most {rule.max:g}"
    return None


def _pattern(value: Any, rule: PatternRule) -> str | None:
    try:
        matches = isinstance(value, str) and re.search(rule.regex, value)
    except re.error as error:
        raise RuleError(f"'{rule.regex}' is no regular expression: {error}") from None
    return None if matches else f"does not match '{rule.regex}'"


def _enum(value: Any, rule: EnumRule) -> str | None:
    allowed = ", ".join(str(one) for one in rule.values)
    return None if value in rule.values else f"must be one of {allowed}"


def _email(value: Any, _: EmailRule) -> str | None:
    ok = isinstance(value, str) and re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", value)
    return None if ok else "is no e-mail address"


def _url(value: Any, rule: UrlRule) -> str | None:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
    except ValueError:
        return "is no web address"
    return None if parts.scheme in rule.schemes and parts.netloc else "is no web address"


def _date(value: Any, rule: DateRule) -> str | None:
    text = value if isinstance(value, str) else ""
    try:
        _ = datetime.strptime(text, rule.format) if rule.format else datetime.fromisoformat(text)
    except (ValueError, re.error):
        return f"is no date of the form '{rule.format or 'ISO 8601'}'"
    return None


def _custom(value: Any, rule: CustomRule) -> str | None:
    ok = isinstance(value, str) and _FORMS[rule.name](value)
    return None if ok else f"is no {rule.name.replace('_', ' ')}"


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _is_phone(text: str) -> bool:
    digits = re.sub(r"[\s().-]", "", text)
    return bool(re.fullmatch(r"\+?\d{7,15}", digits))


def _is_credit_card(text: str) -> bool:
    """Whether the digits have the check sum that card numbers have."""
    digits = [int(sign) for sign in re.sub(r"[\s-]", "", text) if sign.isascii() and sign.isdigit()]
    if not re.fullmatch(r"[\d\s-]+", text, re.ASCII) or not 12 <= len(digits) <= 19:
        return False
    doubled = (sum(divmod(2 * one, 10)) for one in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


_FORMS: dict[str, Callable[[str], bool]] = {
    "uuid": _is_uuid,
    "phone": _is_phone,
    "credit_card": _is_credit_card,
}
_CHECKS: dict[type[Options], Callable[[Any, Any], str | None]] = {
    TypeRule: _type,
    LengthRule: _length,
    RangeRule: _range,
    PatternRule: _pattern,
    EnumRule: _enum,
    EmailRule: _email,
    UrlRule: _url,
    DateRule: _date,
    CustomRule: _custom,
}
