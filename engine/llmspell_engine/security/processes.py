"""Which programs may be started."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.security.permissions import Permissions


_LOADING = ("LD_", "DYLD_", "GCONV_", "GIT_", "NODE_", "PERL", "PYTHON", "RUBY", "JAVA_", "BASH_FUNC_")
"""What the names of variables begin with that say what a program loads, or starts besides."""
_SHELLS = frozenset(
    {
        "PATH",
        "ENV",
        "BASH_ENV",
        "IFS",
        "SHELL",
        "SHELLOPTS",
        "EDITOR",
        "VISUAL",
        "PAGER",
        "BROWSER",
        "_JAVA_OPTIONS",
    }
)


def check_variables(permissions: Permissions, names: Iterable[str]) -> None:
    """Raise SecurityError for a variable with which a listed program would run what is not listed."""
    for held in permissions.all:
        for name in names if held.rules.processes != "all" else ():
            if name.upper() in _SHELLS or name.upper().startswith(_LOADING):
                remedy = "set it where llmspell is started, or use --profile none"
                raise held.refuse(f"the variable '{name}' for a program", "processes", remedy)


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


def _search_path() -> str:
    """Where programs are looked for: what is relative leads to wherever the script may write."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if Path(folder).is_absolute())


def _located(permissions: Permissions, program: str) -> Path:
    if "/" in program or "\\" in program:
        found = permissions.root / program
        if found.is_file():
            return found.resolve()
    elif (on_path := shutil.which(program, path=_search_path())) is not None:
        return Path(on_path)
    raise FileNotFoundError(f"there is no program '{program}'")
