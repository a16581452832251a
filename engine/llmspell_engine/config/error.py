"""What is wrong with a configuration: one error for all faults, a line each."""

from __future__ import annotations

from collections.abc import Iterable


class ConfigError(Exception):
    """A configuration cannot be used. ``str()`` has a line for each fault: ``file:line: what``.

    Attributes:
        faults: those lines.
    """

    def __init__(self, faults: str | Iterable[str]) -> None:
        self.faults = (faults,) if isinstance(faults, str) else tuple(faults)
        super().__init__("\n".join(self.faults))
