"""The configuration of runs: ``llmspell.toml``, found upward from the script."""

from llmspell_engine.config.load import ConfigError, find, load

__all__ = ["ConfigError", "find", "load"]
