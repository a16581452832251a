"""Changes of a configuration while a script runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from llmspell_engine.config import resolve
from llmspell_engine.config.watch import Change, safe_changes, stamps, watch

LIMIT = 10.0
QUICK = 0.01


@pytest.mark.parametrize(
    ("old", "new", "safe", "restart"),
    [
        ("", "", [], []),
        ("[run]\nmax_calls = 1", "[run]\nmax_calls = 2", ["run.max_calls"], []),
        ("", "[run]\nparams = {a = 1}", [], ["run.params.a"]),
        ("", "[log]\nlevel = 'debug'\nlevels = {a = 'info'}", ["log.level", "log.levels.a"], []),
        ("", "[log]\nformat = 'json'\n[state]\nfile = 'x'", [], ["state.file", "log.format"]),
        ("[prompts]\na = 'x'\nb = 'y'", "[prompts]\na = 'z'", ["prompts.a.text", "prompts.b"], []),
        ("[providers.a]\nmax_retries = 1", "[providers.a]\nmax_retries = 2\nbase_url = 'http://b'",
         ["providers.a.max_retries"], ["providers.a.base_url"]),
        ("[providers.a]\napi_key = 'one'", "[providers.a]\napi_key = 'two'", ["providers.a.api_key"], []),
        ("", "[providers.a]\nmax_retries = 1", [], ["providers.a"]),
        ("", "[lint]\nselect = ['LS1']", [], []),
    ],
)  # fmt: skip
def test_what_is_safe_to_take_over(
    old: str, new: str, safe: list[str], restart: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "llmspell.toml"
    file.write_text(old)
    before = resolve(tmp_path)
    file.write_text(new)
    changes = safe_changes(before, resolve(tmp_path))
    assert [".".join(keys) for keys in changes.safe] == safe
    assert [".".join(keys) for keys in changes.restart] == restart


async def following(changes: AsyncIterator[Change]) -> Change:
    return await asyncio.wait_for(anext(changes), LIMIT)


async def test_files_that_change_appear_and_break_are_noticed(tmp_path: Path) -> None:
    file = tmp_path / "llmspell.toml"
    prompt = tmp_path / "a.txt"
    prompt.write_text("one")
    start = resolve(tmp_path, overrides={"run.max_tokens": 5})
    async with aclosing(watch(start, QUICK, stamps(start))) as changes:
        file.write_text("[run]\nmax_calls = 1\n")
        change = await following(changes)
        assert change.config is not None
        assert (change.config.config.run.max_calls, change.config.config.run.max_tokens) == (1, 5)
        assert change.changes.safe == (("run", "max_calls"),)

        file.write_text("[run]\nmax_calls = -1000\n")
        change = await following(changes)
        assert change.config is None
        assert "greater than or equal to 0" in str(change.error)

        file.write_text("[run]\nmax_calls = 1\n[prompts.a]\nfile = 'a.txt'\n")
        assert (await following(changes)).changes.safe == (("prompts", "a"),)

        prompt.write_text("one and two")
        assert (await following(changes)).changes.safe == (("prompts", "a", "file"),)

        file.unlink()
        change = await following(changes)
        assert change.config is not None
        assert change.config.config.run.max_calls is None
