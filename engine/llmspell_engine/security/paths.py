"""Which files may be touched. A path is what it leads to, after every link and every ``..``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.security.permissions import Permissions
    from llmspell_engine.security.profiles import Files


def allowed_path(permissions: Permissions, given: str, *, writing: bool, follow: bool) -> Path:
    """The path that a script means. Raises SecurityError where it may not be touched so."""
    rule = "write" if writing else "read"
    if "\0" in given:
        raise permissions.refuse("a path with a NUL character", rule)
    found = _resolved(permissions.root, given, follow)
    for held in permissions.all:
        if not _is_allowed(held, found, writing):
            raise _refused(held, given, found, writing)
    return found


def _refused(permissions: Permissions, given: str, found: Path, writing: bool) -> Exception:
    rule = "write" if writing else "read"
    verb = "writing" if writing else "reading"
    remedy = f'allow it with --allow-{rule} {found} or {rule} = ["{found}"] in [security]'
    what = f"{verb} '{given}'" if given == str(found) else f"{verb} '{given}', which is '{found}'"
    return permissions.refuse(what, rule, remedy)


def _resolved(root: Path, given: str, follow: bool) -> Path:
    found = root.resolve() / given
    if follow or found.name in ("", "..", "."):
        return found.resolve()
    return found.parent.resolve() / found.name


def _is_allowed(permissions: Permissions, found: Path, writing: bool) -> bool:
    rules = permissions.rules
    level: Files = rules.write if writing else rules.read
    if level == "all":
        return True
    listed = permissions.write if writing else (*permissions.read, *permissions.write)
    folders = (permissions.root, *listed) if level == "root" else listed
    return any(found.is_relative_to(folder.resolve()) for folder in folders)
