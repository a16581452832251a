"""The names of the tools that installed packages offer, read without importing one: for the linter.

Packages tell of them in their metadata, as :mod:`~llmspell_engine.tools.python_modules` explains. Their files
are only read; where one cannot be found, the entry point's own name counts.
"""

from __future__ import annotations

from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_engine.config.tool_names import names_in

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "llmspell.tools"


@cache
def packaged_tool_names() -> frozenset[str]:
    """The names; looking through all packages takes some milliseconds, so it is done once and when needed."""
    from importlib.metadata import entry_points

    return frozenset(name for point in entry_points(group=GROUP) for name in _names_of(point))


def _names_of(point: EntryPoint) -> frozenset[str]:
    own = frozenset({point.name})
    file = _file_of(point.module)
    if file is None:
        return own
    try:
        return names_in(file.read_text("utf-8"), point.attr) or own
    except (OSError, UnicodeDecodeError):
        return own


def _file_of(module: str) -> Path | None:
    """The file of a module. Finding it as Python itself does would import the packages around it."""
    name, places, spec = "", None, None
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        spec = PathFinder.find_spec(name, places)
        if spec is None:
            return None
        places = spec.submodule_search_locations
    origin = spec.origin if spec is not None else None
    return Path(origin) if origin is not None and origin.endswith(".py") else None
