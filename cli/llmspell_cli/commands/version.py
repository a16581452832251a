"""``llmspell version``: the version, and what it runs on, for a bug report."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """The command takes no arguments."""
    parser.set_defaults()


def main(arguments: argparse.Namespace) -> int:
    """Print one line a component."""
    del arguments
    lines = [
        f"llmspell {version('llmspell')}",
        f"python {platform.python_version()} ({sys.executable})",
        f"lupa {version('lupa')} (Lua 5.4), quickjs-ng {version('quickjs-ng')}",
        f"platform {platform.platform()}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0
