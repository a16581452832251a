"""Whether a text that was entered goes on in the next line, told by the faults that the syntax room finds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmspell_engine.syntax import parse

if TYPE_CHECKING:
    from llmspell_engine.language import Language
    from llmspell_engine.syntax.fault import Fault

_ENDS = (
    " x", "\n{}", "\nx {}", "\n() {}", "\nf() {}", "\n: x", "\nx : x", "\ncatch {}", "\nwhile (x)", "\n(x)",
    "\nfrom 'x'", "\n'x'", "\nx from 'x'",
)  # fmt: skip
"""What makes a JavaScript text whole that has only begun: `1 +`, `class A`, `do {}`, `a ?`, `try {}`."""
_ESCAPED_END = re.compile(r"(?<!\\)(?:\\\\)*\\$")
_SKIPPED_END = re.compile(r"(?<!\\)(?:\\\\)*\\z\s*$")
"""The last line of a string that goes on; Lua's ``\\z`` skips the end of a line, and blanks."""


def is_incomplete(text: str, language: Language) -> bool:
    """Whether only the end of a text is missing."""
    if not text.strip():
        return False
    forms = [text, f"return {text}"] if language == "lua" else [text, f"({text}\n)"]
    faults = [parse(form, language).faults for form in forms]
    if not all(faults):
        return False
    if _ends_in_string(text, language):
        return True
    if language == "lua":
        return any(_ends_early(form, found[0]) for form, found in zip(forms, faults, strict=True))
    return _ends_early(text, faults[0][0]) or any(not parse(text + end, language).faults for end in _ENDS)


def _ends_early(text: str, fault: Fault) -> bool:
    message = fault.message
    if message.startswith("unfinished"):
        # A plain string ends with its line; a long one, a template or a comment may go on.
        return text[fault.span.start : fault.span.start + 2] in ("[[", "[=", "--", "/*") or (
            text[fault.span.start] == "`"
        )
    is_at_end = fault.span.end >= len(text.rstrip())
    return is_at_end and ("the script ends" in message or "(to close" in message)


def _ends_in_string(text: str, language: Language) -> bool:
    """Whether a plain string goes on in the next line, for a backslash ends this one."""
    if not (_ESCAPED_END.search(text) or (language == "lua" and _SKIPPED_END.search(text))):
        return False
    closed = (f"{text}\n{quote}" for quote in "\"'")
    return any(
        not parse(form, language).faults
        or (language == "lua" and not parse(f"return {form}", language).faults)
        or is_incomplete(form, language)
        for form in closed
    )
