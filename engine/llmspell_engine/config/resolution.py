"""The configuration of a run: what its sources set, the nearest of them winning, each value with its origin.

Defaults, then the user's file, the project's, ``LLMSPELL_SECTION__KEY`` variables, and the command line:
the later wins, key by key. Sources that set nothing cost nothing; the validation library is imported
when the configuration is first asked for.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmspell_engine.config import documents, environment
from llmspell_engine.config.error import ConfigError
from llmspell_engine.observability.levels import LEVELS

if TYPE_CHECKING:
    from llmspell_engine.config.model import Config
    from llmspell_engine.config.origin import Keys, Layer, Origin

_WHOLE = (("prompts", "*"), ("agents", "*", "output_schema"))
"""Tables that are one value: a nearer source replaces them."""
_OPTIONS = {"log.otel.enabled": "--otel", "run.params": "--param"}
"""Options of the command line that are not called as their key."""


@dataclass(frozen=True)
class ResolvedConfig:
    """What is configured, and by whom."""

    files: Sequence[Path] = ()
    """The files that were read, the user's before the project's."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """What is set at all, as plain values that are valid."""
    origins: Mapping[Keys, Origin] = field(default_factory=dict)
    """Who set each table and each value; what is not here has its default."""
    start: Path = field(default_factory=Path.cwd)
    """The folder that it was resolved for."""
    file: Path | None = None
    """The file that was named in place of the nearest one."""
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """What the command line set."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is set: all is as without a configuration, and ``config`` need not be asked."""
        return not self.values

    @property
    def beyond_options(self) -> Config | None:
        """The typed values where files or variables set some; None where the command line alone does, whose
        options are known to who gave them.
        """
        is_of_options = self.is_empty or all(one.kind == "option" for one in self.origins.values())
        return None if is_of_options else self.config

    @cached_property
    def config(self) -> Config:
        """The typed values. Paths are absolute."""
        from llmspell_engine.config.model import Config

        return _validated(Config, self.values)

    @cached_property
    def secrets(self) -> Sequence[str]:
        """Values that must not be shown: of secret keys, and of variables that are said to be secret."""
        config = self.beyond_options
        if config is None:
            return ()
        from llmspell_engine.config.fields import secrets_of

        named = (os.environ.get(name, "") for name in config.security.secret_variables)
        return tuple(dict.fromkeys(value for value in (*secrets_of(config), *named) if value))

    @property
    def folder(self) -> Path | None:
        """The folder of the nearest file; None where there is no file."""
        return self.files[-1].parent if self.files else None

    def origin(self, keys: Keys) -> Origin:
        """Who set a value: the default, where nobody did."""
        from llmspell_engine.config.origin import DEFAULT

        return self.origins.get(keys, DEFAULT)


def resolve(
    start: Path, *, file: Path | None = None, overrides: Mapping[str, Any] | None = None
) -> ResolvedConfig:
    """The configuration for scripts of a folder.

    ``file`` is read in place of the nearest one. ``overrides`` are what the command line says, by dotted
    keys (``{"run.max_calls": 3}``); None is not said. Raises ConfigError with all faults.
    """
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    project = file if file is not None else documents.find(start)
    user = documents.user_file()
    paths = list(dict.fromkeys(path for path in (user, project) if path is not None))
    if not paths and not environment.concerns(os.environ):
        if not given:
            return ResolvedConfig(start=start, file=file)
        if all(_is_evident(key, value) for key, value in given.items()):
            options = _layer_of_options(given)
            return ResolvedConfig((), options.values, options.origins, start, file, given)
    merged = _Merged()
    for path in paths:
        merged.add_file(path)
    values = merged.resolved(os.environ, given)
    return ResolvedConfig(tuple(paths), values, merged.origins, start, file, given)


def load(path: Path) -> Config:
    """The configuration of one file alone. Raises ConfigError."""
    from llmspell_engine.config.model import Config

    merged = _Merged()
    merged.add_file(path)
    return _validated(Config, merged.resolved({}, {}))


