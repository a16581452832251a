"""A file of JSON lines that grows while the run goes on."""

from __future__ import annotations

import json
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from llmspell_engine.hooks.names import HookError


class JsonLines:
    """Each entry leaves the process as soon as it is written. Opening it tells of a wrong path at once."""

    def __init__(self, path: Path, given: str) -> None:
        try:
            self._stream: TextIOWrapper = path.open("a", encoding="utf-8", newline="\n")
        except OSError as problem:
            raise HookError(f"'{given}' cannot be written: {problem.strerror or problem}") from None

    def write(self, entry: dict[str, Any]) -> None:
        """Add a line. Raises OSError."""
        self._stream.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Write nothing more."""
        self._stream.close()
