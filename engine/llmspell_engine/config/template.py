"""The file that a project begins with: every key there is, explained, commented out, with a value to try."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any

from llmspell_engine.config.fields import plain
from llmspell_engine.config.keys import NAME, Key, Table, tables_of
from llmspell_engine.config.model import Config
from llmspell_engine.config.versions import NEWEST

_WIDTH = 100
_HEADING = (
    "What llmspell runs scripts with, here and in the folders below. Take the '#' off what you need."
    " LLMSPELL_SECTION__KEY variables and options of the command line win. Texts may have ${VARIABLES} of"
    " the environment."
)
_NAMES = {
    "providers": "local",
    "agents": "writer",
    "prompts": "greeting",
    "prices": "model-name",
    "settings": "web-searcher",
    "scripts": '"nightly/**"',
}
"""What stands for the names that users give."""


def starting_file() -> str:
    """The text of the file. It is valid as it is, and with the ``#`` taken off any key."""
    return "".join(_lines())


def _lines() -> Iterator[str]:
    yield from _comment(_HEADING)
    yield f"\nversion = {NEWEST}\n"
    for table in tables_of(Config):
        if table.keys and table.entries:
            yield "\n"
            yield from _comment(table.documentation)
            yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    header = ".".join(_NAMES[table.keys[at - 1]] if key == NAME else key for at, key in enumerate(table.keys))
    yield f"{'# ' if NAME in table.keys else ''}[{header}]\n"
    for key in table.entries:
        yield from _comment(f"{key.documentation}{' Needed.' if key.is_required else ''}", "#   ")
        yield f"# {key.name} = {_value(key, table.keys)}\n"


def _value(key: Key, section: Sequence[str]) -> str:
    """What a reader may try: a sample, else the default, else something of the type."""
    import tomlkit

    places = (f"{'.'.join(section)}.{key.name}", f"{section[0]}.{key.name}", key.name)
    value = next((_SAMPLES[place] for place in places if place in _SAMPLES), plain(key.default))
    if value is None:
        value = _SAMPLES_BY_KIND.get(key.kind, key.kind.partition(" or ")[0].strip('"'))
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update(value)
        return table.as_string()
    return str(tomlkit.item(value).as_string())


_SAMPLES: dict[str, Any] = {
    "max_calls": 200,
    "max_tokens": 100_000,
    "max_cost": 1.5,
    "params": {"topic": "tides"},
    "cassette": "calls.jsonl",
    "path": ["lib"],
    "memory_mb": 256,
    "type": "openai-compatible",
    "agents.type": "llm",
    "base_url": "http://127.0.0.1:8080/v1",
    "api_key_env": "MY_API_KEY",
    "api_key": "${MY_API_KEY:-}",
    "class": "my_package.providers:MyProvider",
    "models": ["small", "large"],
    "input_per_million": 0.15,
    "output_per_million": 0.6,
    "headers": {"X-Team": "docs"},
    "model": "openai/gpt-4o-mini",
    "provider": "openai",
    "description": "Writes short texts.",
    "system_prompt": "You write short, plain English about {{ topic }}.",
    "variables": {"topic": "tides"},
    "temperature": 0.3,
    "top_p": 0.9,
    "max_conversation_length": 20,
    "allowed_tools": ["calculator"],
    "output_schema": {"type": "object"},
    "disabled": ["file-operations"],
    "root": "data",
    "modules": ["tools.py"],
    "tools.timeout_seconds": 60.0,
    "tools.api_key": "${SEARCH_API_KEY:-}",
    "tools.base_url": "http://127.0.0.1:8080",
    "username": "ada",
    "text": "Hello, {{ name }}!",
    "security.read": ["shared"],
    "security.write": ["out"],
    "security.hosts": ["*.example.com", "127.0.0.1:8080"],
    "security.processes": ["git"],
    "security.variables": ["LC_*"],
    "security.modules": ["lib"],
    "security.allow": ["io.open"],
    "security.refuse": ["load"],
    **dict.fromkeys(("security.custom.read", "security.custom.write"), "root"),
    "security.custom.hosts": "public",
    "security.custom.https": True,
    **{f"security.custom.{key}": "listed" for key in ("processes", "variables", "modules")},
    **dict.fromkeys(("finalizers", "string_metatable"), False),
    "audit": "audit.jsonl",
    "checksums": "modules.sha256",
    "seconds": 600.0,
    "ttl_seconds": 604_800.0,
    "instructions": 1_000_000_000,
    "output_bytes": 1_000_000,
    "profile": "low",
    "secret_variables": ["DATABASE_URL"],
    "file": "files/name",
    "redis": "redis://127.0.0.1:6379/0",
    "levels": {"agent": "debug"},
    "endpoint": "http://127.0.0.1:4318",
    "signals": ["traces", "metrics"],
    "select": ["LS1", "unused-local"],
    "ignore": ["unused-local"],
    "severity": {"unused-local": "info"},
    "exclude": ["generated/**"],
}
"""By the names of keys, with the section where it matters; for a default shows little."""
_SAMPLES_BY_KIND: dict[str, Any] = {
    "integer": 10,
    "number": 60.0,
    "text": "…",
    "text (secret)": "…",
    "path": "…",
    "table": {},
}


def _comment(text: str, prefix: str = "# ") -> Iterator[str]:
    yield from (f"{prefix}{line}\n" for line in wrap(text, _WIDTH, break_on_hyphens=False))
