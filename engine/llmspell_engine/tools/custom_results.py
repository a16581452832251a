"""What tools of users give, brought into the form that results have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from llmspell_engine.tools.base import Outcome, ToolError

ONLY = "execute"
"""What a tool without a choice of operations calls what it does."""


def outcome_of(name: str, given: Any, operation: str = ONLY) -> Outcome:
    """What a tool came to. A table that says ``success`` is taken by its word, as older scripts write it.

    Raises ToolError where it says that it has failed.
    """
    if isinstance(given, Outcome):
        return given
    if isinstance(given, Mapping) and isinstance(given.get("success"), bool):
        return _by_its_word(name, given, operation)
    return Outcome(operation, given, text_of(given), f"{name} has answered")


def text_of(value: Any) -> str:
    """A value as text, which the order of its keys does not change; empty for nothing."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True)


def _by_its_word(name: str, given: Mapping[str, Any], operation: str) -> Outcome:
    if not given["success"]:
        error = given.get("error")
        facts = error if isinstance(error, Mapping) else {"message": error}
        told = facts.get("message") or given.get("message") or "it failed and did not say why"
        code = facts.get("code")
        raise ToolError(
            str(told), code=code if isinstance(code, str) and code else "failed", details=facts.get("details")
        )
    others = {
        key: one for key, one in given.items() if key not in ("success", "message", "text", "operation")
    }
    result = given.get("result", given.get("data", others or None))
    text = given.get("text")
    return Outcome(
        str(given.get("operation") or operation),
        result,
        text if isinstance(text, str) else text_of(result),
        str(given.get("message") or f"{name} has answered"),
    )
