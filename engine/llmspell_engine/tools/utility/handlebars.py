"""The part of Handlebars that templates of scripts use.

Values (``{{name}}``, ``{{person.name}}``, ``{{../name}}``, ``{{this}}``), values as they are
(``{{{html}}}``, ``{{&html}}``), comments, and the blocks ``if``, ``unless``, ``each`` and ``with`` with
``else``, ``@index``, ``@key``, ``@first`` and ``@last``. Other helpers and partials are refused.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_TAG = re.compile(r"\{\{!--.*?--\}\}|\{\{\{(?P<raw>[^{}]*)\}\}\}|\{\{(?P<tag>[^{}]*)\}\}", re.DOTALL)
_PATH = re.compile(r"(\.\./)*(@?[\w-]+|\.)([./][\w-]+)*|\.\.")
_BLOCKS = ("if", "unless", "each", "with")
_DEEPEST = 100


class HandlebarsError(Exception):
    """A template that cannot be read or rendered."""


@dataclass(slots=True)
class _Value:
    path: str
    escaped: bool


@dataclass(slots=True)
class _Block:
    helper: str
    path: str
    line: int
    body: list[_Node] = field(default_factory=list)
    otherwise: list[_Node] = field(default_factory=list)


_Node = str | _Value | _Block


@dataclass(frozen=True, slots=True)
class _Scope:
    this: Any
    data: Mapping[str, Any]
    parent: _Scope | None


def render(template: str, values: Mapping[str, Any], *, longest: int) -> str:
    """The text of a template. Raises HandlebarsError, also when it is longer than ``longest``."""
    parts: list[str] = []
    length = 0
    for part in _render(_parse(template), _Scope(values, {}, None)):
        length += len(part)
        if length > longest:
            raise HandlebarsError(f"the text is longer than {longest} characters")
        parts.append(part)
    return "".join(parts)


def _parse(template: str) -> list[_Node]:
    root: list[_Node] = []
    target, open_blocks, place = root, list[tuple[_Block, list[_Node]]](), 0
    for found in _TAG.finditer(template):
        target.append(template[place : found.start()])
        place = found.end()
        line = template.count("\n", 0, found.start()) + 1
        tag = (found["tag"] or "").strip().strip("~").strip()
        if found["raw"] is not None:
            target.append(_Value(_path(found["raw"].strip(), line), escaped=False))
        elif tag.startswith("#"):
            block = _block(tag[1:].strip(), line)
            if len(open_blocks) >= _DEEPEST:
                raise HandlebarsError(f"line {line}: blocks are nested too deeply")
            target.append(block)
            open_blocks.append((block, target))
            target = block.body
        elif tag in ("else", "^"):
            target = _innermost(open_blocks, tag, line).otherwise
        elif tag.startswith("/"):
            target = _closed(open_blocks, tag[1:].strip(), line)
        elif tag and not tag.startswith("!"):
            target.append(_value(tag, line))
    if open_blocks:
        block = open_blocks[-1][0]
        raise HandlebarsError(f"line {block.line}: '{{{{#{block.helper}}}}}' is never closed")
    target.append(template[place:])
    return root


def _block(text: str, line: int) -> _Block:
    helper, _, path = text.partition(" ")
    if helper not in _BLOCKS:
        raise HandlebarsError(f"line {line}: there is no block '{helper}', only {', '.join(_BLOCKS)}")
    return _Block(helper, _path(path.strip(), line), line)


def _innermost(open_blocks: list[tuple[_Block, list[_Node]]], tag: str, line: int) -> _Block:
    if not open_blocks:
        raise HandlebarsError(f"line {line}: '{{{{{tag}}}}}' stands outside of a block")
    return open_blocks[-1][0]


def _closed(open_blocks: list[tuple[_Block, list[_Node]]], helper: str, line: int) -> list[_Node]:
    if not open_blocks or open_blocks[-1][0].helper != helper:
        raise HandlebarsError(f"line {line}: '{{{{/{helper}}}}}' closes nothing")
    return open_blocks.pop()[1]


def _value(tag: str, line: int) -> _Value:
    if tag.startswith("&"):
        return _Value(_path(tag[1:].strip(), line), escaped=False)
    return _Value(_path(tag, line), escaped=True)


def _path(text: str, line: int) -> str:
    if not _PATH.fullmatch(text):
        raise HandlebarsError(
            f"line {line}: '{text}' is no name of a value; helpers and partials are not known"
        )
    return text


def _render(nodes: list[_Node], scope: _Scope) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif isinstance(node, _Value):
            text = _text(_lookup(node.path, scope))
            yield html.escape(text) if node.escaped else text
        else:
            yield from _render_block(node, scope)


def _render_block(block: _Block, scope: _Scope) -> Iterator[str]:
    value = _lookup(block.path, scope)
    shown = bool(value) is not (block.helper == "unless")
    if not shown:
        yield from _render(block.otherwise, scope)
    elif block.helper == "each":
        yield from _render_each(block, value, scope)
    else:
        yield from _render(block.body, _Scope(value, {}, scope) if block.helper == "with" else scope)


def _render_each(block: _Block, value: Any, scope: _Scope) -> Iterator[str]:
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    else:
        raise HandlebarsError(f"line {block.line}: '{block.path}' is no list")
    for index, (key, item) in enumerate(pairs):
        data = {"@index": index, "@key": key, "@first": index == 0, "@last": index == len(pairs) - 1}
        yield from _render(block.body, _Scope(item, data, scope))


def _lookup(path: str, scope: _Scope) -> Any:
    if path.startswith("@"):
        return _data(path, scope)
    current: _Scope | None = scope
    while path.startswith(".."):
        current = current.parent if current else None
        path = path.removeprefix("..").removeprefix("/")
    value = current.this if current else None
    for name in re.split(r"[./]", path):
        if name in ("", "this"):
            continue
        value = _field(value, name)
    return value


def _data(path: str, scope: _Scope | None) -> Any:
    while scope and path not in scope.data:
        scope = scope.parent
    return scope.data[path] if scope else None


def _field(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list) and name == "length":
        return len(value)
    if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
        return value[int(name)]
    return None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_text(one) for one in value)
    return str(value)
