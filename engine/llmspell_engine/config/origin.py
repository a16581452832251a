"""Where a value of a configuration comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Keys = tuple[str, ...]
"""Where a value is: the keys that lead to it, as ``("run", "max_calls")``; places in lists as digits."""
OriginKind = Literal["default", "file", "variable", "option"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who set a value. ``str()`` is what people read: ``llmspell.toml:3``, a variable, an option."""

    kind: OriginKind
    name: str = ""
    """The file as people know it, the variable, or the option."""
    line: int | None = None
    """Of a file, from 1."""
    folder: Path | None = None
    """Where relative paths start: the file's folder; None for the current one."""
    variables: tuple[str, ...] = ()
    """The environment variables that were put into the text of a file."""

    def __str__(self) -> str:
        if self.kind == "default":
            return "default"
        place = self.name if self.line is None else f"{self.name}:{self.line}"
        return " ".join((place, *(f"${{{name}}}" for name in self.variables)))

    @property
    def place(self) -> str:
        """The beginning of a message about it."""
        return self.name if self.line is None else f"{self.name}:{self.line}"


DEFAULT = Origin("default")


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source sets. The origins are those of tables as well as of single values."""

    values: Mapping[str, Any]
    origins: Mapping[Keys, Origin] = field(default_factory=dict)
    texts: frozenset[Keys] = frozenset()
    """The values that came as text and may mean a number, a truth value or a list."""
    broken: frozenset[Keys] = frozenset()
    """The values that could not be made; what is wrong with them is told already."""
