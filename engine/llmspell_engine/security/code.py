"""Which files may be loaded as code: a file is the one that its path leads to, after every link."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.security.permissions import Permissions


def check_code(permissions: Permissions, path: Path, own: Sequence[Path], configured: Sequence[Path]) -> None:
    """Raise SecurityError where a file may not be loaded.

    ``own`` are the script's folders, ``configured`` those that the configuration names for its language.
    """
    for held in permissions.all:
        _check(held, path, own, configured)


def _check(permissions: Permissions, path: Path, own: Sequence[Path], configured: Sequence[Path]) -> None:
    if permissions.rules.modules == "all":
        return
    folders = (*own, *permissions.modules, *configured)
    real = path.resolve()
    if not any(real.is_relative_to(folder.resolve()) for folder in folders):
        what = f"loading '{path}'" if real == path else f"loading '{path}', which is '{real}'"
        remedy = f'allow it with modules = ["{real.parent}"] in [security]'
        raise permissions.refuse(f"{what}, outside of the script's folder", "modules", remedy)
