"""The global ``JSON`` of Lua."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_engine.api import json as api
from llmspell_engine.state.encoding import decode, encode

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run


class JSON(api.JSON):
    """Reads and writes JSON."""

    def __init__(self, run: Run) -> None:
        """Nothing of the run is needed."""

    def parse(self, text: str) -> Any:
        return decode(text)

    def stringify(self, value: Any) -> str:
        return encode(value, "JSON")
