"""What servers answer, as scripts read it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.tools.base import ToolError
from llmspell_engine.tools.data_values import DataList, DataTable
from llmspell_engine.tools.http import Fetched

if TYPE_CHECKING:
    from collections.abc import Mapping

Coding = Literal["json", "text", "base64"]
Body = str | DataList | DataTable
"""What scripts send: a text as it is, a list or a table as JSON."""


def body_of(answer: Fetched) -> tuple[Any, Coding]:
    """The content of an answer, and how it is given: what JSON means, as text, else in base64."""
    if answer.media_type.endswith(("/json", "+json")):
        try:
            return json.loads(answer.content), "json"
        except (ValueError, RecursionError):
            pass
    if answer.is_text:
        return answer.text, "text"
    return base64.b64encode(answer.content).decode(), "base64"


def encoded(body: Body | None, headers: Mapping[str, str]) -> tuple[bytes | None, dict[str, str]]:
    """A body to send, and the headers with its type."""
    given = dict(headers)
    if body is None:
        return None, given
    kind = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json"
    if not any(name.lower() == "content-type" for name in given):
        given["Content-Type"] = kind
    return (body.encode() if isinstance(body, str) else json_bytes(body)), given


def json_bytes(value: Any) -> bytes:
    """A value as JSON. Raises ToolError where it holds what JSON has no word for."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise ToolError(f"the body cannot be written as JSON: {error}", code="invalid_input") from None
