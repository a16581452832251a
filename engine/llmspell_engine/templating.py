"""The one environment of templates: prompts, the inputs of steps, and the tool that renders texts.

The language is Jinja's, in its sandbox, which also looks at how large a value would become. Values are read
and shown as scripts know them, not as Python does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import StrictUndefined, Undefined
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from llmspell_engine.template_sizes import (
    Growing,
    SizedCode,
    check_method,
    check_operator,
    check_size,
    size_as_json,
    sized,
)
from llmspell_engine.worded import Worded


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Reads ``a.items`` as the field of a table before it thinks of Python's methods."""

    code_generator_class = SizedCode
    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self, undefined: type[Undefined] = StrictUndefined) -> None:
        super().__init__(undefined=undefined, keep_trailing_newline=True, finalize=_shown)
        self.filters.update(sized(self.filters))
        del self.globals["lipsum"]

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """What an operator gives. Raises SecurityError for what would become too large."""
        check_operator(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: Any, *given: Any, **named: Any) -> Any:
        """What a function or a method gives. Raises SecurityError for what would become too large."""
        # What the sandbox puts in the place of `format` has the method inside.
        method = getattr(obj, "__wrapped__", obj)
        owner = getattr(method, "__self__", None)
        if isinstance(owner, str):
            check_method(owner, getattr(method, "__name__", ""), given)
        return super().call(context, obj, *given, **named)

    def concat(self, parts: Iterable[str]) -> str:
        """The text of a block, or of the whole."""
        growing = Growing()
        return "".join(map(growing.added, parts))

    def made(self, value: Any) -> Any:
        """A list or table that a template makes. Raises SecurityError for one that is too large."""
        check_size(size_as_json(value, {}))
        return value

    def joined(self, values: tuple[Any, ...]) -> str:
        """What ``~`` makes of values."""
        texts = [str(value) for value in values]
        check_size(sum(map(len, texts)))
        return "".join(texts)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The field of a table, or what the sandbox lets be seen of another value."""
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


def _shown(value: Any) -> Any:
    """What a template puts in: tables by their words or as JSON, true and false, and nothing for nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Worded):
        return str(value)
    if isinstance(value, Mapping | list | tuple):
        check_size(size_as_json(value, {}))
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else value
