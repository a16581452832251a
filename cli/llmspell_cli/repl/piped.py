"""Inputs through a pipe: no prompt, each run as soon as it is whole."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from llmspell_cli.repl.incomplete import is_incomplete
from llmspell_cli.repl.loop import is_dotted

if TYPE_CHECKING:
    from llmspell_cli.repl.loop import Loop


def run(loop: Loop) -> int:
    """Take inputs until their end, and wait for what they have begun; the exit code."""
    lines: list[str] = []
    while loop.exit is None:
        line = sys.stdin.readline() if sys.stdin is not None else ""
        lines += [line] if line else []
        text = "".join(lines).rstrip("\n")
        if line and not is_dotted(text) and is_incomplete(text, loop.language):
            continue
        loop.take(text)
        lines.clear()
        if not line:
            break
    return loop.finish() if loop.exit is None else loop.exit
