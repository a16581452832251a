"""How a tool fails."""

from __future__ import annotations

from typing import Any


class ToolError(Exception):
    """A tool could not do what was asked. ``str()`` is the sentence to show.

    Attributes:
        code: a word for the kind of failure (``not_found``, ``invalid_input``).
        details: what else is known, as plain data.
    """

    def __init__(self, message: str, *, code: str = "failed", details: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.details = details


class RefusedError(ToolError):
    """The permissions of the run do not allow what was asked. Scripts see a ``SecurityError``."""

    kind = "SecurityError"


class PythonToolError(Exception):
    """A tool written in Python cannot be used. ``str()`` says where, what is wrong, and what to do."""
