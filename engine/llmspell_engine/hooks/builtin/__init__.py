"""Handlers that the engine brings along: a script, or whoever runs it, enables them by name."""

from llmspell_engine.hooks.builtin.base import Builtin, BuiltinScope
from llmspell_engine.hooks.builtin.enabling import BUILTIN_NAMES, disable, disable_all, enable

__all__ = ["BUILTIN_NAMES", "Builtin", "BuiltinScope", "disable", "disable_all", "enable"]
