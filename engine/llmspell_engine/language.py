"""The two script languages, and how the language of a file is told."""

from __future__ import annotations

from pathlib import PurePath
from typing import Literal

Language = Literal["lua", "javascript"]
LANGUAGES: tuple[Language, ...] = ("lua", "javascript")

_BY_SUFFIX: dict[str, Language] = {
    ".lua": "lua",
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
}
_BY_INTERPRETER: dict[str, Language] = {
    "lua": "lua",
    "node": "javascript",
    "js": "javascript",
    "javascript": "javascript",
}


def language_of(path: str | PurePath, text: str = "") -> Language | None:
    """The language of a script: by its suffix, then by its first line (``#!`` and an interpreter).

    Returns None when neither tells; the caller names the ways to say it.
    """
    by_suffix = _BY_SUFFIX.get(PurePath(path).suffix.lower())
    return by_suffix or _from_shebang(text)


def _from_shebang(text: str) -> Language | None:
    if not text.startswith("#!"):
        return None
    words = text[2:].split("\n", 1)[0].replace("/", " ").split()
    for word in reversed(words):
        found = _BY_INTERPRETER.get(word.rstrip("0123456789."))
        if found:
            return found
    return None
