"""Where lines match an expression: whole blocks of them are looked at first, as most hold nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

BLOCK = 128
"""Lines that are looked at together; more than are shown around a match."""
LONGEST_SHOWN = 1000
"""The characters of a line that are shown."""
_SECONDS = 1.0
_SAFE = (
    r"(?:[^\\[\]()*+?{}]"  # a character, a dot, an alternative, the ends of lines
    r"|\\[dDwWsSbt]|\\[^\w]"
    r"|\[\^?\]?(?:[^\\\[\]&|~-]|-(?![-\[])|\\[dDwWsSt]|\\[^\w])*\]"
    r"|\((?:\?:|\?P<\w+>)?(?![?*])|\)"
    r"|(?:[*+?]|\{\d*,?\d*\})\??(?![+*?{]))*"
)
"""Expressions that, where a line matches, match in a text with that line too. What looks around itself, takes
all it can for good, or asks for the ends of the text may not."""


class LinePattern:
    """An expression that is looked for in single lines."""

    def __init__(self, pattern: regex.Pattern[str]) -> None:
        self._pattern = pattern

    def places(self, lines: Sequence[str]) -> Iterator[tuple[int, int]]:
        """The index of the line and the column of each match. Raises TimeoutError."""
        if not self._may_match(lines):
            return
        for index, line in enumerate(lines):
            for found in self._pattern.finditer(line, timeout=_SECONDS, concurrent=True):
                yield index, found.start()

    def _may_match(self, lines: Sequence[str]) -> bool:
        if self._of_blocks is None:
            return True
        try:
            text = "\n".join(lines)
            return self._of_blocks.search(text, timeout=_SECONDS, concurrent=True) is not None
        except TimeoutError:
            return True

    @cached_property
    def _of_blocks(self) -> regex.Pattern[str] | None:
        """The expression for blocks; None where it could miss a line."""
        import regex

        pattern = self._pattern.pattern
        if regex.fullmatch(_SAFE, pattern, timeout=_SECONDS) is None:
            return None
        return regex.compile(pattern, self._pattern.flags | regex.MULTILINE)


def shown(line: str, column: int = 0) -> str:
    """A line to be shown; of one that is long, what is around a column."""
    if len(line) <= LONGEST_SHOWN:
        return line
    begin = max(0, min(column - LONGEST_SHOWN // 2, len(line) - LONGEST_SHOWN))
    end = begin + LONGEST_SHOWN
    return f"{'…' if begin else ''}{line[begin:end]}{'…' if end < len(line) else ''}"
