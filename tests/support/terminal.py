"""A command on a terminal of its own: what a person would type, and see."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 30.0
_CURSOR_IS_ASKED_FOR = b"\x1b[6n"
_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\r")


@dataclass(slots=True)
class Terminal:
    """A process on a pseudo-terminal. ``seen`` is all that it has written."""

    process: subprocess.Popen[bytes]
    controller: int
    seen: str = ""
    _looked: int = 0

    def type(self, text: str) -> None:
        """Press keys: ``\\r`` is Enter, ``\\x03`` Ctrl-C, ``\\x04`` Ctrl-D."""
        os.write(self.controller, text.encode())

    def see(self, pattern: str) -> str:
        """Wait for what a pattern matches behind what was looked at last; all that was written until then."""
        deadline = time.monotonic() + TIMEOUT
        while True:
            plain = self.plain()[self._looked :]
            found = re.search(pattern, plain)
            if found:
                self._looked += found.end()
                return plain
            if not self._read(deadline):
                raise AssertionError(f"'{pattern}' did not come; there was {plain!r}")

    def end(self) -> int:
        """Wait for the end of the process; its exit code."""
        deadline = time.monotonic() + TIMEOUT
        while self.process.poll() is None and time.monotonic() < deadline:
            self._read(min(time.monotonic() + 0.05, deadline))
        return self.process.wait(0)

    def plain(self) -> str:
        """All that was written, without what moves the cursor and colours."""
        return _CONTROLS.sub("", self.seen)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self.controller], [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            return False
        try:
            data = os.read(self.controller, 65536)
        except OSError:  # the process has gone, and its side of the terminal with it
            return False
        if _CURSOR_IS_ASKED_FOR in data:
            os.write(self.controller, b"\x1b[1;1R")
        self.seen += data.decode("utf-8", "replace")
        return bool(data)


@contextmanager
def on_terminal(command: Sequence[str], folder: Path, **environment: str) -> Iterator[Terminal]:
    """A command while it runs on a terminal that knows colours; it is killed at the end."""
    controller, device = pty.openpty()
    around = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    around |= {"TERM": "xterm", "COLUMNS": "100", "LINES": "30", **environment}
    # What a session's first process opens becomes its terminal, whose Ctrl-C reaches it.
    process = subprocess.Popen(
        ["/bin/sh", "-c", 'exec "$@" <"$0" >"$0" 2>&1', os.ttyname(device), *command],
        cwd=folder,
        env=around,
        start_new_session=True,
    )
    try:
        yield Terminal(process, controller)
    finally:
        process.kill()
        process.wait(TIMEOUT)
        os.close(device)
        os.close(controller)
