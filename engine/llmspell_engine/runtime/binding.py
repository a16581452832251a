"""From the declared API to functions that scripts call.

A global or handle is implemented by a Python class (``globals/``) whose declaration (``api/``) says
which members scripts see and what each takes. Binding makes a :class:`HostObject` of it: names in the
language's spelling, arguments checked against the declared types, results as plain values.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, get_type_hints

from pydantic import BaseModel

from llmspell_engine.api.declare import DeclaredMember, Global, Handle, declaration, members
from llmspell_engine.api.validation import ArgumentError, validate_value
from llmspell_engine.catalog.model import spelled
from llmspell_engine.runtime.values import HostFunction, HostObject

if TYPE_CHECKING:
    from llmspell_engine.language import Language


class Binder:
    """Binds implementations for one language. A handle that is given out twice is the same object."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._handles: dict[int, HostObject] = {}

    def global_(self, implementation: Global) -> HostObject:
        """A global as scripts see it."""
        return self._bound(implementation, implementation.name)

    def handle(self, handle: Handle) -> HostObject:
        """A handle as scripts see it."""
        bound = self._handles.get(id(handle))
        if bound is None:
            bound = self._handles[id(handle)] = self._bound(handle, declaration(type(handle)).__name__)
        return bound

    def result(self, value: Any) -> Any:
        """What a script gets of a result: models as tables, absent fields left out, handles bound."""
        if isinstance(value, Handle):
            return self.handle(value)
        if isinstance(value, BaseModel):
            fields = ((name, getattr(value, name)) for name in type(value).model_fields)
            return {
                spelled(name, self._language): self.result(field)
                for name, field in fields
                if field is not None
            }
        if isinstance(value, Mapping):
            return {key: self.result(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.result(item) for item in value]
        return value

    def _bound(self, implementation: Global | Handle, name: str) -> HostObject:
        visible = [one for one in members(type(implementation)) if self._language in one.facts.languages]
        return HostObject(
            name,
            methods={
                self._name(one): self._method(implementation, one, name) for one in visible if one.function
            },
            fields={
                self._name(one): self.result(getattr(implementation, one.attribute))
                for one in visible
                if not one.function
            },
            index=self._index(implementation, name),
            source=implementation,
            iterates=isinstance(implementation, Handle) and implementation.iterates,
        )

    def _name(self, one: DeclaredMember) -> str:
        return spelled(one.name, self._language)

    def _method(self, implementation: Global | Handle, one: DeclaredMember, owner: str) -> HostFunction:
        where = f"{owner}.{self._name(one)}"
        method = getattr(implementation, one.attribute)
        return self._function(where, one, method)

    def _function(self, where: str, one: DeclaredMember, method: Callable[..., Any]) -> HostFunction:
        declared = one.function
        assert declared is not None

        def call(*arguments: Any) -> Any:
            checked = signature_of(declared).checked(arguments, where, self._language)
            found = method(*checked)
            return self._awaited(found) if isinstance(found, Awaitable) else self.result(found)

        return HostFunction(where, call, waits=one.facts.waits)

    async def _awaited(self, found: Awaitable[Any]) -> Any:
        return self.result(await found)

    def _index(self, implementation: Global | Handle, name: str) -> HostFunction | None:
        lookup = getattr(implementation, "__getitem__", None)
        return HostFunction(name, lambda key: self.result(lookup(key))) if lookup else None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared positional parameter."""

    name: str
    annotation: Any
    required: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """What a declared function takes."""

    parameters: tuple[Parameter, ...]

    def checked(self, arguments: Sequence[Any], where: str, language: Language) -> list[Any]:
        """The arguments in the form of the declared types. Raises ArgumentError with a sentence."""
        given = _without_trailing_nothing(arguments)
        if len(given) > len(self.parameters):
            raise ArgumentError(f"{where} takes {self._count(language)}, but {len(given)} were given")
        return [
            self._checked(parameter, given[at] if at < len(given) else None, where, language)
            for at, parameter in enumerate(self.parameters)
            if at < len(given) or parameter.required
        ]

    def _checked(self, parameter: Parameter, value: Any, where: str, language: Language) -> Any:
        name = spelled(parameter.name, language)
        if value is None and parameter.required and parameter.annotation is not Any:
            raise ArgumentError(f"{where}: '{name}' is missing; it takes {self._count(language)}")
        return validate_value(
            parameter.annotation, _unwrapped(value), name=name, where=where, language=language
        )

    def _count(self, language: Language) -> str:
        names = [spelled(each.name, language) + ("" if each.required else "?") for each in self.parameters]
        if not names:
            return "no arguments"
        return f"{len(names)} argument{'s' if len(names) > 1 else ''} ({', '.join(names)})"


@cache
def signature_of(declared: Callable[..., Any]) -> Signature:
    """The signature of a declared method, ``self`` left out."""
    hints = get_type_hints(declared, include_extras=True)
    given = [one for one in inspect.signature(declared).parameters.values() if one.name != "self"]
    return Signature(
        tuple(Parameter(one.name, hints[one.name], one.default is inspect.Parameter.empty) for one in given)
    )


def _unwrapped(value: Any) -> Any:
    """A value with the implementations in the place of the handles that a script passed."""
    if isinstance(value, HostObject):
        return value if value.source is None else value.source
    if isinstance(value, dict):
        return {key: _unwrapped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unwrapped(item) for item in value]
    return value


def _without_trailing_nothing(arguments: Sequence[Any]) -> list[Any]:
    """Arguments that are nil or undefined at the end are the same as none."""
    given = list(arguments)
    while given and given[-1] is None:
        given.pop()
    return given
