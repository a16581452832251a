"""What makes a short run shorter, and changes nothing that a script or a child process can see."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from llmspell_cli.generated_code import keep_generated_code


def start_fast() -> None:
    """Leave out what takes a quarter of a short run and helps nobody."""
    # What is imported stays: looking for garbage among it, as often as usual or at the end, finds none.
    gc.set_threshold(10_000, 10, 10)
    atexit.register(gc.freeze)
    keep_generated_code()
    # Whoever says something of plug-ins means it. The variable is not set here: children would inherit it.
    if "PYDANTIC_DISABLE_PLUGINS" not in os.environ and "pydantic" not in sys.modules:
        sys.meta_path.insert(0, _WithoutPlugins())


class _WithoutPlugins:
    """Has pydantic look for no plug-ins: that would read the metadata of all installed packages, by thirty
    modules that nothing else needs.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A module that has no plug-ins for the one that looks for them; any other is found as usual."""
        if name != "pydantic.plugin._loader":
            return None
        sys.meta_path.remove(self)
        loader: Any = self
        return ModuleSpec(name, loader)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """See importlib.abc.Loader."""
        return None

    def exec_module(self, module: Any) -> None:
        """See importlib.abc.Loader."""
        module.get_plugins = tuple
