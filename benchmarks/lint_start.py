"""How long ``llmspell lint`` takes on one script, as a user waits for it: whole processes, taking turns.

The ratios are to a bare Python start, to luacheck where it is installed (``apt-get install lua-check``),
and to ESLint and Biome from the lock file in ``peers/``. Each tool runs the rules it recommends.

    python benchmarks/lint_start.py [REPETITIONS]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from conditions import bytecode_kept, tell_conditions
from figures import Figures, figures, ratios, verdict
from peers import FOLDER, peer

EXAMPLES = Path(__file__).parent.parent / "examples"
GATE = 120.0
"""Milliseconds that linting one script may take."""
FLOOR = "bare Python start"
OURS = {"Lua": "llmspell lint, Lua", "JavaScript": "llmspell lint, JavaScript"}
SCRIPTS = {
    "Lua": str(EXAMPLES / "lua/release_notes.lua"),
    "JavaScript": str(EXAMPLES / "javascript/release_notes.js"),
}


def main() -> None:
    """Measure and print. A missed gate is told and is no failure: speed is never a test."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    tell_conditions()
    peers = {language: dict(_peers(language)) for language in SCRIPTS}
    ours = {OURS[language]: _lint(script) for language, script in SCRIPTS.items()}
    commands = {FLOOR: [sys.executable, "-c", "pass"], **ours, **peers["Lua"], **peers["JavaScript"]}
    found = _measured(commands, repetitions)
    for name, one in found.items():
        print(f"  {name:26} p50 {one.p50:6.1f}  best {one.best:6.1f} ms")
    for language, name in OURS.items():
        for other in (FLOOR, *peers[language]):
            print(f"{name} / {other}: {ratios(found[name], found[other])}")
        print(f"{name}: gate p50 {GATE:.0f} ms: {verdict(found[name].p50, GATE)}")


def _lint(script: str) -> list[str]:
    return [sys.executable, "-m", "llmspell_cli", "lint", script]


def _peers(language: str) -> Iterator[tuple[str, list[str]]]:
    script = SCRIPTS[language]
    if language == "Lua":
        if luacheck := shutil.which("luacheck"):
            yield "luacheck", [luacheck, "--no-config", "--std", "lua54", script]
        else:
            print("luacheck was not found: `apt-get install lua-check` brings it on Debian and Ubuntu")
        return
    if eslint := peer(".bin/eslint"):
        yield "eslint", [str(eslint), "--config", str(FOLDER / "eslint.config.mjs"), script]
    if biome := peer(".bin/biome"):
        yield "biome", [str(biome), "lint", script]


def _measured(commands: dict[str, list[str]], repetitions: int) -> dict[str, Figures]:
    """Every command in turn, again and again; the first turn is not counted."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    with bytecode_kept() as environment:
        for _ in range(repetitions + 1):
            for name, command in commands.items():
                times[name].append(_milliseconds(command, environment))
    return {name: figures(measured[1:]) for name, measured in times.items()}


def _milliseconds(command: list[str], environment: dict[str, str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=EXAMPLES, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    taken = (time.perf_counter() - began) * 1000
    if done.returncode > 1:  # every linter here ends with 0 or 1, clean or with findings
        raise SystemExit(f"{' '.join(command)} broke:\n{done.stdout}{done.stderr}")
    return taken


if __name__ == "__main__":
    main()
