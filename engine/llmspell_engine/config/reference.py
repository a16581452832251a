"""The page of the reference about configuration, made from the model."""

from __future__ import annotations

import json
from collections.abc import Iterator

from llmspell_engine.config.fields import plain
from llmspell_engine.config.keys import Key, Table, tables_of
from llmspell_engine.config.model import Config

_HEADING = """\
# Configuration

Every key of `llmspell.toml` (or `.yaml`, `.json`). How files are found, merged and written is told in
[Configuration](../configuration.md). `NAME` stands for names of your own.
"""


def config_reference() -> str:
    """The page in Markdown."""
    return "".join((_HEADING, *(piece for table in tables_of(Config) for piece in _table(table))))


def _table(table: Table) -> Iterator[str]:
    if not table.entries:
        return
    yield f"\n## `[{'.'.join(table.keys)}]`\n\n" if table.keys else "\n## Before all sections\n\n"
    if table.keys:
        yield f"{table.documentation}\n\n"
    yield "| Key | Type | Default | |\n|---|---|---|---|\n"
    yield from map(_row, table.entries)


def _row(key: Key) -> str:
    default = "needed" if key.is_required else _default(key)
    cells = (f"`{key.name}`", key.kind, default, key.documentation)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _default(key: Key) -> str:
    value = plain(key.default)
    return "" if value in (None, [], {}) else f"`{json.dumps(value)}`"
