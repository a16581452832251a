"""How fast the language server answers while a script of 800 lines is written: the real process on stdio.

Each turn presses a key inside an unfinished call and asks, with a typist's pause in between. JavaScript is
also asked of TypeScript 7's native server, which knows the API from the generated ``llmspell.d.ts``; the two
take turns in one run, and a ratio is llmspell's time to its time. No registry has a peer for Lua, so that
its ratios are to the bare round trip of a request that needs no analysis.

    python benchmarks/lsp_latency.py [REPETITIONS]
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import llmspell_engine
from conditions import bytecode_kept, tell_conditions
from figures import figures, ratio, verdict
from language_server import LanguageServer
from lsp_session import JAVASCRIPT, LUA, QUESTIONS, Script, Session
from peers import peer

WARM_UP = 5
"""Turns that are not counted: servers compile and cache on the first ones."""
STARTS = 3
GREETING_GATE = 800.0
STUB = Path(llmspell_engine.__file__).parent / "stubs/llmspell.d.ts"
OURS, PEER, BARE = "llmspell", "TypeScript 7", "bare round trip"


def main() -> None:
    """Measure and print. A missed gate is told and is no failure: speed is never a test."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    tell_conditions()
    with ExitStack() as stack:
        environment = stack.enter_context(bytecode_kept())
        root = _project(Path(stack.enter_context(tempfile.TemporaryDirectory())).resolve())
        servers = _started(stack, root, environment)
        _measure_and_print(LUA, {OURS: servers[OURS]}, root, repetitions)
        _measure_and_print(JAVASCRIPT, servers, root, repetitions)
        _print_memory(servers)


def _project(root: Path) -> Path:
    """A folder that tells TypeScript's server as much about the API as llmspell knows."""
    options = {"checkJs": True, "lib": ["ES2023"], "target": "ES2023", "types": []}
    (root / "jsconfig.json").write_text(json.dumps({"compilerOptions": options}), "utf-8")
    shutil.copy(STUB, root)
    for script in (LUA, JAVASCRIPT):
        (root / script.name).write_text(script.text, "utf-8")
    return root


def _started(stack: ExitStack, root: Path, environment: dict[str, str]) -> dict[str, LanguageServer]:
    """The greeted servers by name, each the last of several starts."""
    commands = {OURS: [sys.executable, "-m", "llmspell_cli", "lsp"]}
    if native := peer("@typescript/typescript-*/lib/tsc*"):
        commands[PEER] = [str(native), "--lsp", "--stdio"]
    best: dict[str, float] = {}
    servers: dict[str, LanguageServer] = {}
    for _ in range(STARTS):
        for name, command in commands.items():
            servers[name] = LanguageServer(command, root, environment)
            stack.callback(servers[name].stop)
            best[name] = min(best.get(name, servers[name].greeting), servers[name].greeting)
    met = verdict(best[OURS], GREETING_GATE)
    print(f"best start: {_compared(best, 'ms')}   gate {GREETING_GATE:.0f} ms: {met}")
    return servers


def _measure_and_print(
    script: Script, servers: dict[str, LanguageServer], root: Path, repetitions: int
) -> None:
    sessions = {name: Session(server, script, root) for name, server in servers.items()}
    for _ in range(WARM_UP):
        _turn(sessions)
    turns = [_turn(sessions) for _ in range(repetitions)]
    other = PEER if PEER in servers else BARE
    print(f"\n{script.name}: milliseconds of {OURS}, of {other}, and {OURS} / {other}")
    print(f"  {'':21} {'p50':>6} {'p95':>6}   {'p50':>6} {'p95':>6}   {'p50':>6} {'p95':>6}")
    for question in QUESTIONS:
        ours = figures([turn[question.title][OURS] for turn in turns])
        theirs = figures([turn[question.title][other] for turn in turns])
        print(
            f"  {question.title:21} {ours.p50:6.1f} {ours.p95:6.1f}   {theirs.p50:6.1f} {theirs.p95:6.1f}"
            f"   {ratio(ours.p50, theirs.p50):>6} {ratio(ours.p95, theirs.p95):>6}"
            f"   gate p95 {question.gate:.0f} ms: {verdict(ours.p95, question.gate)}"
        )


def _turn(sessions: dict[str, Session]) -> dict[str, dict[str, float]]:
    """Every question to every server; and the round trip, to which each may be compared."""
    bare = {BARE: sessions[OURS].bare_round_trip()}
    return {
        question.title: bare | {name: session.milliseconds(question) for name, session in sessions.items()}
        for question in QUESTIONS
    }


def _print_memory(servers: dict[str, LanguageServer]) -> None:
    told = {name: server.megabytes() for name, server in servers.items()}
    known = {name: megabytes for name, megabytes in told.items() if megabytes is not None}
    if known:
        print(f"\nmemory in use: {_compared(known, 'MB')}")


def _compared(values: dict[str, float], unit: str) -> str:
    told = ", ".join(f"{name} {value:.0f} {unit}" for name, value in values.items())
    return told + (f", {ratio(values[OURS], values[PEER])}" if PEER in values else "")


if __name__ == "__main__":
    main()
