"""JSON Schema whose patterns never search for long.

An expression can make a search take for ever, and Python's own module lets nothing else happen meanwhile, not
even the end of the script. So the patterns of a schema are searched by one that has a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import ValidationError

SECONDS = 1.0
"""How long one search may take."""


def bounded(kind: Any) -> Any:
    """A class of validators of ``jsonschema`` with the searches of its patterns limited."""
    return _bounded(kind)


@cache
def _bounded(kind: Any) -> Any:
    from jsonschema import validators

    others = kind.VALIDATORS.get("additionalProperties")

    def additional(validator: Any, allowed: Any, instance: Any, schema: Mapping[str, Any]) -> Iterator[Any]:
        if not schema.get("patternProperties") or not validator.is_type(instance, "object"):
            return others(validator, allowed, instance, schema) or iter(()) if others else iter(())
        return _additional(validator, allowed, instance, schema)

    limited: dict[str, Any] = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": additional,
    }
    if (unevaluated := kind.VALIDATORS.get("unevaluatedProperties")) is not None:
        limited["unevaluatedProperties"] = _searching(unevaluated)
    return validators.extend(kind, limited)  # type: ignore[no-untyped-call]


class _Searches:
    """Stands for the module ``re`` in what looks which properties patterns have met."""

    @staticmethod
    def search(pattern: str, text: str) -> bool | None:
        """See ``re``."""
        return _search(pattern, text)


def _searching(function: FunctionType) -> FunctionType:
    """A keyword's function as it is in the library, but for the searches of it and of what it calls.

    Whether a property was met takes all of a schema into account, which is too much to be written anew.
    """
    around = dict(function.__globals__)
    made = FunctionType(
        function.__code__, around, function.__name__, function.__defaults__, function.__closure__
    )
    if "re" in around:
        around["re"] = _Searches
    for name in function.__code__.co_names:
        called = around.get(name)
        if called is function:
            around[name] = made
        elif isinstance(called, FunctionType) and name.startswith("find_evaluated_property"):
            around[name] = _searching(called)
    return made


def _pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if validator.is_type(instance, "string"):
        found = _search(pattern, instance)
        if found is None:
            yield _too_long(pattern)
        elif not found:
            yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Any], instance: Any, _schema: Any
) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    for pattern, schema in patterns.items():
        for key, value in instance.items():
            found = _search(pattern, key)
            if found is None:
                yield _too_long(pattern)
            elif found:
                yield from validator.descend(value, schema, path=key, schema_path=pattern)


def _too_long(pattern: str) -> ValidationError:
    """What is not known to fit is no good."""
    from jsonschema import ValidationError

    return ValidationError(f"the pattern {pattern!r} was searched for longer than {SECONDS:g} s")


def _additional(validator: Any, allowed: Any, instance: Any, schema: Mapping[str, Any]) -> Iterator[Any]:
    from jsonschema import ValidationError

    named, patterns = schema.get("properties", {}), schema["patternProperties"]
    others = [key for key in instance if key not in named and not any(_search(one, key) for one in patterns)]
    if validator.is_type(allowed, "object"):
        for key in others:
            yield from validator.descend(instance[key], allowed, path=key)
    elif not allowed and others:
        listed = ", ".join(repr(key) for key in sorted(others, key=str))
        verb = "does" if len(others) == 1 else "do"
        known = ", ".join(repr(one) for one in sorted(patterns))
        yield ValidationError(f"{listed} {verb} not match any of the regexes: {known}")


def _search(pattern: str, text: str) -> bool | None:
    """Whether a pattern is found in a text; None where that takes too long."""
    import regex

    try:
        return regex.search(pattern, text, timeout=SECONDS) is not None
    except TimeoutError:
        return None
    except regex.error:
        return False
