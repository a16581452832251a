"""JavaScript under the debugger: probes in the source, frames and values out of QuickJS's memory."""

from llmspell_engine.debug.javascript.backend import JavaScriptBackend

__all__ = ["JavaScriptBackend"]
