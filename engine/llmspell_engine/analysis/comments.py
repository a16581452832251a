"""The comment that explains a declaration: the lines just above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.language import Language
    from llmspell_engine.text import Text

_MOST_LINES = 40


def comment_above(text: Text, offset: int, language: Language) -> str:
    """The comment that ends on the line above ``offset``, without its signs; empty when there is none."""
    line = text.line_of(offset) - 1
    found: list[str] = []
    while line >= 0 and len(found) < _MOST_LINES:
        span = text.line_span(line)
        written = text.value[span.start : span.end].strip()
        plain = _lua(written) if language == "lua" else _javascript(written)
        if plain is None:
            break
        found.append(plain)
        line -= 1
    return "\n".join(reversed(found)).strip()


def _lua(line: str) -> str | None:
    return line.lstrip("-").strip() if line.startswith("--") and not line.startswith("--[") else None


def _javascript(line: str) -> str | None:
    if line.startswith("//"):
        return line.lstrip("/").strip()
    if line.startswith(("/*", "*")) or line.endswith("*/"):
        if line.endswith("*/") and not line.startswith(("/*", "*")):
            return None
        return line.removeprefix("/**").removeprefix("/*").removesuffix("*/").lstrip("*").strip()
    return None
