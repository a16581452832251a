"""What every benchmark shares about the machine and the processes it starts."""

from __future__ import annotations

import os
import platform
import tempfile
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def tell_conditions() -> None:
    """Print when and where this is measured, and whether the machine is too busy to measure well."""
    processors = os.cpu_count() or 1
    print(f"{datetime.now():%Y-%m-%d %H:%M}, {processors} processors, Python {platform.python_version()}")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if load > processors * 0.75:
        print(f"note: the machine is busy (load {load:.1f}); times come out too long, ratios hold better")


@contextmanager
def bytecode_kept() -> Iterator[dict[str, str]]:
    """An environment in which Python keeps its bytecode, as it is for whoever installs a wheel."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        yield {**environment, "PYTHONPYCACHEPREFIX": folder}
