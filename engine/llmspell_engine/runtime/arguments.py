"""The value ``ARGS``: what a script was started with, by number and by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmspell_engine.language import Language


def script_arguments(
    language: Language, program: str, arguments: Sequence[str], parameters: Mapping[str, Any]
) -> dict[Any, Any]:
    """The table: numbered arguments, those written ``--name value`` or ``--name=value``, and parameters.

    Lua counts from 1 and has the program at 0; JavaScript counts from 0.
    """
    numbered: dict[Any, Any] = dict(enumerate(arguments))
    if language == "lua":
        numbered = dict(enumerate((program, *arguments)))
    return {**numbered, **dict(_named(arguments)), **parameters}


def _named(arguments: Sequence[str]) -> Iterator[tuple[str, Any]]:
    for at, word in enumerate(arguments):
        if not word.startswith("--") or len(word) == 2:
            continue
        name, equals, value = word[2:].partition("=")
        follower = arguments[at + 1] if at + 1 < len(arguments) else "--"
        if equals:
            yield name, value
        else:
            yield name, True if follower.startswith("--") else follower
