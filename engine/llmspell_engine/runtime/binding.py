"""From the declared API to functions that scripts call.

A global or handle is implemented by a Python class (``globals/``) whose declaration (``api/``) says
which members scripts see and what each takes. Binding makes a :class:`HostObject` of it: names in the
language's spelling, arguments checked against the declared types, results as plain values.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin
from weakref import WeakValueDictionary

from pydantic import BaseModel, ValidationError

from llmspell_engine.api.declare import DeclaredMember, Global, Handle, declaration, members
from llmspell_engine.api.later import hints_of_parameters
from llmspell_engine.api.schemas import adapter_of
from llmspell_engine.api.validation import ArgumentError, validate_value
from llmspell_engine.catalog.spelling import spelled
from llmspell_engine.runtime.values import MAX_DEPTH, BridgeError, HostFunction, HostObject, Plain, Shape

if TYPE_CHECKING:
    from pydantic.plugin._schema_validator import PluggableSchemaValidator
    from pydantic_core import SchemaValidator

    from llmspell_engine.language import Language

_PLAIN: frozenset[type] = frozenset((str, bool, int, float))
"""Values that are the same on both sides."""
_ATOMS: frozenset[type] = frozenset((str, bool, int))
_MOST_KNOWN, _LONGEST_KNOWN = 1000, 100
"""Of how many texts a parameter knows that they have the right form, and of how long ones."""
_OF_LENGTH = frozenset(("type", "min_length", "max_length", "metadata"))
_NO_LENGTHS = range(0)


class Binder:
    """Binds implementations for one language. A handle that is given out twice is the same object.

    What scripts no longer hold is not held here either: a script may make any number of agents.
    """

    def __init__(self, language: Language) -> None:
        self._language = language
        self._handles: WeakValueDictionary[int, HostObject] = WeakValueDictionary()
        """By the identity of the handle, which the object keeps alive."""
        self._classes: dict[type, _Class] = {}

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
        kind = type(value)
        if value is None or kind in _PLAIN:
            return value
        if kind is dict:
            return {key: item if type(item) in _PLAIN else self.result(item) for key, item in value.items()}
        if kind is list:
            return [item if type(item) in _PLAIN else self.result(item) for item in value]
        if kind is Plain:
            return value
        if isinstance(value, Handle):
            return self.handle(value)
        if isinstance(value, BaseModel):
            held = value.__dict__
            return {
                spelling: field if type(field) in _PLAIN else self.result(field)
                for name, spelling in _spellings(type(value), self._language)
                if (field := held.get(name)) is not None
            }
        if isinstance(value, Mapping):
            return {key: self.result(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.result(item) for item in value]
        return value

    def _bound(self, implementation: Global | Handle, name: str) -> HostObject:
        bound = self._classes.get(type(implementation))
        if bound is None:
            bound = self._classes[type(implementation)] = self._class(type(implementation), name)
        return HostObject(
            name,
            methods=_Methods(bound.methods, partial(self._method, implementation, owner=name)),
            fields={
                spelling: self.result(getattr(implementation, attribute))
                for spelling, attribute in bound.fields.items()
            },
            index=self._index(implementation, name) if bound.shape.is_indexed else None,
            source=implementation,
            iterates=bound.shape.iterates,
            class_shape=bound.shape,
        )

    def _class(self, implementation: type[Global | Handle], name: str) -> _Class:
        visible = [one for one in members(implementation) if self._language in one.facts.languages]
        methods = {self._name(one): one for one in visible if one.function}
        fields = {self._name(one): one.attribute for one in visible if not one.function}
        iterates = issubclass(implementation, Handle) and implementation.iterates
        waits = {spelling: one.facts.waits for spelling, one in methods.items()}
        return _Class(methods, fields, Shape(name, waits, hasattr(implementation, "__getitem__"), iterates))

    def _name(self, one: DeclaredMember) -> str:
        return spelled(one.name, self._language)

    def _method(self, implementation: Global | Handle, one: DeclaredMember, owner: str) -> HostFunction:
        where = f"{owner}.{self._name(one)}"
        method = getattr(implementation, one.attribute)
        return self._function(where, one, method)

    def _function(self, where: str, one: DeclaredMember, method: Callable[..., Any]) -> HostFunction:
        assert one.function is not None
        signature, language = signature_of(one.function), self._language
        are_as_declared, checked = signature.are_as_declared, signature.checked

        def call(*arguments: Any) -> Any:
            given = arguments if are_as_declared(arguments) else checked(arguments, where, language)
            found = method(*given)
            kind = type(found)
            if found is None or kind in _PLAIN or kind is Plain:
                return found
            return self._awaited(found) if isinstance(found, Awaitable) else self._passed(found)

        return HostFunction(where, call, waits=one.facts.waits)

    async def _awaited(self, found: Awaitable[Any]) -> Any:
        return self._passed(await found)

    def _passed(self, value: Any) -> Any:
        try:
            return self.result(value)
        except RecursionError:
            # So many levels are more than either language takes: it is told as where they are counted.
            raise BridgeError(f"value is nested deeper than {MAX_DEPTH} levels") from None

    def _index(self, implementation: Any, name: str) -> HostFunction:
        return HostFunction(name, lambda key: self.result(implementation[key]))


@cache
def _spellings(model: type[BaseModel], language: Language) -> tuple[tuple[str, str], ...]:
    """The fields of a result, and how scripts see them."""
    return tuple((name, spelled(one.alias or name, language)) for name, one in model.model_fields.items())


@dataclass(frozen=True, slots=True)
class _Class:
    """What is known of a class of implementations: methods and attributes by their spelling."""

    methods: Mapping[str, DeclaredMember]
    fields: Mapping[str, str]
    shape: Shape


class _Methods(Mapping[str, HostFunction]):
    """The methods of one object, each made when it is first asked for."""

    __slots__ = ("_declared", "_made", "_make")

    def __init__(
        self, declared: Mapping[str, DeclaredMember], make: Callable[[DeclaredMember], HostFunction]
    ) -> None:
        self._declared = declared
        self._make = make
        self._made: dict[str, HostFunction] = {}

    def __getitem__(self, name: str) -> HostFunction:
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = self._make(self._declared[name])
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)


@dataclass(slots=True)
class Parameter:
    """A declared positional parameter."""

    name: str
    annotation: Any
    required: bool
    plain: frozenset[type]
    """The types whose values are as declared, whatever they are: nothing of them is to be checked."""
    lengths: range = _NO_LENGTHS
    """The lengths of texts that are as declared, where nothing but its length is asked of a text."""
    known: set[str] = field(default_factory=set)
    """Texts that were found to have the form that is asked of them: names come again and again."""
    _validator: SchemaValidator | PluggableSchemaValidator | None = None
    _is_of_form: bool = False

    def checked(self, value: Any, where: str, language: Language) -> Any:
        """A value in the form of the declared type. Raises ArgumentError."""
        kind = type(value)
        if kind in self.plain or (kind is str and self.is_known(value)):
            return value
        if self.annotation is Any:
            return _unwrapped(value)
        if kind in _ATOMS:
            # Nothing is in them that would have to be brought into form first.
            try:
                found = self._validated(value)
            except ValidationError:
                pass  # it is told below
            else:
                if self._is_of_form and found == value:
                    self._note(value)
                return found
        return validate_value(
            self.annotation,
            _unwrapped(value),
            name=spelled(self.name, language),
            where=where,
            language=language,
        )

    def is_known(self, text: str) -> bool:
        """Whether it is known of a text that it is as declared."""
        # What is not ASCII may be no Unicode, such as half of a surrogate pair.
        return (len(text) in self.lengths and text.isascii()) or text in self.known

    def _validated(self, value: Any) -> Any:
        if self._validator is None:
            adapter = adapter_of(self.annotation)
            self._validator = adapter.validator
            self._see(adapter.core_schema)
        return self._validator.validate_python(value, strict=True)

    def _see(self, schema: Mapping[str, Any]) -> None:
        """See whether the type is that of texts which are as declared by their length or form alone."""
        if schema["type"] == "str" and schema.keys() <= _OF_LENGTH:
            self.lengths = range(schema.get("min_length", 0), schema.get("max_length", sys.maxsize - 1) + 1)
        self._is_of_form = schema["type"] == "str"

    def _note(self, text: str) -> None:
        if len(text) > _LONGEST_KNOWN:
            return
        if len(self.known) >= _MOST_KNOWN:
            self.known.clear()
        self.known.add(text)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a declared function takes."""

    parameters: tuple[Parameter, ...]
    least: int
    """How many arguments there are at least."""

    def are_as_declared(self, arguments: Sequence[Any]) -> bool:
        """Whether arguments are seen at a glance to be as declared; else :meth:`checked` has to look."""
        if not self.least <= len(arguments) <= len(self.parameters):
            return False
        for parameter, value in zip(self.parameters, arguments, strict=False):
            kind = type(value)
            if kind not in parameter.plain and not (kind is str and parameter.is_known(value)):
                return False
        return True

    def checked(self, arguments: Sequence[Any], where: str, language: Language) -> list[Any]:
        """The arguments in the form of the declared types. Raises ArgumentError with a sentence."""
        given = _without_trailing_nothing(arguments)
        if len(given) > len(self.parameters):
            raise ArgumentError(f"{where} takes {self._count(language)}, but {len(given)} were given")
        count = len(given)
        return [
            self._checked(parameter, given[at] if at < count else None, where, language)
            for at, parameter in enumerate(self.parameters)
            if at < count or parameter.required
        ]

    def _checked(self, parameter: Parameter, value: Any, where: str, language: Language) -> Any:
        if value is None and parameter.required and parameter.annotation is not Any:
            name = spelled(parameter.name, language)
            raise ArgumentError(f"{where}: '{name}' is missing; it takes {self._count(language)}")
        return parameter.checked(value, where, language)

    def _count(self, language: Language) -> str:
        names = [spelled(each.name, language) + ("" if each.required else "?") for each in self.parameters]
        if not names:
            return "no arguments"
        return f"{len(names)} argument{'s' if len(names) > 1 else ''} ({', '.join(names)})"


