"""Writes down what was refused and, where asked for, what was allowed: one JSON object a line."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Decision = Literal["refused", "allowed"]


class Audit:
    """A file of decisions; any thread may write. Secrets in what was asked for are masked."""

    def __init__(
        self, path: Path, script: str, *, allowed: bool = False, secrets: Sequence[str] = ()
    ) -> None:
        """Open the file, which only its owner may read. Raises OSError."""
        self.tells_allowed = allowed
        self._script = script
        self._secrets = secrets
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, decision: Decision, profile: str, rule: str, what: str) -> None:
        """Add a line. One that is not written is a fault of the machine and ends nothing."""
        from llmspell_engine.observability.secrets import Scrubber

        line = {
            "time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "decision": decision,
            "profile": profile,
            "rule": rule,
            "what": what,
            "script": self._script,
        }
        text = json.dumps(Scrubber(self._secrets).scrub(line), ensure_ascii=False)
        with self._lock:
            os.write(self._file, text.encode("utf-8", "surrogateescape") + b"\n")
