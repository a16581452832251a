"""The invariants of ARCHITECTURE.md that are about who may import whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("engine/llmspell_engine", "lsp/llmspell_lsp", "dap/llmspell_dap", "cli/llmspell_cli")
INTERPRETERS = {"lupa", "quickjs", "_quickjs"}
INTERPRETER_ROOMS = ("runtime/lua", "runtime/javascript", "debug/lua", "debug/javascript")
MODULE_LIMIT = 800
"""Lines past which a module is refused; past 400 it is discussed."""


def _modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def _imported(path: Path) -> set[str]:
    """The top-level packages that a module names anywhere, in functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _may_name_interpreters(path: Path) -> bool:
    engine = ROOT / "engine/llmspell_engine"
    return path.is_relative_to(engine) and str(path.relative_to(engine)).startswith(INTERPRETER_ROOMS)


def test_interpreters_are_named_only_in_their_rooms() -> None:
    others = [path for path in _modules() if not _may_name_interpreters(path)]
    assert [path for path in others if _imported(path) & INTERPRETERS] == []


def test_modules_stay_small() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in _modules()}
    assert [(path, length) for path, length in lengths.items() if length > MODULE_LIMIT] == []
