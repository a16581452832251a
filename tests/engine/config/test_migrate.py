"""Files of llmspell 0.14 become files of now: values move, comments stay, and the old file is kept."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.config import ConfigError, load
from llmspell_engine.config.documents import read
from llmspell_engine.config.migrate import Migration, migrate, migration_of

OLD = """\
# Of the team
default_engine = "lua"  # the usual

[engines.lua]
# fifty
max_memory_bytes = 50_000_000  # enough
timeout_ms = 30000

# those we pay
[providers.openai]
provider_type = "openai"
api_key_env = "MY_KEY" # mine
retry = { max_retries = 3, initial_delay_ms = 1500 }
max_retries = 4

[tools.web_search]
allowed_domains = [
  "a", # first
]
# the end
"""
NEW = """\
# Of the team
version = 1

[engine.lua]
# fifty
memory_mb = 48  # enough

[providers.openai]
# those we pay
type = "openai"
api_key_env = "MY_KEY"  # mine
max_retries = 3
backoff_seconds = 1.5

# What follows has no place in this version and is kept for you to look at.
# default_engine = "lua"  # the usual
# engines.lua.timeout_ms = 30000
# providers.openai.max_retries = 4
# tools.web_search.allowed_domains = [
#   "a", # first
# ]
# the end
"""


def found(folder: Path, text: str, name: str = "llmspell.toml") -> Migration | None:
    (folder / name).write_text(text)
    return migration_of(read(folder / name))


def test_comments_and_what_has_no_place_are_kept(tmp_path: Path) -> None:
    migration = found(tmp_path, OLD)
    assert migration is not None
    assert migration.text == NEW
    assert migration.left == (
        "default_engine",
        "engines.lua.timeout_ms",
        "providers.openai.max_retries",
        "tools.web_search.allowed_domains",
    )


def test_comments_beside_the_names_of_tables_are_kept(tmp_path: Path) -> None:
    migration = found(
        tmp_path,
        "[engines.lua] # the fast one\nmax_memory_bytes = 50_000_000\n"
        "[[providers]] # ours\nname = 'a'\nbase_url = 'http://a'\n[providers.rate_limit] # few\n"
        "requests_per_minute = 3\n",
    )
    assert migration is not None
    assert migration.text == (
        "version = 1\n\n[engine.lua]\n# the fast one\nmemory_mb = 48\n"
        "\n[providers.a]\n# ours\nbase_url = 'http://a'\n# few\nrequests_per_minute = 3\n"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "[[providers]]\n# the one\nname = 'a' # short\nbase_url = 'http://a'\n",
            "\n[providers.a]\n# the one\n# short\nbase_url = 'http://a'\n",
        ),
        ("[[providers]]\nbase_url = 'b'\nname = 'a' # short\n", "\n[providers.a]\nbase_url = 'b'\n# short\n"),
    ],
)
def test_comments_of_what_needs_no_line_any_more_are_kept(old: str, new: str, tmp_path: Path) -> None:
    migration = found(tmp_path, old)
    assert migration is not None
    assert migration.text == f"version = 1\n{new}"


def test_the_old_file_is_kept_beside(tmp_path: Path) -> None:
    path = tmp_path / "llmspell.toml"
    (tmp_path / "llmspell.toml.bak-1").write_text("earlier")
    migration = found(tmp_path, OLD)
    assert migration is not None
    assert migrate(migration) == tmp_path / "llmspell.toml.bak-2"
    assert (tmp_path / "llmspell.toml.bak-2").read_text() == OLD
    assert (tmp_path / "llmspell.toml.bak-1").read_text() == "earlier"
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "llmspell.toml", "llmspell.toml.bak-1", "llmspell.toml.bak-2",
    ]  # fmt: skip
    assert load(path).providers["openai"].max_retries == 3
    assert migration_of(read(path)) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("engines.javascript.max_heap_size_bytes = 1", {"engine": {"javascript": {"memory_mb": 1}}}),
        ("[[providers]]\nname = 'a b'\nprovider_type = 'gemini'", {"providers": {"a b": {"type": "google"}}}),
        (
            "[[providers]]\nname = 'a'\n[providers.rate_limit]\nrequests_per_minute = 3\n[[providers]]\n"
            "name = 'b'\nbase_url = 'http://b'",
            {"providers": {"a": {"requests_per_minute": 3}, "b": {"base_url": "http://b"}}},
        ),
        ("providers.a.provider_type = 'candle'", {}),
        ("providers.a.retry.max_delay_ms = 20000", {"providers": {"a": {"backoff_max_seconds": 20.0}}}),
        ("version = 0\ntools.file_operations.allowed_paths = ['data']", {"tools": {"root": "data"}}),
        ("version = 0\ntools.file_operations.allowed_paths = ['a', 'b']", {}),
        (
            "[debug]\nlevel = 'info'\n[debug.output]\nformat = 'json'",
            {"log": {"level": "info", "format": "json"}},
        ),
        ("[debug.output]\nformat = 'json_pretty'\nfile.path = 'x.log'", {"log": {"file": "x.log"}}),
        ("[debug.module_filters.levels]\n'a.b' = 'debug'", {"log": {"levels": {"a.b": "debug"}}}),
        ("version = 0\n[events]\nbuffer_size = 7", {"events": {"buffer_size": 7}}),
        (
            "[runtime.sessions]\nmax_artifacts_per_session = 5\nsession_timeout_seconds = 60",
            {"sessions": {"max_artifacts": 5, "ttl_seconds": 60}},
        ),
    ],
)
def test_where_keys_go(old: str, new: dict[str, Any], tmp_path: Path) -> None:
    migration = found(tmp_path, old)
    assert migration is not None
    assert tomllib.loads(migration.text) == {"version": 1, **new}
    (tmp_path / "llmspell.toml").write_text(migration.text)
    load(tmp_path / "llmspell.toml")


@pytest.mark.parametrize(
    "text", ["", "version = 1\n", "[run]\nmax_calls = 1\n", "[providers.a]\ntype = 'openai'\n"]
)
def test_files_of_now_stay(text: str, tmp_path: Path) -> None:
    assert found(tmp_path, text) is None


@pytest.mark.parametrize(
    ("name", "text", "expect"),
    [
        ("llmspell.toml", "version = 2\n", "the file is of version 2, this llmspell knows versions up to 1"),
        ("llmspell.toml", "version = 'x'\n", "'version': should be a whole number up to 1"),
        ("llmspell.yaml", "engines: {}\n", "only TOML files can be migrated"),
    ],
)
def test_what_cannot_be_migrated(name: str, text: str, expect: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=expect):
        found(tmp_path, text, name)
