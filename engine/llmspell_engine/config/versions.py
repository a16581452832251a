"""Which version of the layout a file has. Files without a number are of the newest, unless they look older.

Version 0 is the layout of llmspell 0.14 and before (``[engines.lua]``, ``[[providers]]``, ``[debug]``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from llmspell_engine.config.error import ConfigError

if TYPE_CHECKING:
    from llmspell_engine.config.documents import Document

NEWEST = 1
_OLD_SECTIONS = frozenset({"default_engine", "engines", "runtime", "debug", "rag", "storage"})
_OLD_PROVIDER_KEYS = frozenset({"provider_type", "rate_limit", "retry", "default_model"})


def version_of(document: Document) -> int:
    """The version of a file's layout. Raises ConfigError for one that is no version, or not known yet."""
    values = document.values
    given = values.get("version", 0 if _looks_old(values) else NEWEST)
    if not isinstance(given, int) or isinstance(given, bool) or given < 0:
        raise ConfigError(f"{_place(document)}: 'version': should be a whole number up to {NEWEST}")
    if given > NEWEST:
        raise ConfigError(
            f"{_place(document)}: the file is of version {given}, this llmspell knows versions up to"
            f" {NEWEST}; update llmspell"
        )
    return given


def current(document: Document) -> Document:
    """The document itself. Raises ConfigError where its version is not the newest."""
    if version_of(document) < NEWEST:
        raise ConfigError(
            f"{document.name}:1: the file has the layout of llmspell 0.14 and before;"
            f" bring it up to date with 'llmspell config migrate {document.name}'"
        )
    return document


def _place(document: Document) -> str:
    return f"{document.name}:{document.line(('version',))}"


def _looks_old(values: Mapping[str, Any]) -> bool:
    providers = values.get("providers")
    if _OLD_SECTIONS & values.keys() or isinstance(providers, list):
        return True
    tables = providers.values() if isinstance(providers, Mapping) else ()
    return any(isinstance(each, Mapping) and _OLD_PROVIDER_KEYS & each.keys() for each in tables)
