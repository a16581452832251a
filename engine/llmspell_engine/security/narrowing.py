"""What of a run's permissions is taken back while it is under way.

A configuration that changes takes at once what it allows no longer, and gives nothing: what a run may touch
is what it began with, and from then on only as far as each configuration since allows it too. So no mistake
in comparing the two can widen anything; the comparison here is for telling people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.security.permissions import Permissions

LISTS = ("read", "write", "hosts", "processes", "variables", "modules")
_LADDERS = {
    "read": ("all", "root", "listed"),
    "write": ("all", "root", "listed"),
    "hosts": ("all", "local", "public", "listed"),
    "https": (False, True),
    "processes": ("all", "listed"),
    "variables": ("all", "plain", "usual", "listed"),
    "modules": ("all", "listed", "own"),
}
"""The levels of a profile's rules, the widest first."""


@dataclass(slots=True)
class Narrowing:
    """What has to allow a thing besides. Shared by all that hold a run's permissions."""

    held: tuple[Permissions, ...] = ()


def taken_back(before: Permissions, after: Permissions) -> tuple[str, ...]:
    """What the second allows no longer, in words: ``hosts: example.com``, ``read: root -> listed``."""
    return (*_lowered(before, after), *_left(before, after))


def is_wider(before: Permissions, after: Permissions) -> bool:
    """Whether the second allows anything by which the first is not the wider one, names and limits too."""
    return bool(taken_back(after, before)) or (
        (before.rules.refused, before.limits) != (after.rules.refused, after.limits)
    )


def _lowered(before: Permissions, after: Permissions) -> Iterator[str]:
    for rule, ladder in _LADDERS.items():
        old, new = getattr(before.rules, rule), getattr(after.rules, rule)
        if ladder.index(new) > ladder.index(old):
            yield f"{rule}: {_word(old)} -> {_word(new)}"


def _left(before: Permissions, after: Permissions) -> Iterator[str]:
    for key in LISTS:
        kept = set(getattr(after, key))
        yield from (f"{key}: {entry}" for entry in dict.fromkeys(getattr(before, key)) if entry not in kept)


def _word(level: object) -> str:
    return str(level).lower() if isinstance(level, bool) else str(level)
