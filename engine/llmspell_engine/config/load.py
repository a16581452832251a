"""Finding and reading ``llmspell.toml``; what is wrong in it is told with its line, all at once."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    from llmspell_engine.config.model import Config

FILE_NAME = "llmspell.toml"
_TABLE = re.compile(r"\s*\[([^\[\]]+)\]")
_KEY = re.compile(r"\s*([\w-]+|\"[^\"]*\")\s*=")


class ConfigError(Exception):
    """A configuration cannot be used. ``str()`` has a line for each fault: ``file:line: what``."""


def find(start: Path) -> Path | None:
    """The nearest file in a folder or above it; None where there is none."""
    return next(
        (folder / FILE_NAME for folder in (start, *start.parents) if (folder / FILE_NAME).is_file()), None
    )


def load(path: Path) -> Config:
    """Read a file. Raises ConfigError."""
    import tomllib

    from pydantic import ValidationError

    from llmspell_engine.config.model import Config

    try:
        text = path.read_text("utf-8")
        return Config.model_validate(tomllib.loads(text))
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigError(f"{path}: cannot be read: {problem}") from None
    except tomllib.TOMLDecodeError as problem:
        raise ConfigError(f"{path}: {problem}") from None
    except ValidationError as problems:
        found = problems.errors(include_input=False, include_url=False)
        raise ConfigError("\n".join(_told(path, text, fault, Config) for fault in found)) from None


def _told(path: Path, text: str, fault: ErrorDetails, model: type[BaseModel]) -> str:
    names = [str(part) for part in fault["loc"]]
    return f"{path}:{_line(text, names)}: {_what(fault, names, model)}"


def _what(fault: ErrorDetails, names: list[str], model: type[BaseModel]) -> str:
    key = ".".join(names)
    if fault["type"] != "extra_forbidden":
        return f"'{key}': {fault['msg'].removeprefix('Input ')}"
    known = list(_fields(model, names[:-1]))
    near = get_close_matches(names[-1], known, n=1)
    return f"there is no '{key}'; " + (
        f"did you mean '{near[0]}'?" if near else f"there is {', '.join(known)}"
    )


def _fields(model: type[BaseModel], names: list[str]) -> Any:
    """The keys that a table may have."""
    from llmspell_engine.config.model import RunSettings
    from llmspell_engine.providers.settings import ProviderSettings

    tables: dict[str, type[BaseModel]] = {"run": RunSettings, "providers": ProviderSettings}
    return (tables[names[0]] if names else model).model_fields


def _line(text: str, names: list[str]) -> int:
    """The line of a key, else that of the nearest table around it; from 1."""
    best, at, table = 1, 0, []
    for number, line in enumerate(text.splitlines(), 1):
        header, key = _TABLE.match(line), _KEY.match(line)
        if header:
            table = [part.strip().strip('"') for part in header[1].split(".")]
        place = [*table, *([key[1].strip('"')] if key else [])]
        depth = len(place) if (header or key) and place == names[: len(place)] else 0
        if depth > at:
            best, at = number, depth
    return best
