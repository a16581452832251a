"""What a journal keeps: results of steps as JSON has them, and what a workflow is made of."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from llmspell_engine.agents.base import ToolUse
from llmspell_engine.providers.base import Media, Usage
from llmspell_engine.workflows.results import StepResult


def record_of(result: StepResult) -> dict[str, Any]:
    """A result as JSON has it, but for its output, which may be anything."""
    plain = {one.name: getattr(result, one.name) for one in fields(result)}
    uses = [asdict(use) for use in result.tool_uses]
    media = [{**asdict(one), "data": _in_letters(one.data)} for one in result.media]
    return {**plain, "usage": asdict(result.usage), "tool_uses": uses, "media": media}


def result_of(record: Mapping[str, Any]) -> StepResult:
    """The result that a record is of."""
    kept = dict(record)
    usage = Usage(**kept.pop("usage"))
    uses = tuple(ToolUse(**use) for use in kept.pop("tool_uses"))
    media = tuple(_medium_of(one) for one in kept.pop("media", ()))
    return StepResult(**{**kept, "usage": usage, "tool_uses": uses, "media": media, "restored": True})


@dataclass(frozen=True, slots=True)
class Definition:
    """What a workflow is made of, by which a changed one is told. ``names`` are those of all steps."""

    kind: str
    steps: object
    names: Sequence[str]

    @property
    def fingerprint(self) -> str:
        """A short text that is another one for other steps."""
        return hashlib.sha256(json.dumps([self.kind, self.steps]).encode()).hexdigest()[:16]

    def difference(self, earlier: Sequence[str] | None) -> str:
        """What has become of the names of earlier, as the end of a sentence."""
        if earlier is None:
            return ""
        gone = [f"'{name}' is gone" for name in earlier if name not in self.names]
        new = [f"'{name}' is new" for name in self.names if name not in earlier]
        return f": {', '.join([*gone, *new]) or 'in another order, or of other kinds'}"


def _in_letters(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _medium_of(record: Mapping[str, Any]) -> Media:
    data = record["data"]
    return Media(**{**record, "data": None if data is None else base64.b64decode(data)})
