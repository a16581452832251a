"""Patterns of scopes and keys: ``*`` is any text, ``?`` any character, and all else itself."""

from __future__ import annotations

import re
from collections.abc import Callable

_WILD = {"*": ".*", "?": "."}


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a name fits a pattern."""
    if not any(sign in pattern for sign in _WILD):
        return lambda name: name == pattern
    compiled = re.compile("".join(_WILD.get(sign) or re.escape(sign) for sign in pattern), re.DOTALL)
    return lambda name: compiled.fullmatch(name) is not None
