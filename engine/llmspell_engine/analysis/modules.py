"""Which files a module's name may mean."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.language import Language

_ABOVE = 3
"""How many folders above a Lua file are searched: ``require`` starts at the main script's folder."""


def candidates(path: str, name: str, language: Language) -> Iterator[str]:
    """The files that ``name``, required or imported by the script at ``path``, may mean; best first."""
    if not name or "\0" in name:
        return iter(())
    return _lua(path, name) if language == "lua" else _javascript(path, name)


def _lua(path: str, name: str) -> Iterator[str]:
    relative = name.replace(".", "/")
    folder = PurePath(path).parent
    for root in (folder, *list(folder.parents)[:_ABOVE]):
        yield _joined(root, f"{relative}.lua")
        yield _joined(root, f"{relative}/init.lua")


def _javascript(path: str, name: str) -> Iterator[str]:
    if not name.startswith((".", "/")):
        return
    folder = PurePath(path).parent
    for suffix in ("", ".js", ".mjs", "/index.js"):
        yield _joined(folder, name + suffix)


def _joined(folder: PurePath, relative: str) -> str:
    """The path as an editor would name it: dots resolved, links kept."""
    return os.path.normpath(folder / relative)
