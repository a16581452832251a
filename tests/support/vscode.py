"""Runs the checks in a real VS Code, each a Node program that drives it, and reads what they found."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SCREENSHOTS = PROJECT / "screenshots"
HERE = PROJECT / "tests" / "vscode"


@dataclass(frozen=True, slots=True)
class Check:
    """One check in the extension host: its title, what went wrong or None, and how long it took."""

    title: str
    error: str | None
    milliseconds: int


@dataclass(frozen=True, slots=True)
class HostRun:
    """The outcome of a run in the extension host: exit code, checks in order, everything printed."""

    exit_code: int
    checks: tuple[Check, ...]
    output: str


def run_in_extension_host(report: Path, *options: str) -> HostRun:
    """Run the checks of ``tests/vscode/host``; ``report`` is a file for their outcomes."""
    exit_code, output = run_node(HERE / "host" / "drive.mjs", str(SCREENSHOTS), str(report), *options)
    outcomes = json.loads(report.read_text("utf-8")) if report.exists() else []
    return HostRun(exit_code, tuple(Check(**outcome) for outcome in outcomes), output)


def run_through_page(story: str, *words: str) -> None:
    """Play a story of ``tests/vscode/page``; fail with what it printed."""
    exit_code, output = run_node(HERE / "page" / f"{story}.mjs", *words, str(SCREENSHOTS))
    assert exit_code == 0, f"{output}\nscreenshots of each step are in {SCREENSHOTS}"


def run_node(script: Path, *words: str, timeout: float = 280) -> tuple[int, str]:
    """Run a Node program in a process group of its own, so that nothing it started outlives it."""
    process = subprocess.Popen(
        ["node", str(script), *words],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        # The program ends its own children when it is told to end.
        os.killpg(process.pid, signal.SIGTERM)
        output, _ = process.communicate(timeout=20)
        output += f"\n{script.name} did not end within {timeout:.0f} s"
    return process.returncode, output
