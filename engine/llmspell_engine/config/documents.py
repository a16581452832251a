"""The files of a configuration: which there are, and what each of them says.

Nothing here imports the validation library, for the linter reads its section without it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmspell_engine.config.error import ConfigError

if TYPE_CHECKING:
    from llmspell_engine.config.origin import Keys, Origin

STEM = "llmspell"
SUFFIXES = (".toml", ".yaml", ".yml", ".json")
SCHEMA_KEY = "$schema"
"""Where JSON names its schema for editors; it configures nothing."""
FILE_NAMES = tuple(f"{STEM}{suffix}" for suffix in SUFFIXES)


@dataclass(slots=True)
class Document:
    """A file that was read and parsed."""

    path: Path
    text: str
    values: Mapping[str, Any]
    _lines: Mapping[Keys, int] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The file as people know it."""
        return shown(self.path)

    @property
    def lines(self) -> Mapping[Keys, int]:
        """The line of each key, from 1. Found when it is first asked for."""
        if self._lines is None:
            self._lines = _finder(self.path)(self.text)
        return self._lines

    def forget_lines(self) -> None:
        """Say the first line for all keys, so that none is looked for."""
        self._lines = {}

    def line(self, keys: Keys) -> int:
        """The line of a key, else that of the nearest table around it."""
        return next((self.lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in self.lines), 1)

    def origin(self, keys: Keys, variables: tuple[str, ...] = ()) -> Origin:
        """Where a value of it comes from."""
        from llmspell_engine.config.origin import Origin

        return Origin("file", self.name, self.line(keys), self.path.absolute().parent, variables)


def find(start: Path) -> Path | None:
    """The nearest configuration in a folder or above it; None where there is none.

    Raises ConfigError where a folder has two.
    """
    return next((found for folder in (start, *start.parents) if (found := _in_folder(folder))), None)


def user_file() -> Path | None:
    """The user's own configuration; None where there is none. Raises ConfigError where there are two."""
    base = user_folder()
    return _in_folder(base) if base else None


def user_folder() -> Path | None:
    """The folder of the user's own configuration."""
    if sys.platform == "win32":
        base = os.environ.get("APPDATA")
        return Path(base) / STEM if base else None
    given = os.environ.get("XDG_CONFIG_HOME", "")
    if Path(given).is_absolute():
        return Path(given) / STEM
    try:
        return Path.home() / ".config" / STEM
    except RuntimeError:  # a user without a home has no file in it
        return None


def read(path: Path) -> Document:
    """Read and parse a file. Raises ConfigError."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ConfigError(
            f"{shown(path)}: is not UTF-8 text (byte {problem.start}); save it as UTF-8"
        ) from None
    except OSError as problem:
        raise ConfigError(f"{shown(path)}: cannot be read: {problem.strerror or problem}") from None
    return parse(path, text)


def parse(
    path: Path, text: str, name: str | None = None, what: str = "a configuration is a table of sections"
) -> Document:
    """What the text of a file says, in the format of its suffix. Raises ConfigError.

    ``name`` is what people call it, ``what`` is told where it is no table.
    """
    called = name or shown(path)
    readers: dict[str, Callable[[str, str], Any]] = {".json": _json, ".yaml": _yaml, ".yml": _yaml}
    values = readers.get(path.suffix.lower(), _toml)(called, text)
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise ConfigError(f"{called}:1: {what}, not {_kind(values)}")
    return Document(path, text, _with_text_keys({key: values[key] for key in values if key != SCHEMA_KEY}))


def shown(path: Path) -> str:
    """A path as people know it: from the current folder, where it is inside."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _in_folder(folder: Path) -> Path | None:
    found = [folder / name for name in FILE_NAMES if (folder / name).is_file()]
    if len(found) > 1:
        names = " and ".join(f"'{path.name}'" for path in found)
        raise ConfigError(f"{shown(folder)}: there are {names}; keep one of them")
    return found[0] if found else None


def _toml(name: str, text: str) -> Any:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        what, _, place = str(problem).partition(" (at ")
        line = place.removeprefix("line ").partition(",")[0]
        if not line.isdigit():
            line = str(text.count("\n") + 1)
        raise ConfigError(f"{name}:{line}: {what[:1].lower()}{what[1:]}") from None


def _yaml(name: str, text: str) -> Any:
    import yaml

    try:
        return yaml.load(text, Loader=_yaml_loader())  # noqa: S506 - it is a safe loader
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise ConfigError(
            f"{name}:{mark.line + 1 if mark else 1}: {problem.problem or problem.context}"
        ) from None
    except yaml.YAMLError as problem:
        raise ConfigError(f"{name}:1: {problem}") from None


def _yaml_loader() -> Any:
    """A safe loader that refuses a key that is there twice, as TOML does."""
    import yaml

    class Loader(yaml.SafeLoader):
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            seen: set[Any] = set()
            for key, _ in node.value:
                if key.value in seen and key.value != "<<":
                    raise yaml.MarkedYAMLError(None, None, f"'{key.value}' is there twice", key.start_mark)
                seen.add(key.value)
            return super().construct_mapping(node, deep)

    return Loader


def _json(name: str, text: str) -> Any:
    import json

    from llmspell_engine.config.positions import DuplicateKeyError, json_lines

    if not text.strip():
        return {}
    try:
        values = json.loads(text)
        json_lines(text)
    except json.JSONDecodeError as problem:
        raise ConfigError(f"{name}:{problem.lineno}: {problem.msg[:1].lower()}{problem.msg[1:]}") from None
    except DuplicateKeyError as problem:
        raise ConfigError(f"{name}:{problem.line}: '{problem.name}' is there twice") from None
    return values


def _finder(path: Path) -> Callable[[str], Mapping[Keys, int]]:
    from llmspell_engine.config import positions

    suffix = path.suffix.lower()
    if suffix == ".json":
        return positions.json_lines
    return positions.yaml_lines if suffix in (".yaml", ".yml") else positions.toml_lines


def _with_text_keys(value: Any) -> Any:
    """YAML has keys that are numbers; all of ours are text."""
    if isinstance(value, dict):
        return {str(key): _with_text_keys(each) for key, each in value.items()}
    return [_with_text_keys(each) for each in value] if isinstance(value, list) else value


def _kind(value: Any) -> str:
    return "a list" if isinstance(value, list) else f"'{value}'"
