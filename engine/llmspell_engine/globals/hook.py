"""The global ``Hook``."""

from __future__ import annotations

from collections.abc import Sequence

from llmspell_engine.api import hook as api
from llmspell_engine.globals.hook_handlers import Registering
from llmspell_engine.hooks import HOOK_POINTS


class Hook(Registering, api.Hook):
    """Registers handlers of the run."""

    def points(self) -> Sequence[str]:
        return HOOK_POINTS
