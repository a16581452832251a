"""Workflows that are read from text, in YAML, JSON or TOML: a table that names its kind as ``type``.

What is wrong is told with the file and the line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, time
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError

from llmspell_engine.api.faults import sentence
from llmspell_engine.api.fitting import fitted, key_of
from llmspell_engine.catalog.spelling import snake
from llmspell_engine.config import documents
from llmspell_engine.config.error import ConfigError
from llmspell_engine.globals.workflow_kinds import OPTIONS, checked_kind
from llmspell_engine.workflows.results import WorkflowError

if TYPE_CHECKING:
    from llmspell_engine.api.workflow_options import CommonOptions
    from llmspell_engine.config.origin import Keys
    from llmspell_engine.language import Language
    from llmspell_engine.security.permissions import Permissions
    from llmspell_engine.workflows.body import WorkflowKind

SUFFIXES = documents.SUFFIXES
_MOST_PARTS = 100_000
_TABLE = "a workflow is a table with its type and its steps"


class WorkflowText:
    """A workflow as text, and on which line which part of it stands."""

    def __init__(self, document: documents.Document, name: str) -> None:
        self._document = document
        self.name = name
        self._places: dict[int, Keys] = {}
        """By the identity of options: where in the text they stand."""
        self._placed: list[object] = []
        """Those options, which are to live as long as that is asked."""

    @property
    def table(self) -> Mapping[str, Any]:
        """The workflow as it is written."""
        return self._document.values

    def options(self, table: Mapping[str, Any], keys: Keys = ()) -> tuple[WorkflowKind, CommonOptions]:
        """The kind and the options of a workflow that stands somewhere in the text. Raises WorkflowError."""
        given = dict(table)
        kind = checked_kind(given.pop("type", None), self._at((*keys, "type")))
        model = OPTIONS[kind]
        values = fitted(model, given)
        try:
            options = model.model_validate(values)
        except ValidationError as error:
            raise WorkflowError("\n".join(self._faults(error, model, values, keys))) from None
        self._place(options, keys)
        return kind, options

    def at(self, options: object) -> str:
        """Where options stand, as the beginning of a message."""
        return self._at(self._places.get(id(options), ()))

    def keys(self, options: object) -> Keys:
        """The way to options."""
        return self._places.get(id(options), ())

    def _at(self, keys: Keys) -> str:
        return f"{self.name}:{self._document.line(keys)}"

    def _place(self, value: object, keys: Keys) -> None:
        if isinstance(value, BaseModel):
            self._places[id(value)] = keys
            self._placed.append(value)
            for name in value.model_fields_set:
                self._place(getattr(value, name), (*keys, self._written(keys, key_of(type(value), name))))
        elif isinstance(value, list):
            for at, one in enumerate(value):
                self._place(one, (*keys, str(at)))

    def _written(self, keys: Keys, name: str) -> str:
        """A key as the text has it, in whichever spelling."""
        if (*keys, name) in self._document.lines:
            return name
        depth = len(keys)
        siblings = (
            one[depth] for one in self._document.lines if len(one) == depth + 1 and one[:depth] == keys
        )
        return next((one for one in siblings if snake(one) == name), name)

    def _faults(
        self, error: ValidationError, model: type[BaseModel], values: Any, keys: Keys
    ) -> Iterator[str]:
        """A line for each place at which something is wrong, with the sentence of its faults."""
        by_place: dict[Keys, list[Any]] = {}
        for fault in error.errors(include_url=False):
            by_place.setdefault(self._way(fault["loc"], values, keys), []).append(fault)
        inner = [
            way for way in by_place if any(len(one) > len(way) and one[: len(way)] == way for one in by_place)
        ]
        for way in sorted((way for way in by_place if way not in inner), key=self._document.line):
            told = sentence(cast("ValidationError", _Faults(by_place[way])), model, (), self._spelling)
            yield f"{self._at(way)}: {told}"

    @property
    def _spelling(self) -> Language:
        """In whose spelling the text is: JavaScript's where keys have humps and none an underscore."""
        keys = {key for way in self._document.lines for key in way}
        has_humps = any(snake(key) != key for key in keys)
        return "javascript" if has_humps and not any("_" in key for key in keys) else "lua"

    def _way(self, location: tuple[int | str, ...], values: Any, keys: Keys) -> Keys:
        """Follow the place of a fault through the values, without what stands there for arms of unions."""
        way = keys
        for step in location:
            if isinstance(values, Mapping) and step in values:
                way, values = (*way, self._written(way, str(step))), values[step]
            elif isinstance(values, list) and isinstance(step, int):
                way, values = (*way, str(step)), values[step]
        return way


class _Faults:
    """Some of the faults of a validation."""

    def __init__(self, faults: list[Any]) -> None:
        self._faults = faults

    def errors(self, *, include_url: bool = True) -> list[Any]:
        """See pydantic."""
        del include_url
        return self._faults


def read(given: str, permissions: Permissions) -> WorkflowText:
    """The workflow of a file. Raises WorkflowError, and SecurityError where the file may not be read."""
    path = permissions.readable(given)
    check_suffix(path, given)
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise WorkflowError(f"{given}: is not UTF-8 text (byte {problem.start}); save it as UTF-8") from None
    except OSError as problem:
        raise WorkflowError(f"{given}: cannot be read: {problem.strerror or problem}") from None
    return parsed(path, text, given)


def parsed(path: Path, text: str, name: str) -> WorkflowText:
    """The workflow of a text in the format of a path's suffix. Raises WorkflowError."""
    try:
        if path.suffix.lower() in (".yaml", ".yml"):
            _check_aliases(text, name)
        document = documents.parse(path, text, name, _TABLE)
    except ConfigError as error:
        raise WorkflowError(str(error)) from None
    except RecursionError:
        raise WorkflowError(f"{name}: is nested too deeply") from None
    document.values = _plain(document.values)
    return WorkflowText(document, name)


def _check_aliases(text: str, name: str) -> None:
    """Raise WorkflowError where the aliases of YAML, written out, come to more than anybody would write."""
    import yaml

    sizes: dict[int, float] = {}

    def size(node: yaml.Node | None) -> float:
        if not isinstance(node, yaml.CollectionNode):
            return 1
        if id(node) not in sizes:
            sizes[id(node)] = (
                math.inf
            )  # what it is as long as it is not done: a node inside of itself never ends
            parts = chain.from_iterable(node.value) if isinstance(node, yaml.MappingNode) else node.value
            sizes[id(node)] = 1 + sum(size(part) for part in parts)
        return sizes[id(node)]

    with suppress(yaml.YAMLError):  # Told better by who reads it.
        if size(yaml.compose(text, Loader=yaml.SafeLoader)) > _MOST_PARTS:
            raise WorkflowError(
                f"{name}: has more than {_MOST_PARTS:,} parts where its aliases are written out"
            )


def _plain(value: Any) -> Any:
    """Dates and times, which YAML and TOML know, as the texts that scripts have of them."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date | time) else value


def check_suffix(path: Path, given: str) -> None:
    """Raise WorkflowError for a file in which no workflow is kept."""
    if path.suffix.lower() not in SUFFIXES:
        raise WorkflowError(
            f"{given}: a workflow is kept in a file {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
        )
