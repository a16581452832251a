"""What changed in a web page."""

from __future__ import annotations

import difflib
import hashlib
from typing import Annotated, ClassVar

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.html import parsed, selected, text_of
from llmspell_engine.tools.http import Ask, Fetched, fetch
from llmspell_engine.tools.parameters import ToolParameters

_MOST_LINES = 5000
"""Lines that are compared one by one: the time grows with their square."""


class MonitorParameters(ToolParameters):
    """Which page, and what it was before."""

    only_operation: ClassVar[str] = "monitor"
    older_names: ClassVar[dict[str, str]] = {"url": "input"}

    input: str = Field(min_length=1, description="The URL of the page.")
    previous_content: str | None = Field(
        None, description="The `content` of an earlier call; without it the page is only read."
    )
    selector: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="A CSS selector of the part to watch."
    )
    ignore_whitespace: bool = Field(True, description="Whether spaces and line ends make no difference.")
    timeout: float = Field(30, gt=0, le=600, description="How long it may take, in seconds.")


class PageChange(Result):
    """What a page says now, and how that differs."""

    url: str = Field(description="Where the page came from, after redirects.")
    content: str = Field(description="Its text now; give it as `previous_content` next time.")
    hash: str = Field(description="The SHA-256 digest of the text.")
    changed: bool = Field(description="Whether the text differs from the earlier one.")
    added: list[str] = Field(description="Lines that are new.")
    removed: list[str] = Field(description="Lines that are gone.")
    similarity: float | None = Field(None, description="How much is the same, from 0 to 1.")


class WebpageMonitor(Tool[MonitorParameters]):
    """Compares a web page with an earlier copy of its text."""

    name = "webpage-monitor"
    category = "web"
    security = "restricted"
    aliases = ("webpage_monitor",)
    Parameters = MonitorParameters
    returns = PageChange

    async def run(self, parameters: MonitorParameters, context: ToolContext) -> Outcome:
        """Fetch and compare."""
        from anyio import to_thread

        answer = (await fetch(context, Ask(parameters.input, seconds=parameters.timeout))).require_ok()
        result = await to_thread.run_sync(_compared, answer, parameters, abandon_on_cancel=True)
        told = "changed" if result.changed else "did not change"
        if parameters.previous_content is None:
            return Outcome("monitor", result, result.content, f"Read '{result.url}'")
        lines = [*(f"- {line}" for line in result.removed), *(f"+ {line}" for line in result.added)]
        count = counted(len(lines), "line")
        return Outcome("monitor", result, "\n".join(lines), f"'{result.url}' {told}, in {count}")


def _compared(answer: Fetched, parameters: MonitorParameters) -> PageChange:
    content = _content(answer, parameters.selector)
    before, after = parameters.previous_content, content
    if parameters.ignore_whitespace:
        before, after = before and _spaced(before), _spaced(after)
    digest = hashlib.sha256(content.encode()).hexdigest()
    found = PageChange(url=answer.url, content=content, hash=digest, changed=False, added=[], removed=[])
    if before is None:
        return found
    old, new = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(None, old[:_MOST_LINES], new[:_MOST_LINES], autojunk=False)
    blocks = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return found.model_copy(
        update={
            "changed": before != after,
            "removed": [line for _, start, end, _, _ in blocks for line in old[start:end]],
            "added": [line for _, _, _, start, end in blocks for line in new[start:end]],
            "similarity": round(matcher.ratio(), 4),
        }
    )


def _content(answer: Fetched, selector: str | None) -> str:
    """The text to watch: that of a page, or of anything else as it is."""
    if "html" not in answer.media_type and selector is None:
        return answer.text
    page = parsed(answer.content, answer.charset)
    if selector is None:
        return text_of(page.body or page)
    parts = selected(page, selector)
    if not parts:
        raise ToolError(f"'{answer.url}' has nothing that '{selector}' finds", code="not_found")
    return "\n".join(map(text_of, parts))


def _spaced(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
