"""The global ``Hooks``."""

from __future__ import annotations

from llmspell_engine.api import hook as api
from llmspell_engine.globals.hook_handlers import BuiltinHook, Registering


class Hooks(Registering, api.Hooks):
    """Registers handlers of the run."""

    def create_metrics_collector(self, options: api.BuiltinOptions | None = None) -> BuiltinHook:
        return self.enable("metrics", options)
