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


def check_content(permissions: Permissions, path: Path, content: bytes) -> None:
    """Raise SecurityError where what a file holds is not what the checksums say it has to be."""
    for held in permissions.all:
        _check_content(held, path, content)


def _check(permissions: Permissions, path: Path, own: Sequence[Path], configured: Sequence[Path]) -> None:
    rule = permissions.rules.modules
    if rule == "all":
        return
    folders = (*own, *permissions.modules, *(configured if rule == "listed" else ()))
    real = path.resolve()
    if not any(real.is_relative_to(folder.resolve()) for folder in folders):
        what = f"loading '{path}'" if real == path else f"loading '{path}', which is '{real}'"
        remedy = f'allow it with modules = ["{real.parent}"] in [security]'
        raise permissions.refuse(f"{what}, outside of the script's folder", "modules", remedy)


def _check_content(permissions: Permissions, path: Path, content: bytes) -> None:
    sums, rule = permissions.checksums, permissions.rules.modules
    if sums is None or rule == "all":
        return
    verdict = sums.verdict(path, content)
    remedy = f"once it has been looked through, write what sha256sum tells of it into '{sums.file}'"
    if verdict is False:
        raise permissions.refuse(f"loading '{path}', which is not as its checksum says", "checksums", remedy)
    if verdict is None and rule == "own":
        raise permissions.refuse(f"loading '{path}', which has no checksum", "checksums", remedy)
