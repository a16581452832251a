"""The declarations compiled into the catalog: the plain data that ``catalog.json`` holds.

What is usual is left out (both languages, nothing deprecated), so that the file shows what differs.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from llmspell_engine.api.declare import (
    DeclaredMember,
    Global,
    Handle,
    declaration,
    facts,
    is_function,
    members,
)
from llmspell_engine.api.docstrings import documentation
from llmspell_engine.api.later import hints_of
from llmspell_engine.api.models import MODELS, KnownModel
from llmspell_engine.api.registry import GLOBALS, HANDLES
from llmspell_engine.api.schemas import Definitions, schema_of
from llmspell_engine.language import LANGUAGES

if TYPE_CHECKING:
    from llmspell_engine.tools.base import Tool

Data = dict[str, Any]


def compile_catalog(tools: Iterable[Tool[Any]], providers: Iterable[str]) -> Data:
    """The whole script API as data: globals, handles, definitions, tools, models and providers."""
    definitions: Definitions = {}
    return {
        "globals": {one.name: _global(one, definitions) for one in GLOBALS},
        "handles": {one.__name__: _handle(one, definitions) for one in HANDLES},
        "tools": {one.name: _tool(one, definitions) for one in sorted(tools, key=lambda one: one.name)},
        "models": {one.name: _model(one) for one in MODELS},
        "providers": list(providers),
        "$defs": dict(sorted(definitions.items())),
    }


def _global(declared: type[Global], definitions: Definitions) -> Data:
    entity: Data = {"kind": _kind(declared), "doc": documentation(declared.__doc__).text}
    if declared.languages != LANGUAGES:
        entity["languages"] = list(declared.languages)
    if is_function(declared):
        call: Callable[..., Any] = vars(declared)["__call__"]
        entity["call"] = _member(
            DeclaredMember(declared.name, "__call__", facts(call), call), {}, definitions
        )
    elif declared.value is not None:
        entity["schema"] = schema_of(declared.value, definitions)
    else:
        entity["members"] = _members(declared, definitions)
    return entity


def _kind(declared: type[Global]) -> str:
    if is_function(declared):
        return "function"
    return "namespace" if declared.value is None else "value"


def _handle(declared: type[Handle], definitions: Definitions) -> Data:
    doc = documentation(declared.__doc__).text
    entity: Data = {"kind": "handle", "doc": doc}
    if declared.languages != LANGUAGES:
        entity["languages"] = list(declared.languages)
    if declared.iterates:
        entity["iterates"] = True
    members = _members(declared, definitions)
    return {**entity, "members": {**members, **_ITERATOR} if declared.iterates else members}


_ITERATOR: Data = {
    "iter": {
        "kind": "method",
        "doc": "An iterator for a loop, which closes it when the loop is left.",
        "returns": {"x-function": {"parameters": [], "returns": {"x-item": True}}},
        "languages": ["lua"],
    }
}
"""What Lua has besides on what iterates: ``for item in handle:iter() do``."""


def _members(declared: type[Global | Handle], definitions: Definitions) -> Data:
    hints = hints_of(declaration(declared))
    kind = "method" if issubclass(declared, Handle) else "function"
    return {
        one.name: {"kind": kind if one.function else "field", **_member(one, hints, definitions)}
        for one in members(declared)
    }


def _member(one: DeclaredMember, hints: Data, definitions: Definitions) -> Data:
    if one.function is None:
        schema = schema_of(hints[one.attribute], definitions) or {}
        return {"doc": schema.get("description", ""), "returns": schema}
    return {**_signature(one.function, definitions), **_facts(one)}


def _signature(function: Callable[..., Any], definitions: Definitions) -> Data:
    described = documentation(function.__doc__)
    hints = hints_of(function)
    given = [one for one in inspect.signature(function).parameters.values() if one.name != "self"]
    parameters = [_parameter(one, hints[one.name], described.parameters, definitions) for one in given]
    signature: Data = {"doc": described.text}
    if parameters:
        signature["parameters"] = parameters
    returns = schema_of(_awaited(hints["return"]), definitions)
    if returns is not None:
        signature["returns"] = returns
    return signature


def _awaited(hint: Any) -> Any:
    """What a member gives in the end: of ``Waiting[T]``, T."""
    arms = [arm for arm in get_args(hint) if get_origin(arm) is not Awaitable]
    return Union[tuple(arms)] if arms and len(arms) < len(get_args(hint)) else hint  # noqa: UP007


def _parameter(one: inspect.Parameter, hint: Any, docs: dict[str, str], definitions: Definitions) -> Data:
    variadic = one.kind is inspect.Parameter.VAR_POSITIONAL
    parameter: Data = {
        "name": one.name,
        "doc": docs.get(one.name, ""),
        "schema": schema_of(hint, definitions),
    }
    if one.default is not inspect.Parameter.empty or variadic:
        parameter["optional"] = True
    if one.default not in (inspect.Parameter.empty, None):
        parameter["schema"] = {**parameter["schema"], "default": one.default}
    if variadic:
        parameter["variadic"] = True
    return parameter


def _facts(one: DeclaredMember) -> Data:
    stated: Data = {}
    if one.facts.languages != LANGUAGES:
        stated["languages"] = list(one.facts.languages)
    if one.facts.deprecated:
        stated["deprecated"] = one.facts.deprecated
    if one.facts.waits:
        stated["waits"] = True
    if one.facts.examples:
        stated["examples"] = dict(one.facts.examples)
    return stated


def _tool(tool: Tool[Any], definitions: Definitions) -> Data:
    schema_of(tool.Parameters, definitions)
    returns = schema_of(tool.returns, definitions)
    return {
        "doc": tool.description,
        "category": tool.category,
        "security": tool.security,
        "aliases": list(tool.aliases),
        "parameters": definitions.pop(tool.Parameters.__name__),
        "returns": returns,
    }


def _model(model: KnownModel) -> Data:
    return {"doc": model.doc, **({"context": model.context} if model.context else {})}
