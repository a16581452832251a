"""Says when a machine is too busy for its times to mean much."""

from __future__ import annotations

import os


def warn_if_busy() -> None:
    """Print a line when more work waits than there are processors."""
    if not hasattr(os, "getloadavg"):
        return
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    if load > processors * 0.75:
        print(f"note: the machine is busy (load {load:.1f} on {processors} processors); times are too long")
