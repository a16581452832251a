"""How the API is declared: base classes for option tables, results, globals and handles.

A global or a handle is an abstract class; its public methods are the members scripts call, its
annotated attributes the fields they read. A global that is itself a function declares ``__call__``;
one that is a plain value states its type in ``value``. The docstring of a method is its
documentation: a first sentence, then ``Args:`` with one line a parameter. Types are Python types,
option and result models, handle classes, ``Callable`` for callbacks, ``Any`` for any bridgeable
value; ``Annotated[str, complete("tool")]`` says what fills a string. ``globals/`` implements these
classes, so mypy proves that everything declared exists; aliases of older names are implemented here,
on top of what replaces them.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from inspect import isfunction
from itertools import chain
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from llmspell_engine.api.later import hints_of
from llmspell_engine.language import LANGUAGES, Language

T = TypeVar("T")
Waiting: TypeAlias = T | Awaitable[T]
"""The result of a member that waits: Lua gets it when it is there, JavaScript a promise of it."""

CompletionSource = Literal[
    "tool", "model", "provider", "event", "stateKey", "stateScope", "path", "agent", "template", "prompt"
]
Function = TypeVar("Function", bound=Callable[..., Any])


class Options(BaseModel):
    """An options table a script passes. Unknown keys are errors; types are not coerced."""

    # Most scripts use few of the models: what checks one is built when it is first used.
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True, defer_build=True
    )


class Result(BaseModel):
    """A table a script gets back. Fields that are None are left out (they read as nil, undefined)."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Global(ABC):
    """A global of the script API. The class name is free; ``name`` is what scripts write."""

    name: ClassVar[str]
    languages: ClassVar[tuple[Language, ...]] = LANGUAGES
    value: ClassVar[Any] = None
    """The type of a global that is a plain value (``ARGS``)."""


class Handle(ABC):  # noqa: B024 (the declarations below it have the abstract methods)
    """An object a script gets from the API, called as its class. Methods answer to ``.`` and ``:`` in Lua.

    One with ``iterates`` gives one thing after the other: its ``next`` waits, and gives nothing at the end;
    its ``close`` ends it early. Lua loops over it with ``for``, JavaScript with ``for await``.
    """

    iterates: ClassVar[bool] = False
    languages: ClassVar[tuple[Language, ...]] = LANGUAGES


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What a declaration says of a member beyond its signature."""

    name: str | None = None
    deprecated: str | None = None
    waits: bool = False
    languages: tuple[Language, ...] = LANGUAGES
    examples: Mapping[Language, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeclaredMember:
    """A member of a declaration: what scripts call it (in snake_case) and what Python does."""

    name: str
    attribute: str
    facts: MemberFacts
    function: Callable[..., Any] | None
    """The declared method; None for a field."""


def member(
    *,
    name: str | None = None,
    deprecated: str | None = None,
    waits: bool = False,
    languages: tuple[Language, ...] = LANGUAGES,
) -> Callable[[Function], Function]:
    """State facts of a member: what to use instead, whether it may wait, which languages have it.

    ``name`` is stated where older scripts break the rule of spelling (``createAsync`` in Lua too).
    """
    return _stating(name=name, deprecated=deprecated, waits=waits, languages=languages)


def example(*, lua: str = "", javascript: str = "") -> Callable[[Function], Function]:
    """Show a member at work, in each language that has it."""
    pairs: dict[Language, str] = {"lua": lua, "javascript": javascript}
    return _stating(examples={language: text for language, text in pairs.items() if text})


def facts(function: Callable[..., Any]) -> MemberFacts:
    """The facts stated with :func:`member`, or the defaults."""
    found = getattr(function, "__llmspell__", None)
    return found if isinstance(found, MemberFacts) else MemberFacts()


def _stating(**changes: Any) -> Callable[[Function], Function]:
    def mark(function: Function) -> Function:
        function.__llmspell__ = replace(facts(function), **changes)  # type: ignore[attr-defined]
        return function

    return mark


def complete(source: CompletionSource) -> Any:
    """Metadata for ``Annotated[str, …]``: what fills the string."""
    return Field(json_schema_extra={"x-complete": source})


def names(source: CompletionSource) -> Any:
    """Metadata for ``Annotated[str, …]``: the string names a new one, which is proposed elsewhere."""
    return Field(json_schema_extra={"x-names": source})


Item: TypeAlias = Annotated[Any, Field(json_schema_extra={"x-item": True})]
"""In the members of what iterates, or brings something later: what it gives."""


def gives(how: Literal["callback", "argument", "each", "first", "settled", "item"]) -> Any:
    """Metadata for ``Annotated[T, …]``: how a result follows from the first argument, for editors.

    It is what a function gives, or the argument itself, or what each element of a list brings or gives, or
    the first of them, or how each ended; or the item of what the member belongs to.
    """
    return Field(json_schema_extra={"x-gives": how})


@dataclass(frozen=True, slots=True)
class Holds:
    """Metadata for ``Annotated[Stream, …]``: what it gives one after the other."""

    item: Any


def declaration(implementation: type) -> type:
    """The class that declares a global or handle: the one right below :class:`Global` or :class:`Handle`.

    Raises TypeError when the class is neither.
    """
    for ancestor in implementation.__mro__:
        if Global in ancestor.__bases__ or Handle in ancestor.__bases__:
            return ancestor
    raise TypeError(f"{implementation.__name__} implements no declaration of the script API")


@cache
def members(implementation: type) -> tuple[DeclaredMember, ...]:
    """What scripts reach on a global or handle: fields, then methods, each in the order of declaration."""
    declared = declaration(implementation)
    return (*_fields(declared), *_methods(declared))


def is_function(implementation: type) -> bool:
    """Whether a global is itself a function."""
    return "__call__" in vars(declaration(implementation))


def _fields(declared: type) -> Iterator[DeclaredMember]:
    own = vars(declared).get("__annotations__", {})
    hints = hints_of(declared)
    for name in own:
        if not name.startswith("_") and getattr(hints[name], "__origin__", None) is not ClassVar:
            yield DeclaredMember(name, name, MemberFacts(), None)


def _methods(declared: type) -> Iterator[DeclaredMember]:
    """What a class shares with others, which stands in a base of its own, comes first."""
    own = [base for base in reversed(declared.__mro__) if base not in (Global, Handle, ABC, object)]
    for name, function in chain.from_iterable(vars(base).items() for base in own):
        if not name.startswith("_") and isfunction(function):
            stated = facts(function)
            yield DeclaredMember(stated.name or name, name, stated, function)
