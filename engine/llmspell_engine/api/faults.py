"""What is wrong with a value, in one sentence for the writer of the script.

pydantic tells the kind of a fault and its place; the words are ours, and the place is written as the
script would write it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from llmspell_engine.api.declare import Handle, declaration
from llmspell_engine.api.fitting import key_of, kinds_of, models_of
from llmspell_engine.catalog.spelling import spelled

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from llmspell_engine.language import Language

_LONGEST_VALUE = 60
"""Characters of a given value that are shown."""
_FEW_CHOICES = _FEW_FAULTS = 3
_KINDS_OF_LISTS = ("Sequence", "list", "tuple")
_LONGEST_LIST = 12
"""Names that are listed when none of them is near what was written."""


def sentence(error: ValidationError, declared: Any, prefix: tuple[str, ...], language: Language) -> str:
    """What is wrong, every fault: up to three in one line, more in a line each.

    Unknown keys come first: one is mostly a slip that another fault follows from.
    """
    faults = sorted(error.errors(include_url=False), key=lambda fault: fault["type"] != "extra_forbidden")
    placed = [(fault, _placed(fault, declared, prefix, language)) for fault in faults]
    told = [_told(alternatives, place, language) for place, alternatives in _by_place(placed)]
    if len(told) <= _FEW_FAULTS:
        return "; ".join(told)
    return f"there are {len(told)} faults" + "".join(f"\n  {one}" for one in told)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a fault is: as the script writes it, in which model, and how the declaration describes it."""

    path: str
    owner: type[BaseModel] | None
    description: str


def _by_place(faults: Iterable[tuple[ErrorDetails, _Place]]) -> Iterator[tuple[_Place, list[ErrorDetails]]]:
    """Faults of the arms of a union stand together; what is wrong inside an arm tells more than they do."""
    places: dict[str, _Place] = {}
    found: dict[str, list[ErrorDetails]] = {}
    for fault, place in faults:
        found.setdefault(places.setdefault(place.path, place).path, []).append(fault)
    for path, place in places.items():
        inside = tuple(f"{path}{mark}" for mark in (".", "[")) if path else ()
        if not any(other.startswith(inside) for other in places):
            yield place, found[path]


def _told(faults: Sequence[ErrorDetails], place: _Place, language: Language) -> str:
    fault = faults[0]
    context = fault.get("ctx", {})
    match fault["type"]:
        case "missing":
            return f"'{place.path}' is missing"
        case "extra_forbidden":
            return _unknown(place, language)
        case "needed":
            return _needed(context, language)
        case "union_tag_invalid":
            key = spelled(str(context["discriminator"]).strip("'"), language)
            return f"'{place.path}.{key}' must be {_choices(context['expected_tags'], context['tag'])}"
        case "literal_error" if len(faults) == 1:
            return f"'{place.path}' must be {_choices(context['expected'], fault['input'])}"
    told = (one for each in faults for one in _alternatives(each, place, language))
    allowed = dict.fromkeys(told)
    if "a number" in allowed:
        allowed.pop("an integer", None)
    wanted, hint, near = _joined(list(allowed)).partition("; did you mean ")
    choices = (one for one in faults if one["type"] == "literal_error")
    hints = "".join(_near(str(one["ctx"]["expected"]), one["input"]) for one in choices)
    given = f"{wanted}, but {shown(fault['input'], language)} was given{hint}{near}{hints}"
    return f"'{place.path}' must be {given}" if place.path else f"expected {given}"


def _unknown(place: _Place, language: Language) -> str:
    fields = place.owner.model_fields if place.owner else ()
    known = [spelled(key_of(place.owner, name), language) for name in fields if place.owner]
    written = place.path.rsplit(".", 1)[-1]
    near = get_close_matches(written, known, n=1, cutoff=0.6)
    if near:
        return f"there is no '{place.path}'; did you mean '{near[0]}'?"
    listed = ", ".join(known) if len(known) <= _LONGEST_LIST else f"{', '.join(known[:_LONGEST_LIST])}, …"
    return f"there is no '{place.path}'; there is {listed or 'nothing to set'}"


def _needed(context: Mapping[str, Any], language: Language) -> str:
    names = " or ".join(f"'{spelled(name, language)}'" for name in context["names"])
    return f"{names} is missing; the operation '{context['operation']}' needs it"


def _choices(expected: str, given: Any) -> str:
    """The values to choose from, and what was given instead."""
    return f"{_joined(_values(expected))}, but {shown(given, 'lua')} was given{_near(expected, given)}"


def _near(expected: str, given: Any) -> str:
    """The hint at a value that was probably meant, where one is near."""
    near = get_close_matches(str(given), re.findall(r"'([^']*)'", expected), n=1, cutoff=0.6)
    return f"; did you mean {json.dumps(near[0])}?" if near else ""


def _values(expected: str) -> list[str]:
    """The values to choose from, out of pydantic's list of them."""
    quoted = [json.dumps(name) for name in re.findall(r"'([^']*)'", expected)]
    return quoted or re.split(", | or ", expected)


def _joined(allowed: Sequence[str]) -> str:
    """Alternatives, to be read after "must be"."""
    if len(allowed) <= _FEW_CHOICES:
        return " or ".join(allowed)
    *others, last = allowed
    are_values = all(not one.startswith(("a ", "an ")) for one in allowed)
    return f"one of {', '.join(allowed)}" if are_values else f"{', '.join(others)} or {last}"


