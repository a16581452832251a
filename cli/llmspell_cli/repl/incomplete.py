"""Whether a text that was entered goes on in the next line, told by the faults that the syntax room finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.syntax import parse

if TYPE_CHECKING:
    from llmspell_engine.language import Language
    from llmspell_engine.syntax.fault import Fault


def is_incomplete(text: str, language: Language) -> bool:
    """Whether only the end of a text is missing."""
    if not text.strip():
        return False
    forms = [text, f"return {text}"] if language == "lua" else [text, f"({text}\n)"]
    faults = [parse(form, language).faults for form in forms]
    if not all(faults):
        return False
    if language == "lua":
        return any(_ends_early(form, found[0]) for form, found in zip(forms, faults, strict=True))
    # What a value would make whole lacks one: `1 +`, `a.`.
    return _ends_early(text, faults[0][0]) or not parse(f"{text} x", language).faults


def _ends_early(text: str, fault: Fault) -> bool:
    message = fault.message
    if message.startswith("unfinished"):
        # A plain string ends with its line; a long one, a template or a comment may go on.
        return text[fault.span.start : fault.span.start + 2] in ("[[", "[=", "--", "/*") or (
            text[fault.span.start] == "`"
        )
    is_at_end = fault.span.end >= len(text.rstrip())
    return is_at_end and ("the script ends" in message or "(to close" in message)
