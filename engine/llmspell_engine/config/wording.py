"""The words of messages about a configuration: where a value is, and which key was most likely meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from llmspell_engine.config.origin import DEFAULT, Keys, Origin


def origin_of(origins: Mapping[Keys, Origin], keys: Keys) -> Origin:
    """Where a value comes from, else the nearest table around it."""
    return next((origins[keys[:n]] for n in range(len(keys), -1, -1) if keys[:n] in origins), DEFAULT)


def unknown(keys: Keys, known: Iterable[str]) -> str:
    """The sentence for a key that does not exist."""
    known = list(known)
    near = nearest_of(keys[-1], known)
    advice = f"; did you mean '{near}'?" if near else f"; there is {', '.join(known)}" if known else ""
    return f"there is no '{dotted(keys)}'{advice}"


def nearest_of(word: str, known: Iterable[str]) -> str | None:
    """The known name that is most likely meant."""
    from difflib import get_close_matches

    spelled = {_bare(name): name for name in known}
    near = get_close_matches(_bare(word), spelled, n=1)
    return spelled[near[0]] if near else None


def dotted(keys: Keys) -> str:
    """Keys as people read them: ``tools.disabled[0]``."""
    return "".join(f"[{key}]" if key.isdigit() and at else f".{key}" for at, key in enumerate(keys))[1:]


def _bare(word: str) -> str:
    return word.lower().replace("-", "_")
