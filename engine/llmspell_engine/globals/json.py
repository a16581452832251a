"""The global ``JSON`` of Lua."""

from __future__ import annotations

import json
from typing import Any

from llmspell_engine.api import json as api
from llmspell_engine.state.encoding import encode


class JSONError(Exception):
    """A text is not JSON, or a value cannot be written as JSON."""


class JSON(api.JSON):
    """Reads and writes JSON."""

    def parse(self, text: str) -> Any:
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise JSONError(f"the text is not JSON: {error.msg.lower()} at {place}") from None

    def stringify(self, value: Any) -> str:
        return encode(value)
