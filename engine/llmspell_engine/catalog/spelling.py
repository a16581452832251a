"""How languages spell the names of the API. Of the whole catalog, this is what every call needs."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.language import Language

_WORD = re.compile(r"(?<=[a-z0-9])_([a-z])")
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


@lru_cache(maxsize=8192)
def spelled(name: str, language: Language) -> str:
    """How a language spells a snake_case name: ``max_tokens`` in Lua, ``maxTokens`` in JavaScript."""
    if language == "lua":
        return name
    return _WORD.sub(lambda match: match[1].upper(), name)


def snake(name: str) -> str:
    """The snake_case form of a name in either spelling."""
    return _HUMP.sub(lambda match: "_" + match[1].lower(), name)
