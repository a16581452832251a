"""What makes a short run shorter, and changes nothing that a script or a child process can see."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any


def start_fast() -> None:
    """Leave out what takes a quarter of a short run and helps nobody."""
    # What is imported stays: looking for garbage among it, as often as usual or at the end, finds none.
    gc.set_threshold(10_000, 10, 10)
    atexit.register(gc.freeze)
    # Whoever says something of plug-ins means it. The variable is not set here: children would inherit it.
    if "PYDANTIC_DISABLE_PLUGINS" not in os.environ and "pydantic" not in sys.modules:
        sys.meta_path.insert(0, _WithoutPlugins())


class _WithoutPlugins:
    """Has pydantic look for no plug-ins, which would read the metadata of all installed packages."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module that looks for plug-ins, told that it has done so; any other is found as usual."""
        if name != "pydantic.plugin._loader":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        loader: Any = spec.loader if spec else None
        if loader is not None:
            run = loader.exec_module

            def execute(module: Any) -> None:
                run(module)
                module._plugins = {}

            loader.exec_module = execute
        return spec