def _alternatives(fault: ErrorDetails, place: _Place, language: Language) -> list[str]:
    """What a place takes by one arm of its type: the values of a choice are alternatives themselves."""
    if fault["type"] == "literal_error":
        return _values(str(fault["ctx"]["expected"]))
    return [_allowed(fault, place, language)]


def _allowed(fault: ErrorDetails, place: _Place, language: Language) -> str:
    """What a place takes, to be read after "must be"."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "too_short" and isinstance(fault["input"], str):
        kind = "string_too_short"
    if kind == "is_instance_of" and context["class"] in _KINDS_OF_LISTS:
        return "a list"
    if kind in _PHRASES:
        return _PHRASES[kind](context)
    if kind in ("dict_type", "model_type", "mapping_type"):
        return "a table" if language == "lua" else "an object"
    if kind == "string_pattern_mismatch":
        return _as_phrase(place.description) or f"a match of {context['pattern']}"
    return fault["msg"].removeprefix("Input should be ").removeprefix("Value error, ")


def _as_phrase(description: str) -> str:
    text = description.rstrip(".")
    return text[:1].lower() + text[1:]


_PHRASES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "string_type": lambda _: "a string",
    "int_type": lambda _: "an integer",
    "int_from_float": lambda _: "an integer",
    "float_type": lambda _: "a number",
    "finite_number": lambda _: "a finite number",
    "bool_type": lambda _: "true or false",
    "list_type": lambda _: "a list",
    "sequence_str": lambda _: "a list",
    "callable_type": lambda _: "a function",
    "is_instance_of": lambda context: f"a handle of the kind {context['class']}",
    "greater_than_equal": lambda context: f"at least {_number(context['ge'])}",
    "greater_than": lambda context: f"greater than {_number(context['gt'])}",
    "less_than_equal": lambda context: f"at most {_number(context['le'])}",
    "less_than": lambda context: f"less than {_number(context['lt'])}",
    "string_too_short": lambda context: _at_least(context["min_length"], "character"),
    "string_too_long": lambda context: f"at most {context['max_length']} characters long",
    "too_short": lambda context: _at_least(context["min_length"], "element"),
    "too_long": lambda context: f"at most {context['max_length']} elements long",
}


def _number(value: float) -> str:
    """A limit in full: nobody reads 1.04858e+07 as ten mebibytes."""
    return str(int(value)) if float(value).is_integer() else f"{value:g}"


def _at_least(count: int, what: str) -> str:
    return f"at least {count} {what}{'' if count == 1 else 's'} long"


def _placed(fault: ErrorDetails, declared: Any, prefix: tuple[str, ...], language: Language) -> _Place:
    """Follow a fault's place through the declared types, without what pydantic puts in for arms of a union.

    Names of fields get the spelling of the language; keys of data stay as they are.
    """
    steps: list[int | str] = [spelled(name, language) for name in prefix]
    annotation, owner = declared, next(models_of(declared), None)
    for step in fault["loc"]:
        if len(arms := [one for one in kinds_of(annotation) if one is not type(None)]) > 1:
            annotation = next((arm for arm in arms if _is_arm(arm, step)), annotation)
            owner = next(models_of(annotation), None)
            continue
        owner = next(models_of(annotation), None)
        declares, annotation = _part(annotation, step)
        steps.append(spelled(str(step), language) if declares else step)
    return _Place(_path(steps, language), owner, _description(owner, annotation, fault["loc"][-1:]))


def _is_arm(kind: Any, label: int | str) -> bool:
    """Whether pydantic calls an arm of a union so: by its class, by its constant, or by how it is checked."""
    name = getattr(get_origin(kind) or kind, "__name__", str(kind))
    is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
    return bool(re.search(rf"\b{re.escape(name)}\b", str(label))) or (is_model and _has_tag(kind, label))


def _part(annotation: Any, step: int | str) -> tuple[bool, Any]:
    """The type of a part of a table: whether a model declares it, and what it is."""
    kind = next((one for one in kinds_of(annotation) if one is not type(None)), Any)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        names = (name for name in kind.model_fields if key_of(kind, name) == step)
        found = next((kind.model_fields[name].annotation for name in names), None)
        return found is not None, found
    return False, next(reversed(get_args(kind)), Any)


def _has_tag(model: type[BaseModel], tag: int | str) -> bool:
    return any(tag in get_args(field.annotation) for field in model.model_fields.values())


def _description(owner: type[BaseModel] | None, annotation: Any, step: tuple[int | str, ...]) -> str:
    """What the declaration says of the place, which is an argument or a field of a model."""
    if owner is None:
        stated = [one for one in getattr(annotation, "__metadata__", ()) if isinstance(one, FieldInfo)]
    else:
        fields = owner.model_fields.items()
        meant = [one for name, one in fields if step == (key_of(owner, name),)]
        stated = meant or [one for _, one in fields if one.annotation is annotation]
    return next((one.description for one in stated if one.description), "")


def _path(steps: Sequence[int | str], language: Language) -> str:
    """A place as the script would write it: ``resource_limits.max_tool_calls``, ``steps[1]``."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step + 1 if language == 'lua' else step}]"
        else:
            path += ("." if path else "") + step
    return path


def _object(value: Any) -> str:
    return f"an {declaration(type(value)).__name__}" if isinstance(value, Handle) else "an object of the API"


def shown(value: Any, language: Language) -> str:
    """A given value, shortened, as the script would write it."""
    if value is None:
        return "nil" if language == "lua" else "null"
    if isinstance(value, Mapping):
        return "a table" if language == "lua" else "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bytes):
        return "a binary string"
    if not isinstance(value, str | bool | int | float):
        return "a function" if callable(value) else _object(value)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
