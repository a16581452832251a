"""The scripts in the folders that the editor has open: where to look for uses besides the open documents."""

from __future__ import annotations

from itertools import islice
from os import walk
from os.path import join
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SUFFIXES = (".lua", ".js", ".mjs", ".cjs")
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "site-packages", "target", "dist"})
_MOST = 2000
"""How many files are looked at: a folder that has more is not one of scripts."""


def scripts_in(folders: Sequence[str]) -> Iterator[str]:
    """The paths of the scripts in some folders, hidden ones and those of packages left out."""
    return islice(_scripts(folders), _MOST)


def _scripts(folders: Sequence[str]) -> Iterator[str]:
    for folder in folders:
        for inner, names, files in walk(folder):
            names[:] = sorted(name for name in names if not name.startswith(".") and name not in _SKIPPED)
            yield from (join(inner, name) for name in sorted(files) if name.endswith(_SUFFIXES))  # noqa: PTH118
