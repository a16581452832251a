"""Bringing files of older versions up to the newest: comments stay, and so does what has no place any more.

A file is flattened to its entries, each with the comments about it; each entry moves to where its key is
now; what cannot move is kept at the end of the file, as comments. The old file is kept beside the new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmspell_engine.config.documents import Document, parse
from llmspell_engine.config.error import ConfigError
from llmspell_engine.config.from_version_0 import moved
from llmspell_engine.config.origin import Keys
from llmspell_engine.config.versions import NEWEST, version_of

if TYPE_CHECKING:
    from tomlkit.container import Container


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value as it is written, and the comments about it."""

    keys: Keys
    value: Any
    comments: tuple[str, ...] = ()
    """The lines before it."""
    remark: str = ""
    """What follows on its line."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A file as it is, and as it would be."""

    document: Document
    version: int
    """What it is of."""
    text: str
    left: tuple[str, ...]
    """The keys that have no place any more."""


def migration_of(document: Document) -> Migration | None:
    """How a file comes up to date; None where it is. Raises ConfigError."""
    version = version_of(document)
    if version == NEWEST:
        return None
    if document.path.suffix.lower() != ".toml":
        raise ConfigError(f"{document.name}:1: only TOML files can be migrated; write it as llmspell.toml")
    import tomlkit

    entries, closing = _flattened(tomlkit.parse(document.text))
    kept: list[Entry] = []
    left: list[Entry] = []
    taken: set[Keys] = set()
    names = _names_of_providers(document.values)
    carried: tuple[str, ...] = ()
    for each in entries:
        entry = replace(each, comments=(*carried, *each.comments))
        carried = ()
        found = moved(entry.keys, entry.value.unwrap(), names)
        if found is None or found.keys in taken:
            left.append(entry)
        elif found.keys:
            taken.add(found.keys)
            value = entry.value if found.value is None else tomlkit.item(found.value)
            kept.append(Entry(found.keys, value, entry.comments, entry.remark))
        else:  # it stands in the name of a table now; what was said beside it is said of what comes next
            carried = (*entry.comments, entry.remark) if entry.remark else entry.comments
    closing = (*carried, *closing)
    heading = left[0].comments if left and left[0].keys == entries[0].keys else ()
    if heading:
        left[0] = replace(left[0], comments=())
    text = "".join(_written(heading, kept, left, closing))
    parse(document.path, text)  # what cannot be read must never take the place of what can
    return Migration(document, version, text, tuple(_dotted(entry.keys) for entry in left))


def migrate(migration: Migration) -> Path:
    """Write the new file; where the old one is kept."""
    path = migration.document.path
    backup = _free_name(path)
    backup.write_text(migration.document.text, "utf-8", newline="")
    made = path.with_name(f".{path.name}.new")
    made.write_text(migration.text, "utf-8", newline="\n")
    made.replace(path)
    return backup


def _free_name(path: Path) -> Path:
    number = 1
    while (found := path.with_name(f"{path.name}.bak-{number}")).exists():
        number += 1
    return found


def _flattened(document: Container) -> tuple[list[Entry], tuple[str, ...]]:
    """The entries in the order of the file, and the comments after the last one."""
    pending: list[str] = []
    entries = list(_entries(document, (), pending))
    return entries, tuple(pending)


def _entries(container: Any, place: Keys, pending: list[str]) -> Iterator[Entry]:
    from tomlkit.items import AoT, Comment, Table

    for key, item in container.body:
        if key is None:
            if isinstance(item, Comment):
                pending.append(item.trivia.comment)
            continue
        keys = (*place, *(part.key for part in key))
        if isinstance(item, AoT):
            for at, table in enumerate(item.body):
                yield from _entries_of_table(table, (*keys, str(at)), pending)
        elif isinstance(item, Table):
            yield from _entries_of_table(item, keys, pending)
        else:
            yield from _leaf(item, keys, pending)


def _entries_of_table(table: Any, keys: Keys, pending: list[str]) -> Iterator[Entry]:
    # A table that is there only because one inside it is has the comment of that one.
    if table.trivia.comment and not table.is_super_table():
        pending.append(table.trivia.comment)
    yield from _entries(table.value, keys, pending)


def _leaf(item: Any, keys: Keys, pending: list[str]) -> Iterator[Entry]:
    """A value; an inline table counts as its entries."""
    from tomlkit.items import InlineTable

    if isinstance(item, InlineTable):
        for key, value in item.value.items():
            yield from _leaf(value, (*keys, key), pending)
        return
    comments = tuple(pending)
    pending.clear()
    yield Entry(keys, item, comments, item.trivia.comment)


def _names_of_providers(values: Any) -> Sequence[str]:
    """The names of ``[[providers]]``, by their place."""
    providers = values.get("providers")
    tables = providers if isinstance(providers, list) else []
    return [str(each.get("name", f"provider{at}")) for at, each in enumerate(tables, 1)]


def _written(
    heading: Sequence[str], kept: Sequence[Entry], left: Sequence[Entry], closing: Sequence[str]
) -> Iterator[str]:
    yield from (f"{line}\n" for line in heading)
    yield f"version = {NEWEST}\n"
    tables = dict.fromkeys(entry.keys[:-1] for entry in kept)
    for table in sorted(tables, key=lambda keys: [at[0] for at in tables].index(keys[0])):
        yield f"\n[{_dotted(table)}]\n"
        for entry in (each for each in kept if each.keys[:-1] == table):
            yield from (f"{line}\n" for line in entry.comments)
            yield f"{_dotted(entry.keys[-1:])} = {entry.value.as_string()}{_remark(entry)}\n"
    if left:
        yield "\n# What follows has no place in this version and is kept for you to look at.\n"
    for entry in left:
        yield from (f"{line}\n" for line in entry.comments)
        written = f"{_dotted(entry.keys)} = {entry.value.as_string()}{_remark(entry)}"
        yield from (f"# {line}\n" for line in written.splitlines())
    yield from (f"{line}\n" for line in closing)


def _remark(entry: Entry) -> str:
    return f"  {entry.remark}" if entry.remark else ""


def _dotted(keys: Keys) -> str:
    from tomlkit import key

    return ".".join(key(part).as_string() for part in keys)
