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


CONFIGURATIONS = frozenset({"llmspell.toml", "llmspell.yaml", "llmspell.yml", "llmspell.json"})
"""Files that say what later runs may touch."""
JOURNAL = "-journal"
"""What the names of SQLite's journals end with."""


def is_guarded(permissions: Permissions, found: Path) -> bool:
    """Whether a file decides what else may happen: a configuration, the audit, what ``git`` runs.

    The journal of a database is one too: it may name a file that SQLite removes for whoever opens the
    database next.
    """
    names = [part.lower() for part in found.parts]
    if names[-1] in CONFIGURATIONS or names[-1].endswith(JOURNAL):
        return True
    return ".git" in names or any(found == one.resolve() for one in permissions.guarded)


def _is_listed_itself(permissions: Permissions, found: Path) -> bool:
    """Whether a guarded file is meant by an entry of the list, and is not only below one."""
    for listed in permissions.write:
        real = listed.resolve()
        names_git = ".git" in [part.lower() for part in real.parts]
        if found == real or (names_git and found.is_relative_to(real)):
            return True
    return False


def _is_allowed(permissions: Permissions, found: Path, writing: bool) -> bool:
    rules = permissions.rules
    level: Files = rules.write if writing else rules.read
    if level == "all":
        return True
    if writing and is_guarded(permissions, found):
        return _is_listed_itself(permissions, found)
    listed = permissions.write if writing else (*permissions.read, *permissions.write)
    folders = (permissions.root, *listed) if level == "root" else listed
    return any(found.is_relative_to(folder.resolve()) for folder in folders)
