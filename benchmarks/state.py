"""Operations of `State` on an SQLite file, beside the sqlite3 module alone doing the same.

Both keep JSON texts by scope and key in a file in write-ahead mode, each write on the disk before it returns.
They take turns; an operation of a script is one call of `State`, with all that is between. Each key has a
value of its own. The engine keeps what was read until any process changes the file, so it is measured what
reading 100 keys again and again takes, and what the first time.

    python benchmarks/state.py [REPETITIONS]
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from conditions import tell_conditions
from figures import figures, verdict
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.runtime.base import RunContext, Streams
from llmspell_engine.runtime.create import create
from llmspell_engine.runtime.values import HostFunction
from llmspell_engine.state import SQLiteStore, StateStore, Write
from llmspell_engine.state.encoding import decode, encode

GATE = 0.5
"""How many operations a second State makes at least, as a part of what sqlite3 alone makes."""
CALLS = {"save": 1000, "load": 10_000, "load, each key once": 1000, "nine loads and a save": 1000}
KEYS, MOST_KEYS = 100, 1001
NAMES = {"lua": "Lua", "javascript": "JavaScript"}
SUFFIXES = {"lua": ".lua", "javascript": ".js"}
PROGRAMS: dict[Language, dict[str, str]] = {
    "lua": {
        "save": 'for n = 1, CALLS do State.save("global", "k" .. n % 100, value) end',
        "load": 'for n = 1, CALLS do State.load("global", "k" .. n % 100) end',
        "load, each key once": 'for n = 1, CALLS do State.load("global", "k" .. n) end',
        "nine loads and a save": "for n = 1, CALLS do if n % 10 == 0 then"
        ' State.save("global", "k" .. n % 100, value) else State.load("global", "k" .. n % 100) end end',
    },
    "javascript": {
        "save": 'for (let n = 1; n <= CALLS; n++) State.save("global", "k" + n % 100, value);',
        "load": 'for (let n = 1; n <= CALLS; n++) State.load("global", "k" + n % 100);',
        "load, each key once": 'for (let n = 1; n <= CALLS; n++) State.load("global", "k" + n);',
        "nine loads and a save": 'for (let n = 1; n <= CALLS; n++) if (n % 10 === 0) State.save("global",'
        ' "k" + n % 100, value); else State.load("global", "k" + n % 100);',
    },
}
_SAVE = "INSERT OR REPLACE INTO state VALUES (?, ?, ?)"
AROUND: dict[Language, str] = {
    "lua": 'local value = {{ title = "tides", pages = {{ 1, 2, 3 }}, done = false }}\n'
    'State.load("global", "k0")\nmark()\n{}\nmark()',
    "javascript": 'const value = {{ title: "tides", pages: [1, 2, 3], done: false }};\n'
    'State.load("global", "k0");\nmark();\n{}\nmark();',
}


def main() -> None:
    """Measure and print. A missed gate is told and is no failure: speed is never a test."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    tell_conditions()
    with tempfile.TemporaryDirectory() as folder:
        for work in CALLS:
            _tell(work, Path(folder), repetitions)


def _tell(work: str, folder: Path, repetitions: int) -> None:
    ways: dict[str, Callable[[Path], float]] = {
        "sqlite3 alone": partial(_raw, work),
        "the store": partial(_stored, work),
        **{NAMES[one]: partial(_script, one, work) for one in LANGUAGES},
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for repetition in range(repetitions + 1):
        for name, way in ways.items():
            seconds = way(folder / f"{work}-{name}-{repetition}.db")
            rates[name].append(CALLS[work] / seconds)
    found = {name: figures(measured[1:]) for name, measured in rates.items()}
    print(f"\nState on SQLite, {work}: operations a second; ratio to sqlite3 alone")
    base = found["sqlite3 alone"].p50
    for name, one in found.items():
        ratio = one.p50 / base
        gate = "" if name == "sqlite3 alone" else f"   gate {GATE:.1f}x: {verdict(GATE, ratio)}"
        print(f"  {name:14} p50 {one.p50:9.0f}   {ratio:5.2f}x{gate}")


def _raw(work: str, file: Path) -> float:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(
            "CREATE TABLE state (scope TEXT, key TEXT, value TEXT, PRIMARY KEY (scope, key)) WITHOUT ROWID"
        )

        keys = [f"k{number}" for number in range(MOST_KEYS)]
        connection.execute("BEGIN")
        connection.executemany(_SAVE, [("global", key, json.dumps(_value(key))) for key in keys])
        connection.execute("COMMIT")

        def save(key: str) -> None:
            connection.execute(_SAVE, ("global", key, json.dumps(_value(key))))

        def load(key: str) -> None:
            found = connection.execute(
                "SELECT value FROM state WHERE scope = ? AND key = ?", ("global", key)
            ).fetchone()
            json.loads(found[0])

        return _timed(work, save, load)


def _stored(work: str, file: Path) -> float:
    with closing(_filled(SQLiteStore(file))) as store:

        def save(key: str) -> None:
            store.save("global", key, encode(_value(key), "State"))

        def load(key: str) -> None:
            text = store.load("global", key)
            assert text is not None
            decode(text)

        return _timed(work, save, load)


def _timed(work: str, save: Callable[[str], None], load: Callable[[str], None]) -> float:
    keys = MOST_KEYS if work == "load, each key once" else KEYS
    begin = time.perf_counter()
    for number in range(1, CALLS[work] + 1):
        is_save = work == "save" or (not work.startswith("load") and number % 10 == 0)
        (save if is_save else load)(f"k{number % keys}")
    return time.perf_counter() - begin


def _script(language: Language, work: str, file: Path) -> float:
    """The seconds between the two marks of a program."""
    marks: list[float] = []
    services = Services(state=_filled(SQLiteStore(file)))
    runtime = create(language, RunContext(Streams(print, print)), services)
    try:
        mark = HostFunction("mark", lambda: marks.append(time.perf_counter()))
        runtime.install({"mark": mark, "CALLS": CALLS[work]})
        runtime.run(f"bench{SUFFIXES[language]}", AROUND[language].format(PROGRAMS[language][work]))
    finally:
        runtime.close()
        services.close()
    begin, end = marks
    return end - begin


def _filled(store: StateStore) -> StateStore:
    keys = [f"k{number}" for number in range(MOST_KEYS)]
    store.commit({("global", key): Write(encode(_value(key), "State")) for key in keys})
    return store


def _value(key: str) -> dict[str, Any]:
    return {"title": f"tides of {key}", "pages": [len(key), 2, 3], "done": False}


if __name__ == "__main__":
    main()