class _Merged:
    """The layers that were added, the later over the earlier."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.origins: dict[Keys, Origin] = {}
        self._texts: set[Keys] = set()
        self._broken: set[Keys] = set()
        self._faults: list[str] = []

    def add_file(self, path: Path) -> None:
        from llmspell_engine.config import interpolation
        from llmspell_engine.config.versions import current

        try:
            self.add(*interpolation.layer_of(current(documents.read(path)), os.environ))
        except ConfigError as error:
            self._faults += error.faults

    def add(self, layer: Layer, faults: Sequence[str] = ()) -> None:
        self._faults += faults
        layer = _with_whole_prompts(layer)
        self._broken |= layer.broken
        self._merge(self.values, layer.values, (), layer)

    def resolved(self, variables: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
        """What all sources set. Raises ConfigError with all faults of all of them."""
        from llmspell_engine.config.model import Config

        self.add(*environment.layer_of(variables, self.values, Config))
        self.add(_layer_of_options(given))
        self._take_meaning(Config)
        self._faults += _faults_of(self.values, self.origins, self._broken)
        if self._faults:
            raise ConfigError(dict.fromkeys(self._faults))
        self._make_absolute(Config)
        return self.values

    def _merge(self, into: dict[str, Any], values: Mapping[str, Any], place: Keys, layer: Layer) -> None:
        for key, value in values.items():
            keys = (*place, key)
            if isinstance(value, Mapping) and not _is_whole(keys, layer):
                inner = into.get(key)
                if not isinstance(inner, dict):
                    self._forget(keys)
                    inner = into[key] = {}
                self._note(keys, layer)
                self._merge(inner, value, keys, layer)
            else:
                self._forget(keys)
                into[key] = value
                self._texts |= {each for each in layer.texts if each[: len(keys)] == keys}
                self.origins.update(
                    {each: origin for each, origin in layer.origins.items() if each[: len(keys)] == keys}
                )

    def _note(self, keys: Keys, layer: Layer) -> None:
        if keys in layer.origins:
            self.origins[keys] = layer.origins[keys]

    def _forget(self, keys: Keys) -> None:
        for known in [each for each in self.origins if each[: len(keys)] == keys]:
            del self.origins[known]
        self._texts = {each for each in self._texts if each[: len(keys)] != keys}

    def _take_meaning(self, model: type[Config]) -> None:
        """Let texts of the environment be the numbers, truth values and lists that they write."""
        from llmspell_engine.config.fields import meant, type_at

        for keys in self._texts:
            _change(self.values, keys, lambda text, keys=keys: meant(type_at(model, keys), text))

    def _make_absolute(self, model: type[Config]) -> None:
        from llmspell_engine.config.fields import paths_of
        from llmspell_engine.config.wording import origin_of

        for keys, path in paths_of(_validated(model, self.values)):
            folder = origin_of(self.origins, keys).folder or Path.cwd()
            made = _absolute(folder, path)
            _change(self.values, keys, lambda _, made=made: made)


def _absolute(folder: Path, path: Path) -> str:
    try:
        return str(folder / path.expanduser())
    except RuntimeError:  # nobody has that name, so that it is the name of a file
        return str(folder / path)


def _with_whole_prompts(layer: Layer) -> Layer:
    """The layer with prompts that are given by their text alone as the tables that they stand for."""
    from llmspell_engine.config.origin import Layer

    prompts = layer.values.get("prompts")
    if not isinstance(prompts, Mapping):
        return layer
    moved: dict[Keys, Keys] = {
        ("prompts", name): ("prompts", name, "text")
        for name, prompt in prompts.items()
        if isinstance(prompt, str)
    }
    whole = {name: {"text": each} if isinstance(each, str) else each for name, each in prompts.items()}
    return Layer(
        {**layer.values, "prompts": whole},
        {**layer.origins, **{text: layer.origins[prompt] for prompt, text in moved.items()}},
        frozenset(moved.get(keys, keys) for keys in layer.texts),
        frozenset(moved.get(keys, keys) for keys in layer.broken),
    )


def _layer_of_options(given: Mapping[str, Any]) -> Layer:
    from llmspell_engine.config.origin import Layer, Origin

    values: dict[str, Any] = {}
    origins: dict[Keys, Origin] = {}
    for name, value in given.items():
        keys = tuple(name.split("."))
        origin = Origin("option", _OPTIONS.get(name, f"--{_option_word(keys)}"))
        inner = values
        for key in keys[:-1]:
            inner = inner.setdefault(key, {})
        inner[keys[-1]] = str(value) if isinstance(value, Path) else value
        origins.update({keys[:depth]: origin for depth in range(1, len(keys) + 1)})
        if isinstance(value, Mapping):
            origins.update({(*keys, str(key)): origin for key in value})
    return Layer(values, origins)


def _is_evident(key: str, value: Any) -> bool:
    """Whether an option of the command line is plainly valid, so that no model need be asked."""
    match key:
        case "run.max_calls" | "run.max_tokens":
            return type(value) is int and value >= 0
        case "run.max_cost":
            return type(value) is float and 0 <= value < math.inf
        case "state.file":
            return isinstance(value, Path) and value.is_absolute()
        case "log.level":
            return value in LEVELS
    return key == "log.otel.enabled" and value is True


def _option_word(keys: Keys) -> str:
    """``--max-calls`` for ``run.max_calls``, ``--state`` for ``state.file``, and so on."""
    if keys[-1] == "file":
        return keys[-2]
    words = keys[1:] if keys[0] in ("run", "lint") else keys
    return "-".join(words).replace("_", "-")


def _validated(model: type[Config], values: Mapping[str, Any]) -> Config:
    """The typed values. JSON is what strictness means here: lists may fill tuples, and texts no numbers."""
    import json

    return model.model_validate_json(json.dumps(values, default=str), strict=True)


def _faults_of(
    values: Mapping[str, Any], origins: Mapping[Keys, Origin], broken: AbstractSet[Keys]
) -> list[str]:
    from pydantic import ValidationError

    from llmspell_engine.config.checks import broken_references
    from llmspell_engine.config.faults import keys_of, told
    from llmspell_engine.config.model import Config
    from llmspell_engine.config.wording import dotted, origin_of

    try:
        missing = broken_references(_validated(Config, values))
    except ValidationError as problems:
        found = problems.errors(include_input=False, include_url=False)
        places = [(keys_of(fault, values), fault) for fault in found]
        return [told(fault, keys, origins, Config) for keys, fault in places if keys not in broken]
    return [f"{origin_of(origins, keys).place}: '{dotted(keys)}': {what}" for keys, what in missing]


def _is_whole(keys: Keys, layer: Layer) -> bool:
    """Whether a table replaces that of a farther file."""
    return layer.origins[keys].kind == "file" and any(
        len(keys) == len(pattern) and all(part in ("*", key) for part, key in zip(pattern, keys, strict=True))
        for pattern in _WHOLE
    )


def _change(values: Any, keys: Keys, change: Any) -> None:
    *tables, last = keys
    for key in tables:
        values = values[int(key)] if isinstance(values, list) else values[key]
    if isinstance(values, list):
        values[int(last)] = change(values[int(last)])
    else:
        values[last] = change(values[last])
