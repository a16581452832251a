"""Web pages as Markdown, which models read well."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.html import parsed, selected, title_of
from llmspell_engine.tools.http import Ask, fetch
from llmspell_engine.tools.parameters import ToolParameters

_UNREAD = ("script", "style", "noscript", "template", "svg", "iframe")
_AROUND = ("nav", "header", "footer", "aside", "form")


class MarkdownParameters(ToolParameters):
    """Which page."""

    only_operation: ClassVar[str] = "convert"

    input: str = Field(
        min_length=1,
        description="HTML, or the URL of a page.",
        json_schema_extra={"x-example": "<h1>Hello</h1>"},
    )
    selector: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="A CSS selector of the part to convert."
    )
    main_only: bool = Field(
        False, description="Whether navigation, header, footer, asides and forms are left out."
    )
    links: bool = Field(True, description="Whether links are kept; otherwise only their text is.")
    images: bool = Field(True, description="Whether images are kept.")
    max_length: int | None = Field(
        None, ge=1, description="How many characters at most; the rest is cut off."
    )
    timeout: float = Field(30, gt=0, le=600, description="How long fetching may take, in seconds.")


class MarkdownPage(Result):
    """A page as Markdown."""

    markdown: str = Field(description="The Markdown.")
    title: str | None = Field(None, description="The title of the page.")
    url: str | None = Field(None, description="Where the page came from, where it was fetched.")
    length: int = Field(description="How many characters the whole Markdown has.")
    truncated: bool = Field(description="Whether it was cut off.")


class HtmlToMarkdown(Tool[MarkdownParameters]):
    """Turns HTML or a web page into Markdown."""

    name = "html-to-markdown"
    category = "web"
    security = "restricted"
    aliases = ("html_to_markdown",)
    Parameters = MarkdownParameters
    returns = MarkdownPage

    async def run(self, parameters: MarkdownParameters, context: ToolContext) -> Outcome:
        """Fetch where it is a URL, and convert."""
        from anyio import to_thread

        content: str | bytes = parameters.input
        url = charset = None
        if _is_url(parameters.input):
            ask = Ask(parameters.input.strip(), seconds=parameters.timeout)
            answer = (await fetch(context, ask)).require_ok()
            content, url, charset = answer.content, answer.url, answer.charset
        result = await to_thread.run_sync(
            _converted, content, charset, url, parameters, abandon_on_cancel=True
        )
        return Outcome("convert", result, result.markdown, f"Made {result.length} characters of Markdown")


def _is_url(text: str) -> bool:
    return text.lstrip().lower().startswith(("http://", "https://")) and len(text.split()) == 1


def _converted(
    content: str | bytes, charset: str | None, url: str | None, parameters: MarkdownParameters
) -> MarkdownPage:
    from markdownify import MarkdownConverter

    page = parsed(content, charset)
    title = title_of(page)
    parts = selected(page, parameters.selector) if parameters.selector else [page.body or page]
    if not parts:
        raise ToolError(f"there is nothing that '{parameters.selector}' finds", code="not_found")
    without = [*(() if parameters.links else ("a",)), *(() if parameters.images else ("img",))]
    converter = MarkdownConverter(heading_style="ATX", bullets="-", strip=without)
    made = []
    for part in parts:
        for unread in part.find_all([*_UNREAD, *(_AROUND if parameters.main_only else ())]):
            unread.decompose()
        try:
            made.append(str(converter.convert_soup(part)).strip())
        except RecursionError:
            raise ToolError("the page is nested too deeply", code="too_deep") from None
    markdown = "\n\n".join(made)
    kept = markdown[: parameters.max_length]
    return MarkdownPage(
        markdown=kept, title=title, url=url, length=len(markdown), truncated=len(kept) < len(markdown)
    )
