"""Patterns of event names.

A name has segments, divided by dots. ``*`` in a pattern stands for one segment or a part of it, ``**`` for
any number of segments; a star at the end for any ending: ``a.*`` is all that begins with ``a.``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

Matcher = Callable[[str], bool]


@lru_cache(maxsize=1024)
def matcher(pattern: str) -> Matcher:
    """Tells whether a name matches a pattern."""
    if pattern in ("*", "**"):
        return lambda _name: True
    if "*" not in pattern:
        return pattern.__eq__
    beginning = pattern.rstrip("*")
    if "*" not in beginning:
        return lambda name: name.startswith(beginning)
    expression = re.compile(_expression(pattern), re.DOTALL)
    return lambda name: expression.fullmatch(name) is not None


def _expression(pattern: str) -> str:
    beginning = pattern.rstrip("*")
    *segments, last = beginning.split(".")
    return "".join(map(_segment, segments)) + _part(last) + (".*" if beginning != pattern else "")


def _segment(segment: str) -> str:
    """A segment with the dot after it."""
    if segment == "**":
        return r"(?:.*\.)?"
    return ("[^.]+" if segment == "*" else _part(segment)) + r"\."


def _part(segment: str) -> str:
    return "[^.]*".join(re.escape(piece) for piece in re.split(r"\*+", segment))
