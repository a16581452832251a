"""Names that a script uses and nothing defines, worked out once for the two rules that report them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.lint.globals import globals_of_modules, makes_globals_unseen
from llmspell_engine.lint.guards import is_guard
from llmspell_engine.lint.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.scopes import Reference
    from llmspell_engine.lint.subject import Subject


@dataclass(frozen=True, slots=True)
class UndefinedName:
    """A use of a name that nothing defines."""

    reference: Reference
    meant: str | None
    """The name that is most likely meant."""
    is_host_like: bool
    """Whether it looks like a global of the script API rather than a variable of the script."""
    instead: str = ""
    """What to do instead, where the name is one of another language or version."""


def undefined_names(subject: Subject) -> Iterator[UndefinedName]:
    """Every use of an undefined name, but for names whose existence the script asks for."""
    unknown = [one for one in subject.semantics.references if _is_undefined(subject, one)]
    if not unknown or makes_globals_unseen(subject.semantics.program):
        return
    elsewhere = globals_of_modules(subject.document)
    asked = {one.name for one in unknown if is_guard(subject.tree, one.span)}
    hosts = _api_names(subject)
    owners = {one.access.object.start for one in subject.semantics.member_accesses}
    for one in unknown:
        if one.name in asked or one.name in elsewhere:
            continue
        own = (*one.scope.visible(one.start), *sorted(elsewhere))
        is_owner = one.name[:1].isupper() and subject.language == "lua" and one.start in owners
        instead = subject.catalog.absence(one.name, subject.language)
        if instead:
            yield UndefinedName(one, None, is_host_like=False, instead=instead)
            continue
        # Of names that are equally near, the script's own is meant, and one of the API before the language's.
        meant = nearest(one.name, (*own, *hosts, *subject.catalog.standard(subject.language).globals))
        yield UndefinedName(one, meant, is_owner or (meant in hosts and meant not in own))


def _is_undefined(subject: Subject, reference: Reference) -> bool:
    if reference.declaration is not None or subject.semantics.host_global(reference.name) is not None:
        return False
    if subject.language == "lua" and reference.scope.lookup("_ENV", reference.start) is not None:
        return False  # The name is a field of that table.
    # The grammar reads ``await (x)`` as the call of a function "await", which no script can define.
    return subject.language == "lua" or reference.name != "await"


def _api_names(subject: Subject) -> list[str]:
    found = subject.catalog.globals.values()
    return [one.name for one in found if subject.language in one.languages]