@cache
def signature_of(declared: Callable[..., Any]) -> Signature:
    """The signature of a declared method, ``self`` left out."""
    hints = hints_of_parameters(declared)
    given = [one for one in inspect.signature(declared).parameters.values() if one.name != "self"]
    parameters = tuple(
        Parameter(
            one.name,
            hints[one.name],
            one.default is inspect.Parameter.empty,
            _plain_types(hints[one.name]),
        )
        for one in given
    )
    return Signature(parameters, sum(one.required for one in parameters))


def _plain_types(annotation: Any) -> frozenset[type]:
    """The types of values that a declared type takes as they are; none where it says more than a type."""
    if annotation is Any:
        return _PLAIN
    arms = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return frozenset(_PLAIN.intersection(arm for arm in arms if isinstance(arm, type)))


def _unwrapped(value: Any) -> Any:
    """A value with the implementations in the place of the handles that a script passed."""
    if isinstance(value, HostObject):
        return value if value.source is None else value.source
    if isinstance(value, dict):
        return {key: item if type(item) in _PLAIN else _unwrapped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [item if type(item) in _PLAIN else _unwrapped(item) for item in value]
    return value


def _without_trailing_nothing(arguments: Sequence[Any]) -> list[Any]:
    """Arguments that are nil or undefined at the end are the same as none."""
    given = list(arguments)
    while given and given[-1] is None:
        given.pop()
    return given
