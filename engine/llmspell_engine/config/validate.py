"""All that is wrong with files, the rules that ``[lint]`` names with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from llmspell_engine.config.documents import shown
from llmspell_engine.config.error import ConfigError
from llmspell_engine.config.lint_section import lint_section, lint_section_of
from llmspell_engine.config.resolution import load, resolve


def faults_of_file(file: Path) -> list[str]:
    """What is wrong with a file by itself."""
    return _faults(lambda: load(file), lambda: lint_section_of(file))


def faults_here(folder: Path) -> tuple[list[str], list[str]]:
    """What is wrong with all that holds in a folder, and the files that do."""
    names: list[str] = []

    def resolved() -> None:
        names.extend(shown(path) for path in resolve(folder).files)

    return _faults(resolved, lambda: lint_section(folder)), names


def _faults(*readings: Callable[[], Any]) -> list[str]:
    faults: dict[str, None] = {}
    for read in readings:
        try:
            read()
        except ConfigError as error:
            faults.update(dict.fromkeys(error.faults))
    return list(faults)
