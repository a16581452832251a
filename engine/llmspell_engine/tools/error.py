"""How a tool fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmspell_engine.security.errors import SecurityError


class ToolError(Exception):
    """A tool could not do what was asked. ``str()`` is the sentence to show.

    Attributes:
        code: a word for the kind of failure (``not_found``, ``invalid_input``).
        details: what else is known, as plain data.
        tool: the tool that could not, once its name stands in the message.
    """

    def __init__(
        self, message: str, *, code: str = "failed", details: Any = None, tool: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.details = details
        self.tool = tool

    def of_tool(self, name: str) -> ToolError:
        """The same, told by the tool that could not."""
        return ToolError(f"{name}: {self}", code=self.code, details=self.details, tool=name)


class RefusedError(ToolError):
    """The permissions of the run do not allow what was asked. Scripts see a ``SecurityError``."""

    kind = "SecurityError"

    def __init__(self, reason: SecurityError, tool: str | None = None) -> None:
        super().__init__(f"{tool}: {reason}" if tool else str(reason), code=reason.code, tool=tool)
        self.reason = reason
        self.profile, self.rule, self.remedy = reason.profile, reason.rule, reason.remedy

    def of_tool(self, name: str) -> RefusedError:
        """See the base class."""
        return RefusedError(self.reason, name)


class PythonToolError(Exception):
    """A tool written in Python cannot be used. ``str()`` says where, what is wrong, and what to do."""
