"""What a tool may need that is not there everywhere: a package, a program, a setting.

A tool names what every call needs in ``requires``. What only some operations need is checked where they
are done, with :meth:`Requirement.check`. What is missing is told with what to do about it.
"""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from llmspell_engine.tools.error import ToolError

if TYPE_CHECKING:
    from llmspell_engine.tools.base import ToolContext


class Requirement(ABC):
    """Something that a tool needs."""

    code = "needs_installation"
    """The code of the failure when it is missing."""

    @abstractmethod
    def missing(self, context: ToolContext) -> str | None:
        """What is missing and how to have it, in a sentence; None where it is there."""

    def check(self, context: ToolContext) -> None:
        """Raise ToolError where it is missing."""
        if (told := self.missing(context)) is not None:
            raise ToolError(told, code=self.code)


@dataclass(frozen=True, slots=True)
class Extra(Requirement):
    """A Python package that comes with an extra of llmspell."""

    module: str
    """The top-level module that is imported."""
    extra: str
    """The extra that brings it."""

    def missing(self, context: ToolContext) -> str | None:
        """See the base class."""
        if _is_installed(self.module):
            return None
        return f"the Python package '{self.module}' is not installed: pip install 'llmspell[{self.extra}]'"


@dataclass(frozen=True, slots=True)
class Program(Requirement):
    """A program of the system."""

    name: str
    """What it is called on the search path."""
    package: str
    """What to install to have it."""

    def missing(self, context: ToolContext) -> str | None:
        """See the base class."""
        if shutil.which(self.name) is not None:
            return None
        return f"the program '{self.name}' is not installed: install {self.package} and have it on the PATH"


@dataclass(frozen=True, slots=True)
class Setting(Requirement):
    """A key in ``[tools.settings.<tool>]`` of the configuration, or a variable of the environment."""

    code = "needs_configuration"

    tool: str
    key: str
    about: str
    """What it is, as a noun: ``the key of the Brave Search API``."""
    variable: str | None = None
    """The environment variable that is taken where the key is not configured."""

    def missing(self, context: ToolContext) -> str | None:
        """See the base class."""
        if self.value(context) not in (None, ""):
            return None
        where = f"'{self.key}' in [tools.settings.{self.tool}] of the configuration"
        also = f", or the environment variable {self.variable}" if self.variable else ""
        return f"{self.about} is not configured: set {where}{also}"

    def value(self, context: ToolContext) -> Any:
        """What is configured; None where nothing is."""
        found = context.settings.get(self.tool, {}).get(self.key)
        return os.environ.get(self.variable) if found is None and self.variable else found


@cache
def _is_installed(module: str) -> bool:
    return find_spec(module) is not None
