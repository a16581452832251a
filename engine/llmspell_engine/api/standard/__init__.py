"""What each language has of its own, written down in a line a name, and compiled like the API.

In the text files a line at the margin is a global, an indented one a member of the namespace above::

    tonumber(value: any, base?: integer) -> number  # The number that a text stands for, or nil.
    math  # Mathematics.
      pi: number  # The ratio of a circle's circumference to its diameter.
      max(x: number, ...: number) -> number  # The greatest of its arguments.

``?`` marks what may be left out, ``...`` any number of further arguments. Types are those of JSON
Schema, ``any``, ``list``, ``table``, the names of prototypes, and in an array's members ``item``, ``items``
and the functions that get items: ``each``, ``pair`` and ``fold``; ``mapped`` and the ``…Promise`` are results
that follow from what is passed. A line at the margin with a dot is a
prototype, what values have without being globals; ``no`` begins what people look for in vain::

    String.prototype  # What every text has.
      trim() -> string  # The text without white space at both ends.
    no math.pow  # write x ^ y
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from llmspell_engine.language import Language

Data = dict[str, Any]

_LINE = re.compile(
    r"(?P<indent> *)(?P<name>[\w.]+)(?P<call>\((?P<parameters>.*?)\))?"
    r"(?: -> |: )?(?P<type>\w+)?  # (?P<doc>.+)"
)
_ABSENT = re.compile(r"no (?P<name>[\w.]+)  # (?P<advice>.+)")
_PARAMETER = re.compile(r"(?P<name>\w+|\.\.\.)(?P<optional>\?)?: (?P<type>\w+)")
_TYPES: dict[str, Data] = {
    "any": {},
    "list": {"type": "array"},
    "table": {"type": "object"},
    "item": {"x-item": True},
    "items": {"type": "array", "items": {"x-item": True}},
    "each": {"x-receives": ["item"]},
    "pair": {"x-receives": ["item", "item"]},
    "fold": {"x-receives": ["result", "item"]},
    "mapped": {"type": "array", "x-gives": "callback"},
    **{kind: {"x-handle": kind} for kind in ("AbortController", "AbortSignal", "Map", "Promise", "Set")},
    **{
        f"{gives}Promise": {"x-handle": "Promise", "x-gives": gives}
        for gives in ("argument", "callback", "each", "first", "item", "settled")
    },
}
_PROTOTYPE = ".prototype"


def compile_standard(language: Language) -> Data:
    """What a language has: ``globals`` and ``prototypes`` as entities, and advice for what is ``absent``."""
    lines = files(__package__).joinpath(f"{language}.txt").read_text("utf-8").splitlines()
    absent = {found["name"]: found["advice"] for line in lines if (found := _ABSENT.fullmatch(line))}
    entities = _entities(line for line in lines if line and line[0] != "#" and not _ABSENT.fullmatch(line))
    return {
        "globals": {name: one for name, one in entities.items() if not name.endswith(_PROTOTYPE)},
        "prototypes": {name: one for name, one in entities.items() if name.endswith(_PROTOTYPE)},
        "absent": absent,
    }


def _entities(lines: Iterable[str]) -> Data:
    entities: Data = {}
    members: Data = {}
    for line in lines:
        found = _LINE.fullmatch(line)
        if not found:
            raise ValueError(f"a line of a standard library has no known form: {line}")
        if found["indent"]:
            members[found["name"]] = _member(found)
        else:
            entities[found["name"]] = entity = _entity(found)
            members = entity.setdefault("members", {}) if entity["kind"] == "namespace" else {}
    return entities


def _entity(found: re.Match[str]) -> Data:
    if found["call"]:
        return {"kind": "function", "doc": found["doc"], "call": _member(found)}
    if found["type"]:
        return {"kind": "value", "doc": found["doc"], "schema": _schema(found["type"])}
    return {"kind": "namespace", "doc": found["doc"]}


def _member(found: re.Match[str]) -> Data:
    member: Data = {"kind": "function" if found["call"] else "field", "doc": found["doc"]}
    parameters = [_parameter(one) for one in _PARAMETER.finditer(found["parameters"] or "")]
    if parameters:
        member["parameters"] = parameters
    if found["type"]:
        member["returns"] = _schema(found["type"])
    return member


def _parameter(found: re.Match[str]) -> Data:
    if found["name"] == "...":
        return {"name": "values", "schema": _schema(found["type"]), "optional": True, "variadic": True}
    parameter: Data = {"name": found["name"], "schema": _schema(found["type"])}
    return {**parameter, "optional": True} if found["optional"] else parameter


def _schema(kind: str) -> Data:
    return _TYPES.get(kind, {"type": kind})
