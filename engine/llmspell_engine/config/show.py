"""A configuration for people to read: every value with its origin, secrets masked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmspell_engine.config.fields import items_of, plain
from llmspell_engine.config.origin import Keys

if TYPE_CHECKING:
    from llmspell_engine.config.resolution import ResolvedConfig


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as people may see it."""

    keys: Keys
    value: Any
    origin: str


def shown_values(resolved: ResolvedConfig, section: Keys = ()) -> list[Shown]:
    """The values of a section, or of all, in the order of the model."""
    from llmspell_engine.observability.secrets import Scrubber

    scrubber = Scrubber(resolved.secrets)
    found = (each for each in _leaves(resolved.config, ()) if each[0][: len(section)] == section)
    return [Shown(keys, scrubber.scrub(plain(value)), str(resolved.origin(keys))) for keys, value in found]


def as_text(values: list[Shown], *, with_origin: bool) -> str:
    """A line a value: ``run.max_calls = 3  # llmspell.toml:4``. Values that are not set are ``none``."""
    lines = [(f"{_dotted(one.keys)} = {_toml(one.value)}", one.origin) for one in values]
    if not with_origin:
        return "".join(f"{line}\n" for line, _ in lines)
    width = max((len(line) for line, _ in lines if len(line) <= 60), default=0)
    return "".join(f"{line:{width}}  # {origin}\n" for line, origin in lines)


def as_toml(values: list[Shown], *, with_origin: bool) -> str:
    """A file that says the same; values that are not set are left out."""
    pieces: list[str] = []
    tables = dict.fromkeys(one.keys[:-1] for one in values)
    for table in tables:
        held = [one for one in values if one.keys[:-1] == table and one.value not in (None, {})]
        if held and table:
            pieces.append(f"{chr(10) if pieces else ''}[{_dotted(table)}]\n")
        for one in held:
            remark = f"  # {one.origin}" if with_origin else ""
            pieces.append(f"{_dotted(one.keys[-1:])} = {_toml(one.value)}{remark}\n")
    return "".join(pieces)


def as_json(values: list[Shown], resolved: ResolvedConfig, *, with_origin: bool) -> str:
    """One object: ``values`` as a file has them, ``origins`` by dotted key, and the ``files`` read."""
    import json

    nested: dict[str, Any] = {}
    for one in values:
        inner = nested
        for key in one.keys[:-1]:
            inner = inner.setdefault(key, {})
        inner[one.keys[-1]] = one.value
    made: dict[str, Any] = {"values": nested, "files": [str(path) for path in resolved.files]}
    if with_origin:
        made["origins"] = {_dotted(one.keys): one.origin for one in values}
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _leaves(value: Any, keys: Keys) -> Iterator[tuple[Keys, Any]]:
    entries = list(items_of(value)) if not isinstance(value, list | tuple) else []
    if not entries:
        yield keys, value
    for key, each in entries:
        yield from _leaves(each, (*keys, key))


def _dotted(keys: Keys) -> str:
    from tomlkit import key

    return ".".join(key(part).as_string() for part in keys)


def _toml(value: Any) -> str:
    """A value as TOML writes it; ``none`` where there is none."""
    import tomlkit
    from tomlkit.items import InlineTable

    if value is None:
        return "none"
    if isinstance(value, Mapping):
        table: InlineTable = tomlkit.inline_table()
        table.update(_without_nothing(value))
        return str(table.as_string())
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return str(tomlkit.item(value).as_string())


def _without_nothing(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _without_nothing(each) for key, each in value.items() if each is not None}
    return value
