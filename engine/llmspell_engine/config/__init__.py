"""The configuration of runs: ``llmspell.toml``, the user's file, variables, and the command line."""

from llmspell_engine.config.documents import find
from llmspell_engine.config.error import ConfigError
from llmspell_engine.config.origin import Keys, Origin
from llmspell_engine.config.resolve import ResolvedConfig, load, resolve

__all__ = ["ConfigError", "Keys", "Origin", "ResolvedConfig", "find", "load", "resolve"]
