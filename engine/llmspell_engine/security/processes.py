"""Which programs may be started."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.security.permissions import Permissions


def allowed_command(permissions: Permissions, argv: Sequence[str]) -> list[str]:
    """The command line, its program by an absolute path. Raises SecurityError, FileNotFoundError."""
    if not argv or not argv[0]:
        raise ValueError("a command line names a program")
    if any("\0" in word for word in argv):
        raise permissions.refuse("a command line with a NUL character", "processes")
    program = argv[0]
    for held in permissions.all:
        if held.rules.processes != "all" and not _is_listed(held, program):
            remedy = f'allow it with --allow-process {program} or processes = ["{program}"] in [security]'
            raise held.refuse(f"starting '{program}'", "processes", remedy)
    return [str(_located(permissions, program)), *argv[1:]]


def _is_listed(permissions: Permissions, program: str) -> bool:
    """A name is allowed by the same name, a path by the same file."""
    if "/" not in program and "\\" not in program:
        return program in permissions.processes
    meant = (permissions.root / program).resolve()
    paths = (Path(each) for each in permissions.processes if "/" in each or "\\" in each)
    return any((permissions.root / path).resolve() == meant for path in paths)


def _located(permissions: Permissions, program: str) -> Path:
    if "/" in program or "\\" in program:
        found = permissions.root / program
        if found.is_file():
            return found.resolve()
    elif (on_path := shutil.which(program)) is not None:
        return Path(on_path).absolute()
    raise FileNotFoundError(f"there is no program '{program}'")
