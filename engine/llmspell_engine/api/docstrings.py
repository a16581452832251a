"""Reading the docstrings of declarations: what a member does, and what each parameter is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from inspect import cleandoc

_PARAMETER = re.compile(r"^ {4}(\w+): (.*)$")


@dataclass(frozen=True, slots=True)
class Documentation:
    """The text of a docstring without its ``Args:`` section, and that section by parameter."""

    text: str
    parameters: dict[str, str]


def documentation(docstring: str | None) -> Documentation:
    """Take a docstring apart. Lines of a paragraph are joined; blank lines stay."""
    text, _, arguments = cleandoc(docstring or "").partition("\nArgs:\n")
    return Documentation(_unwrapped(text), _parameters(arguments))


def _unwrapped(text: str) -> str:
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _parameters(section: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        start = _PARAMETER.match(line)
        if start:
            name = start[1]
            found[name] = start[2].strip()
        elif name and line.strip():
            found[name] += " " + line.strip()
    return found
