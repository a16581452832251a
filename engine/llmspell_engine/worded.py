"""Tables that say themselves in words."""

from __future__ import annotations

from typing import Any


class Worded(dict[str, Any]):
    """A table whose ``text`` stands for it where a text is wanted: in templates, and for agents."""

    def __str__(self) -> str:
        return str(self["text"])
