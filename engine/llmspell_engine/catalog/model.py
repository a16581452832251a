"""What the catalog holds, as frozen values.

A type is written as a JSON Schema (2020-12) mapping, with these additions:

- ``{"x-handle": "Agent"}``: a handle of :attr:`Catalog.handles`;
- ``{"x-function": {"parameters": [...], "returns": ...}}``: a callback;
- ``x-complete``: what fills a string: ``tool``, ``model``, ``provider``, ``event``, ``stateKey``,
  ``stateScope``, ``path``, ``agent``, ``template``, ``prompt``; ``x-names``: a string that gives a new one of
  these its name;
- ``x-sensitive``, ``x-exclusive`` (lists of keys of which one at most may be given), ``x-example``;
- ``{"x-promise": ...}``: a promise of JavaScript and what it brings, None for nothing; only
  :meth:`Member.result` writes it;
- ``x-item``: an element of the array, or of what iterates, whose method it is; ``x-holds`` beside an
  ``x-handle`` that iterates: what its elements are; ``x-receives``: a callback, and which of its
  arguments are ``item``;
- ``x-gives``: how a result follows from what is passed: :mod:`llmspell_engine.analysis.derived`;
- ``x-alias``: the property is an older name of another one, and giving it counts as giving that one;
- ``x-parameters``: the property has the parameters of the tool that ``tool`` beside it names: ``all``,
  ``some``, or all with ``templates`` in texts;
- ``x-element-of``: the property is what older scripts give in place of a list with one element.

What single operations of a tool need stands in ``allOf`` as conditions (``if``, ``then``): properties
that are required, and choices (``anyOf``) of which one is.

Option tables and results are ``{"$ref": "#/$defs/AgentOptions"}`` and stand in
:attr:`Catalog.definitions`. Property names there are snake_case, the Lua spelling;
:func:`spelled` gives the spelling of a language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.catalog.spelling import snake, spelled

if TYPE_CHECKING:
    from llmspell_engine.language import Language

__all__ = [
    "Catalog",
    "Entity",
    "Member",
    "MemberKind",
    "Model",
    "Parameter",
    "Schema",
    "Standard",
    "Tool",
    "snake",
    "spelled",
]

Schema = Mapping[str, Any]
MemberKind = Literal["function", "method", "field"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A positional parameter of a function: its snake_case name, type, and whether it may be left out."""

    name: str
    schema: Schema
    optional: bool
    variadic: bool
    doc: str


@dataclass(frozen=True, slots=True)
class Member:
    """A function or field of a global, or a method or field of a handle."""

    name: str
    """The snake_case name; :func:`spelled` gives the one of a language."""
    kind: MemberKind
    doc: str
    parameters: tuple[Parameter, ...]
    returns: Schema | None
    """The type of a function's result or of a field; None for no result."""
    languages: tuple[Language, ...]
    deprecated: str | None
    """What to use instead, as it is written in snake_case (``State.load``), or None."""
    waits: bool
    """Whether the call may wait on a model, the network or a timer."""
    examples: Mapping[Language, str]

    def result(self, language: Language) -> Schema | None:
        """The type of what a call gives in a language: in JavaScript a promise, if the call waits."""
        if language == "javascript" and self.kind != "field":
            if self.waits:
                return {"x-promise": self.returns}
            if self.returns is not None and self.returns.get("x-handle") == _PROMISE:
                return {"x-promise": {}}
        return self.returns


_PROMISE = "PromiseObject"
"""The handle that is a promise in Lua; JavaScript gets a promise of its own."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A global or a handle: a name with members, or a callable or plain value."""

    name: str
    kind: Literal["namespace", "function", "value", "handle"]
    doc: str
    members: Mapping[str, Member]
    """By snake_case name, in the order of declaration."""
    call: Member | None
    """The signature of a global that is a function itself (``print``)."""
    schema: Schema | None
    """The type of a global that is a plain value (``ARGS``)."""
    languages: tuple[Language, ...]
    iterates: bool = False
    """Whether it is a handle that gives one thing after the other, each by its ``next``."""

    def member(self, name: str, language: Language) -> Member | None:
        """The member a script of ``language`` reaches as ``name``.

        Older scripts of Lua spell members in camel case; those of today come first.
        """
        for member in self.members.values():
            if language in member.languages and spelled(member.name, language) == name:
                return member
        older = snake(name) if language == "lua" else name
        return self.member(older, language) if older != name else None


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its kebab-case name, the schema of its parameters and of its result's payload."""

    name: str
    category: str
    doc: str
    security: Literal["safe", "restricted", "privileged"]
    parameters: Schema
    """An object schema; property names are snake_case."""
    returns: Schema
    aliases: tuple[str, ...]
    """Names of older scripts, deprecated."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model that needs no configuration, or a known one: completion of model names."""

    name: str
    """``provider/model``."""
    doc: str
    context: int | None
    """Context window in tokens, where known."""


@dataclass(frozen=True, slots=True)
class Standard:
    """What a language has of its own."""

    globals: Mapping[str, Entity]
    """``string``, ``Math``."""
    prototypes: Mapping[str, Entity] = field(default_factory=dict)
    """What values have, ``String.prototype``, ``Array.prototype``."""
    absent: Mapping[str, str] = field(default_factory=dict)
    """What people look for in vain (``math.pow``), and what to do instead."""


_NO_STANDARD = Standard({})


@dataclass(frozen=True, slots=True)
class Catalog:
    """The whole script API."""

    globals: Mapping[str, Entity]
    handles: Mapping[str, Entity]
    definitions: Mapping[str, Schema]
    tools: Mapping[str, Tool]
    models: Mapping[str, Model]
    providers: tuple[str, ...] = ()
    """The providers of models that are known by name."""
    standards: Mapping[Language, Standard] = field(default_factory=dict)

    def standard(self, language: Language) -> Standard:
        """What a language has of its own."""
        return self.standards.get(language, _NO_STANDARD)

    def global_of(self, name: str, language: Language) -> Entity | None:
        """The global that a script of ``language`` reaches as ``name``, of the API or of the language."""
        found = self.globals.get(name)
        if found and language in found.languages:
            return found
        return self.standard(language).globals.get(name)

    def globals_of(self, language: Language) -> dict[str, Entity]:
        """All globals of a script of ``language``: those of the API, then those of the language."""
        own = {name: entity for name, entity in self.globals.items() if language in entity.languages}
        return own | {
            name: entity for name, entity in self.standard(language).globals.items() if name not in own
        }

    def prototype(self, kind: str, language: Language) -> Entity | None:
        """What values of a kind have in a language; texts of Lua have the functions of ``string``."""
        if (kind, language) == ("String", "lua"):
            return self.global_of("string", language)
        return self.standard(language).prototypes.get(f"{kind}.prototype")

    def absence(self, name: str, language: Language) -> str:
        """What to do instead of a name that a language is wrongly thought to have; empty for others."""
        return self.standard(language).absent.get(name, "")

    def resolve(self, schema: Schema) -> Schema:
        """The schema that a ``$ref`` into :attr:`definitions` names; others as they are."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self.definitions[reference.rsplit("/", 1)[-1]]
        return schema

    def tool(self, name: str) -> Tool | None:
        """The tool of a name or of a deprecated alias."""
        found = self.tools.get(name)
        if found:
            return found
        return next((tool for tool in self.tools.values() if name in tool.aliases), None)
