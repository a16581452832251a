"""The lines on which the keys of a file stand, from 1, for each format. Files are known to be well-formed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Node
    from yaml import Node as YamlNode

    from llmspell_engine.config.origin import Keys

Lines = dict["Keys", int]


def toml_lines(text: str) -> Lines:
    """The lines of the keys, tables and list entries of TOML."""
    import tree_sitter
    import tree_sitter_toml

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
    return _Toml().of(parser.parse(text.encode()).root_node)


class _Toml:
    def __init__(self) -> None:
        self.lines: Lines = {}
        self._counts: dict[Keys, int] = {}

    def of(self, document: Node) -> Lines:
        for node in document.named_children:
            if node.type == "pair":
                self._pair(node, ())
            elif node.type in ("table", "table_array_element"):
                self._table(node)
        return self.lines

    def _table(self, node: Node) -> None:
        header, *pairs = (child for child in node.named_children if child.type != "comment")
        place: Keys = ()
        names = _names(header)
        for depth, name in enumerate(names, 1):
            place = (*place, name)
            self._put(place, node)
            is_entry = node.type == "table_array_element" and depth == len(names)
            if is_entry:
                self._counts[place] = self._counts.get(place, -1) + 1
            if place in self._counts:
                place = (*place, str(self._counts[place]))
                self._put(place, node)
        for pair in pairs:
            self._pair(pair, place)

    def _pair(self, node: Node, place: Keys) -> None:
        key, value = (child for child in node.named_children if child.type != "comment")
        for name in _names(key):
            place = (*place, name)
            self._put(place, key)
        self._value(value, place)

    def _value(self, node: Node, place: Keys) -> None:
        parts = [child for child in node.named_children if child.type != "comment"]
        if node.type == "inline_table":
            for part in parts:
                self._pair(part, place)
        elif node.type == "array":
            for index, part in enumerate(parts):
                self._put((*place, str(index)), part)
                self._value(part, (*place, str(index)))

    def _put(self, place: Keys, node: Node) -> None:
        self.lines.setdefault(place, node.start_point.row + 1)


def _names(key: Node) -> list[str]:
    if key.type == "dotted_key":
        return [name for child in key.named_children for name in _names(child)]
    written = (key.text or b"").decode()
    if key.type == "bare_key":
        return [written]
    import tomllib

    return list(tomllib.loads(f"{written} = 0"))


def yaml_lines(text: str) -> Lines:
    """The lines of the keys and list entries of YAML."""
    import yaml

    lines: Lines = {}
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is not None:
        _walk_yaml(root, (), lines)
    return lines


def _walk_yaml(node: YamlNode, place: Keys, lines: Lines) -> None:
    import yaml

    if isinstance(node, yaml.MappingNode):
        entries = [((*place, str(key.value)), key, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        entries = [((*place, str(index)), value, value) for index, value in enumerate(node.value)]
    else:
        return
    for keys, at, value in entries:
        lines.setdefault(keys, at.start_mark.line + 1)
        _walk_yaml(value, keys, lines)


class DuplicateKeyError(Exception):
    """A key that is twice in a table; and its second line."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(name)
        self.name = name
        self.line = line


def json_lines(text: str) -> Lines:
    """The lines of the keys and list entries of JSON. Raises DuplicateKeyError."""
    lines: Lines = {}
    _walk_json(text, 0, (), lines)
    return lines


_SPACE = re.compile(r"[\s,:]*")
_DECODER = json.JSONDecoder()


def _walk_json(text: str, at: int, place: Keys, lines: Lines) -> int:
    """Note the entries of the value that begins at an offset; where it ends."""
    at = _past_space(text, at)
    closing = {"{": "}", "[": "]"}.get(text[at])
    if closing is None:
        return _DECODER.raw_decode(text, at)[1]
    at = _past_space(text, at + 1)
    count = 0
    while text[at] != closing:
        name: Any = str(count)
        start = at
        if closing == "}":
            name, at = _DECODER.raw_decode(text, at)
        line = text.count("\n", 0, start) + 1
        if (*place, name) in lines:
            raise DuplicateKeyError(name, line)
        lines[*place, name] = line
        at = _past_space(text, _walk_json(text, at, (*place, name), lines))
        count += 1
    return at + 1


def _past_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
