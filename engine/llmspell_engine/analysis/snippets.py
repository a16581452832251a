"""What accepting a proposal writes, with tab stops where people go on typing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmspell_engine.analysis import schemas
from llmspell_engine.catalog.model import spelled

if TYPE_CHECKING:
    from llmspell_engine.catalog.model import Catalog, Member, Schema
    from llmspell_engine.language import Language


def call_snippet(catalog: Catalog, name: str, member: Member, language: Language) -> str:
    """A call of a function with a tab stop for each required argument: ``create({ name = "$1" })``."""
    required = [one for one in member.parameters if not one.optional]
    if not member.parameters:
        return escaped(name) + "()"
    if not required:
        return escaped(name) + "($0)"
    stop = 1
    written: list[str] = []
    for parameter in required:
        text, stop = _argument(catalog, parameter.schema, spelled(parameter.name, language), language, stop)
        written.append(text)
    return f"{escaped(name)}({', '.join(written)})$0"


def _argument(catalog: Catalog, schema: Schema, name: str, language: Language, stop: int) -> tuple[str, int]:
    arms = [arm for arm in schemas.objects(catalog, schema) if "properties" in arm]
    if len(arms) == 1:
        return _table(catalog, arms[0], language, stop)
    if schemas.objects(catalog, schema) and not schemas.completion_source(catalog, schema):
        return "{ $" + str(stop) + " }", stop + 1
    if is_string(catalog, schema):
        return f'"${stop}"', stop + 1
    return f"${{{stop}:{name}}}", stop + 1


def _table(catalog: Catalog, schema: Schema, language: Language, stop: int) -> tuple[str, int]:
    """A table with its required options, each with a tab stop."""
    required = set(schema.get("required", ()))
    entries: list[str] = []
    for spelling, declared, inner in schemas.spelled_properties(schema, language):
        if declared in required:
            entries.append(f"{assignment(spelling, language)}{value_snippet(catalog, inner, language, stop)}")
            stop += 1
    if not entries:
        return "{ $" + str(stop) + " }", stop + 1
    return "{ " + ", ".join(entries) + " }", stop


def assignment(key: str, language: Language) -> str:
    """A key and its sign: ``name = `` or ``name: ``."""
    return f"{key} = " if language == "lua" else f"{key}: "


def value_snippet(catalog: Catalog, schema: Schema, language: Language, stop: int) -> str:
    """A value to be filled in: quotes, braces or nothing around the tab stop."""
    listed = schemas.values(catalog, schema)
    if len(listed) == 1:
        return escaped(schemas.constant(listed[0], language))
    if len(listed) > 1 and all(isinstance(value, str) for value in listed):
        return f'"{_choice(listed, stop)}"'
    if is_string(catalog, schema):
        return f'"${stop}"'
    if schemas.items(catalog, schema) is not None:
        return f"{{ ${stop} }}" if language == "lua" else f"[${stop}]"
    if schemas.objects(catalog, schema):
        return f"{{ ${stop} }}"
    return f"${stop}"


def _choice(words: list[str], stop: int) -> str:
    """A tab stop that offers words to choose from."""
    return "${" + f"{stop}|" + ",".join(_CHOICE_SIGN.sub(r"\\\g<0>", word) for word in words) + "|}"


_CHOICE_SIGN = re.compile(r"[$}\\,|]")


def is_string(catalog: Catalog, schema: Schema) -> bool:
    """Whether only strings (or nothing) may be given."""
    arms = schemas.alternatives(catalog, schema)
    found = [_kinds(arm) for arm in arms]
    return bool(found) and all(kinds <= {"string", "null"} for kinds in found) and {"string"} in found


def _kinds(schema: Schema) -> set[str]:
    listed = schemas.allowed_values(schema)
    if listed and all(isinstance(value, str) for value in listed):
        return {"string"}
    return schemas.kinds(schema) or {"any"}


def escaped(text: str) -> str:
    """Text as a snippet writes it literally."""
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
