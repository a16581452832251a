"""What the data of points may become: the kinds of the fields that work goes on with.

A handler that makes a number of a tool's parameters has given something that decides nothing. It is told as
failed, and the work goes on without it; whoever does the work may rely on these kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from llmspell_engine.hooks.decisions import Decision, DecisionError
from llmspell_engine.hooks.points import (
    AGENT_EXECUTION,
    EVENT_EMIT,
    MODEL_CALL,
    STATE_READ,
    STATE_WRITE,
    TOOL_EXECUTION,
    WORKFLOW,
    WORKFLOW_STAGE,
    HookPoint,
)


class Kind:
    """What a field may be. ``empty`` is what an empty table stands for, of which Lua has one for both."""

    def __init__(self, words: str, fits: Callable[[Any], bool], empty: Any = None) -> None:
        self.words = words
        self.fits = fits
        self.empty = empty


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


def _is_calls(value: Any) -> bool:
    """Whether a value is calls of tools as models ask for them."""
    return isinstance(value, list | tuple) and all(
        isinstance(one, Mapping)
        and isinstance(one.get("name"), str)
        and (isinstance(one.get("arguments"), Mapping) or not one.get("arguments"))
        for one in value
    )


def _is_conversation(value: Any) -> bool:
    """Whether a value is what was said, in short or part by part; the roles are told by who reads it."""
    if isinstance(value, str):
        return True
    return isinstance(value, list) and all(isinstance(one, Mapping) and "role" in one for one in value)


def _optional(kind: Kind) -> Kind:
    return Kind(f"{kind.words}, or nothing", lambda value: value is None or kind.fits(value), kind.empty)


_TEXT = Kind("a text", lambda value: isinstance(value, str))
_NAME = Kind("a text that is not empty", lambda value: isinstance(value, str) and value != "")
_NUMBER = Kind("a number", _is_number)
_TABLE = Kind("a table with names", lambda value: isinstance(value, Mapping), {})
_TEXTS = Kind("a list of texts", _is_texts, [])
_CALLS = Kind("a list of tables with name and arguments", _is_calls, [])
_CONVERSATION = Kind("a text, or a list of tables with role and text", _is_conversation, [])

_REDIRECTED: tuple[HookPoint, ...] = (TOOL_EXECUTION.before, EVENT_EMIT.before)
"""Where something else can take the place of what was to be done."""
_STAGES = (
    AGENT_EXECUTION,
    MODEL_CALL,
    TOOL_EXECUTION,
    WORKFLOW,
    WORKFLOW_STAGE,
    STATE_READ,
    STATE_WRITE,
    EVENT_EMIT,
)
_RETRIED = frozenset(point for stage in _STAGES for point in (stage.after, stage.error))
"""Where there is something to do again."""
_AGENT_ANSWER = {"text": _TEXT}
_MODEL_ANSWER = {"text": _TEXT, "tool_calls": _CALLS}
_PARAMETERS = {"parameters": _TABLE}
_ADDRESS = {"scope": _NAME, "key": _TEXT}
_BEFORE: Mapping[HookPoint, Mapping[str, Kind]] = {
    "BeforeAgentExecution": {"text": _TEXT, "parameters": _TABLE, "context": _TABLE},
    "BeforeModelCall": {
        "messages": _CONVERSATION,
        "temperature": _optional(_NUMBER),
        "max_tokens": _optional(_NUMBER),
    },
    "BeforeToolDiscovery": {"category": _optional(_TEXT), "tag": _optional(_TEXT)},
    "BeforeToolExecution": _PARAMETERS,
    "ToolValidation": _PARAMETERS,
    "BeforeStateRead": _ADDRESS,
    "BeforeStateWrite": {**_ADDRESS, "by": _NUMBER, "keys": _TEXTS},
    "BeforeEventEmit": {
        "event_type": _NAME,
        "correlation_id": _optional(_TEXT),
        "ttl_seconds": _optional(_NUMBER),
    },
}
"""What work is done with."""
_RESULT: Mapping[HookPoint, Mapping[str, Kind]] = {
    "BeforeAgentExecution": _AGENT_ANSWER,
    "AfterAgentExecution": _AGENT_ANSWER,
    "AgentError": _AGENT_ANSWER,
    "BeforeModelCall": _MODEL_ANSWER,
    "AfterModelCall": _MODEL_ANSWER,
    "ModelError": _MODEL_ANSWER,
    "AfterToolDiscovery": {"tools": _TEXTS},
    "BeforeStateWrite": {"removed": _NUMBER},
    "AfterStateWrite": {"removed": _NUMBER},
    "PerformanceThresholdExceeded": {"value": _NUMBER},
    "MemoryUsageHigh": {"value": _NUMBER},
    "CpuUsageHigh": {"value": _NUMBER},
}
"""What came of it, or what a handler gives instead."""


def fitted(point: HookPoint, decision: Decision) -> Decision:
    """The decision with its data in the kinds that the point has.

    Raises DecisionError for data of other kinds, and for what cannot be at the point.
    """
    if decision.kind == "redirect" and point not in _REDIRECTED:
        raise DecisionError(f"nothing can be redirected at {point}, only at {' and '.join(_REDIRECTED)}")
    if decision.kind == "retry" and point not in _RETRIED:
        raise DecisionError(f"nothing can be done again at {point}, only after work and where it failed")
    if decision.kind not in ("modified", "replace"):
        return decision
    is_result = decision.kind == "replace" or point not in _BEFORE
    kinds = (_RESULT if is_result and point in _RESULT else _BEFORE).get(point, {})
    changed = {}
    for name, kind in kinds.items():
        if name not in decision.data:
            continue
        value = decision.data[name]
        if kind.empty is not None and value in ([], {}):
            changed[name] = kind.empty
        elif not kind.fits(value):
            raise DecisionError(f"'{name}' must be {kind.words} at {point}, not {_shown(value)}")
    return replace(decision, data={**decision.data, **changed}) if changed else decision


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    names = {bool: "a truth value", str: "a text", list: "a list", dict: "a table"}
    return names.get(type(value)) or ("a number" if _is_number(value) else type(value).__name__)
