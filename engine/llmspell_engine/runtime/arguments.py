"""The named ones among the arguments that a script was started with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def named_arguments(arguments: Sequence[str], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What ``ARGS`` has by name: arguments written ``--name value`` or ``--name=value``, and parameters.

    A name without a value is true.
    """
    return {**dict(_named(arguments)), **parameters}


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
