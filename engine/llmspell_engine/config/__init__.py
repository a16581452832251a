"""The configuration of runs: ``llmspell.toml``, the user's file, variables, and the command line.

What is named here is imported when it is first asked for: the linter reads its section with less.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmspell_engine.config.documents import find
    from llmspell_engine.config.error import ConfigError
    from llmspell_engine.config.origin import Keys, Origin
    from llmspell_engine.config.resolution import ResolvedConfig, load, resolve

__all__ = ["ConfigError", "Keys", "Origin", "ResolvedConfig", "find", "load", "resolve"]

_MODULES = {"find": "documents", "ConfigError": "error", "Keys": "origin", "Origin": "origin"}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'resolution')}"), name)
