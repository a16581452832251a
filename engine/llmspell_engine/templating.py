"""The one environment of templates: prompts, the inputs of steps, and the tool that renders texts.

The language is Jinja's, in its sandbox. Values are read and shown as scripts know them, not as Python does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Reads ``a.items`` as the field of a table before it thinks of Python's methods."""

    def __init__(self, undefined: type[Undefined] = StrictUndefined) -> None:
        super().__init__(undefined=undefined, keep_trailing_newline=True, finalize=_shown)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The field of a table, or what the sandbox lets be seen of another value."""
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


def _shown(value: Any) -> Any:
    """What a template puts in: tables as JSON, truth values in small letters, nothing for nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else value
