"""Operations of `State` on an SQLite file, beside the sqlite3 module alone doing the same.

Both keep JSON texts by scope and key in a file in write-ahead mode, each write on the disk before it returns.
They take turns; an operation of a script is one call of `State`, with all that is between.

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
from pathlib import Path

from conditions import tell_conditions
from figures import figures, verdict
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.runtime.base import RunContext, Streams
from llmspell_engine.runtime.create import create
from llmspell_engine.runtime.values import HostFunction
from llmspell_engine.state import SQLiteStore, StateStore
from llmspell_engine.state.encoding import decode, encode

GATE = 0.5
"""How many operations a second State makes at least, as a part of what sqlite3 alone makes."""
CALLS = 1000
VALUE = {"title": "tides", "pages": [1, 2, 3], "done": False}
NAMES = {"lua": "Lua", "javascript": "JavaScript"}
SUFFIXES = {"lua": ".lua", "javascript": ".js"}
WORKS = ("save", "load", "nine loads and a save")
PROGRAMS: dict[Language, dict[str, str]] = {
    "lua": {
        "save": 'for n = 1, CALLS do State.save("global", "k" .. n % 100, value) end',
        "load": 'for n = 1, CALLS do State.load("global", "k" .. n % 100) end',
        "nine loads and a save": "for n = 1, CALLS do if n % 10 == 0 then"
        ' State.save("global", "k" .. n % 100, value) else State.load("global", "k" .. n % 100) end end',
    },
    "javascript": {
        "save": 'for (let n = 1; n <= CALLS; n++) State.save("global", "k" + n % 100, value);',
        "load": 'for (let n = 1; n <= CALLS; n++) State.load("global", "k" + n % 100);',
        "nine loads and a save": 'for (let n = 1; n <= CALLS; n++) if (n % 10 === 0) State.save("global",'
        ' "k" + n % 100, value); else State.load("global", "k" + n % 100);',
    },
}
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
        for work in WORKS:
            _tell(work, Path(folder), repetitions)


def _tell(work: str, folder: Path, repetitions: int) -> None:
    ways: dict[str, Callable[[Path], float]] = {
        "sqlite3 alone": lambda file: _raw(work, file),
        "the store": lambda file: _stored(work, file),
        **{NAMES[one]: lambda file, one=one: _script(one, work, file) for one in LANGUAGES},  # type: ignore[misc]
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for repetition in range(repetitions + 1):
        for name, way in ways.items():
            seconds = way(folder / f"{work}-{name}-{repetition}.db")
            rates[name].append(CALLS / seconds)
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

        def save(key: str) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO state VALUES (?, ?, ?)", ("global", key, json.dumps(VALUE))
            )

        def load(key: str) -> None:
            found = connection.execute(
                "SELECT value FROM state WHERE scope = ? AND key = ?", ("global", key)
            ).fetchone()
            json.loads(found[0])

        return _timed(work, save, load)


def _stored(work: str, file: Path) -> float:
    with closing(SQLiteStore(file)) as store:

        def save(key: str) -> None:
            store.save("global", key, encode(VALUE, "State"))

        def load(key: str) -> None:
            text = store.load("global", key)
            assert text is not None
            decode(text)

        return _timed(work, save, load)


def _timed(work: str, save: Callable[[str], None], load: Callable[[str], None]) -> float:
    for number in range(100):
        save(f"k{number}")
    begin = time.perf_counter()
    for number in range(1, CALLS + 1):
        is_save = work == "save" or (work != "load" and number % 10 == 0)
        (save if is_save else load)(f"k{number % 100}")
    return time.perf_counter() - begin


def _script(language: Language, work: str, file: Path) -> float:
    """The seconds between the two marks of a program."""
    marks: list[float] = []
    services = Services(state=_filled(SQLiteStore(file)))
    runtime = create(language, RunContext(Streams(print, print)), services)
    try:
        mark = HostFunction("mark", lambda: marks.append(time.perf_counter()))
        runtime.install({"mark": mark, "CALLS": CALLS})
        runtime.run(f"bench{SUFFIXES[language]}", AROUND[language].format(PROGRAMS[language][work]))
    finally:
        runtime.close()
        services.close()
    begin, end = marks
    return end - begin


def _filled(store: StateStore) -> StateStore:
    for number in range(100):
        store.save("global", f"k{number}", encode(VALUE, "State"))
    return store


if __name__ == "__main__":
    main()
