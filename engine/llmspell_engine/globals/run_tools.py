"""The tools that scripts make: known to their run by name, beside those of the engine, and to other scripts
of the engine where they are shared.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from llmspell_engine.catalog.loader import load
from llmspell_engine.catalog.model import Tool as DescribedTool

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_engine.agents.tools import AgentTool
    from llmspell_engine.api.tool import Category, ToolHandle


@dataclass(frozen=True, slots=True, eq=False)
class RunTool:
    """A tool of one run, and how it is described."""

    tool: AgentTool
    category: Category = "custom"
    security: Literal["safe", "restricted", "privileged"] = "safe"
    version: str = "1.0.0"
    seconds: float | None = None
    """How long a call may take."""
    is_shared: bool = False
    """Whether other scripts of the engine find it."""

    @property
    def described(self) -> DescribedTool:
        """As the catalog describes those of the engine."""
        one = self.tool.definition
        return DescribedTool(
            name=one.name,
            doc=one.description,
            category=self.category,
            security=self.security,
            parameters=dict(one.parameters),
            returns={},
            aliases=(),
        )


class SharedTools:
    """The tools that scripts of an engine share, by name. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tools: dict[str, RunTool] = {}

    def add(self, made: RunTool) -> bool:
        """Share a tool; False where another script shares one of that name."""
        with self._lock:
            return self._tools.setdefault(made.tool.name, made) is made

    def remove(self, made: RunTool) -> None:
        """Share it no longer."""
        with self._lock:
            if self._tools.get(made.tool.name) is made:
                del self._tools[made.tool.name]

    def get(self, name: str) -> RunTool | None:
        """The tool of a name."""
        return self._tools.get(name)

    @property
    def all(self) -> tuple[RunTool, ...]:
        """All of them."""
        with self._lock:
            return tuple(self._tools.values())


@dataclass(slots=True)
class RunTools:
    """The tools of a run by name, in the order in which they were made."""

    shared: SharedTools = field(default_factory=SharedTools)
    is_taken: Callable[[str], bool] = lambda _: False
    """Whether a tool of users has a name."""
    at_end: list[Callable[[], None]] = field(default_factory=list)
    """What is done when the script ends: what it shared is gone with it."""
    handles: dict[str, ToolHandle] = field(default_factory=dict)
    """The handles that were given out, so that one tool is one object."""
    _tools: dict[str, RunTool] = field(default_factory=dict)

    def add(self, made: RunTool) -> str:
        """Let a tool be found by its name. Raises ToolError where there is one of that name."""
        name = made.tool.name
        is_free = name not in self._tools and load().tool(name) is None and not self.is_taken(name)
        if not is_free or (made.is_shared and not self.shared.add(made)):
            from llmspell_engine.tools.base import ToolError

            hint = "; Tool.unregister forgets it" if name in self._tools else ""
            raise ToolError(
                f"there is a tool '{name}' already; choose another name{hint}", code="invalid_input"
            )
        self._tools[name] = made
        if made.is_shared:
            self.at_end.append(lambda: self.shared.remove(made))
        return name

    def remove(self, name: str) -> bool:
        """Forget a tool that the script has made; whether there was one."""
        made = self._tools.pop(name, None)
        if made is None:
            return False
        self.handles.pop(name, None)
        self.shared.remove(made)
        return True

    def get(self, name: str) -> RunTool | None:
        """The tool of a name, of this script or of one that shares it."""
        return self._tools.get(name) or self.shared.get(name)

    @property
    def all(self) -> tuple[RunTool, ...]:
        """All of them, those that others share last."""
        others = (one for one in self.shared.all if one.tool.name not in self._tools)
        return (*self._tools.values(), *others)
