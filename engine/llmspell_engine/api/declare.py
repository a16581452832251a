"""How the API is declared: base classes for option tables, results, globals and handles.

A global or a handle is an abstract class; its public methods are the members scripts call, its
annotated attributes the fields they read. The docstring of a method is its documentation: a first
sentence, then ``Args:`` with one line a parameter. Types are Python types, option and result models,
handle classes, ``Callable`` for callbacks, ``Any`` for any bridgeable value; ``Annotated[str,
complete("tool")]`` says what fills a string. ``globals/`` implements these classes, so mypy proves
that everything declared exists.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from llmspell_engine.language import LANGUAGES, Language

CompletionSource = Literal["tool", "model", "event", "stateKey", "stateScope", "path", "agent"]
Function = TypeVar("Function", bound=Callable[..., Any])


class Options(BaseModel):
    """An options table a script passes. Unknown keys are errors; types are not coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Result(BaseModel):
    """A table a script gets back. Fields that are None are left out (they read as nil, undefined)."""

    model_config = ConfigDict(frozen=True)


class Global(ABC):
    """A global of the script API. The class name is free; ``name`` is what scripts write."""

    name: ClassVar[str]
    languages: ClassVar[tuple[Language, ...]] = LANGUAGES


class Handle(ABC):
    """An object a script gets from the API. Methods answer to ``.`` and ``:`` in Lua alike."""

    name: ClassVar[str]


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What a declaration says of a member beyond its signature."""

    deprecated: str | None = None
    waits: bool = False
    languages: tuple[Language, ...] = LANGUAGES
    examples: Mapping[Language, str] = field(default_factory=dict)


def member(
    *,
    deprecated: str | None = None,
    waits: bool = False,
    languages: tuple[Language, ...] = LANGUAGES,
    lua: str = "",
    javascript: str = "",
) -> Callable[[Function], Function]:
    """State facts of a member: what to use instead, whether it may wait, examples in each language."""
    pairs: dict[Language, str] = {"lua": lua, "javascript": javascript}
    examples = {language: text for language, text in pairs.items() if text}

    def mark(function: Function) -> Function:
        function.__llmspell__ = MemberFacts(deprecated, waits, languages, examples)  # type: ignore[attr-defined]
        return function

    return mark


def facts(function: Callable[..., Any]) -> MemberFacts:
    """The facts stated with :func:`member`, or the defaults."""
    found = getattr(function, "__llmspell__", None)
    return found if isinstance(found, MemberFacts) else MemberFacts()


def complete(source: CompletionSource) -> Any:
    """Metadata for ``Annotated[str, …]``: what fills the string."""
    return Field(json_schema_extra={"x-complete": source})
