"""Which environment variables may be read."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.security.permissions import Permissions


USUAL = ("PATH", "HOME", "USER", "SHELL", "TERM", "LANG", "LC_*", "TZ", "TMPDIR", "TEMP", "PWD", "OLDPWD")
"""What tells of the machine and no secret."""


def allowed_variable(permissions: Permissions, name: str) -> str | None:
    """The value of a variable, None where it is not set. Raises SecurityError where it may not be read."""
    for held in permissions.all:
        if not _is_allowed(held, name):
            remedy = f'allow it with --allow-env {name} or variables = ["{name}"] in [security]'
            raise held.refuse(f"the environment variable '{name}'", "variables", remedy)
    return os.environ.get(name)


def _is_allowed(permissions: Permissions, name: str) -> bool:
    from llmspell_engine.observability.secrets import is_secret_name

    if any(fnmatchcase(name, pattern) for pattern in permissions.variables):
        return True
    level = permissions.rules.variables
    if level != "listed" and any(fnmatchcase(name, usual) for usual in USUAL):
        return True
    return level == "all" or (level == "plain" and not is_secret_name(name))
