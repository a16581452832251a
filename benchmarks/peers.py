"""The tools that llmspell is measured against, from the lock file in ``peers/``.

They are installed when a benchmark first asks for one. Where that is impossible, the benchmark says so
and measures the rest.
"""

from __future__ import annotations

import filecmp
import functools
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent / "peers"
MODULES = FOLDER / "node_modules"
LOCK = FOLDER / "package-lock.json"
INSTALLED = MODULES / ".installed-lock.json"
"""The lock file as it was when the peers were installed."""


def peer(pattern: str) -> Path | None:
    """The first file of an installed peer that matches a pattern below ``node_modules``."""
    return next(iter(sorted(MODULES.glob(pattern))), None) if _installed() else None


@functools.cache
def _installed() -> bool:
    if INSTALLED.exists() and filecmp.cmp(LOCK, INSTALLED, shallow=False):
        return True
    npm = shutil.which("npm")
    if npm is None:
        print(
            "npm was not found: install Node.js 20 or newer to measure against TypeScript, ESLint and Biome"
        )
        return False
    print("installing the peers of the benchmarks (npm ci), once", flush=True)
    done = subprocess.run([npm, "ci"], cwd=FOLDER, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        print(f"npm ci failed in {FOLDER}, so there is nothing to compare with:\n{done.stderr.strip()}")
        return False
    shutil.copy(LOCK, INSTALLED)
    return True
