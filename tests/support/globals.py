"""Scripts that do the same in both languages, and what comes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llmspell_engine.language import Language
from support.runtime import Ran, check_error, check_out

SAY = "const say = (...words) => console.log(words.map((word) => word ?? 'nil').join('\\t'));"
"""Prints words in JavaScript as Lua's ``print`` does. On the script's first line, so that lines agree."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A script in Lua and in JavaScript with the one output, or error, of both."""

    name: str
    lua: str
    javascript: str
    expect: str

    def text(self, language: Language) -> str:
        """The script in a language."""
        return self.lua if language == "lua" else f"{SAY} {self.javascript}"


def check_pair(pair: Pair, language: Language, **around: Any) -> None:
    """The script prints what is expected."""
    check_out(language, pair.text(language), pair.expect, **around)


def check_refused(pair: Pair, language: Language, **around: Any) -> Ran:
    """The script fails with the expected message at its first line."""
    ran = check_error(language, pair.text(language), pair.expect, **around)
    suffix = "lua" if language == "lua" else "js"
    assert ran.frames()[-1].split()[0] == f"main.{suffix}:1"
    return ran
