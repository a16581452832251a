"""How much a script may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use; None sets no limit."""

    seconds: float | None = None
    """How long it may run, waits included."""
    memory_mb: int | None = None
    """How much memory its values may take."""
    instructions: int | None = None
    """How many steps of the interpreter it may take."""
    output_bytes: int | None = None
    """How much it may print, standard output and standard error together."""
