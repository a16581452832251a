"""Reading HTML for tools: pages as they are, with what is wrong in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from llmspell_engine.tools.base import ToolError

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_UNSEEN = ("script", "style", "noscript", "template", "title")
_BLOCKS = re.compile(
    "^(address|article|aside|blockquote|br|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|"
    "header|hr|li|main|nav|ol|p|pre|section|table|td|th|tr|ul)$"
)
"""Elements that begin a line of their own."""


def parsed(content: str | bytes, charset: str | None = None) -> BeautifulSoup:
    """The page of a text, or of bytes, whose encoding may stand in the page."""
    from bs4 import BeautifulSoup

    if isinstance(content, str):
        return BeautifulSoup(content, "html.parser")
    return BeautifulSoup(content, "html.parser", from_encoding=charset)


def selected(page: Tag, selector: str) -> list[Tag]:
    """What a CSS selector finds. Raises ToolError where it is none."""
    from soupsieve import SelectorSyntaxError

    try:
        return list(page.select(selector))
    except (SelectorSyntaxError, NotImplementedError, ValueError) as error:
        told = str(error).partition("\n")[0]
        raise ToolError(f"'{selector}' is no CSS selector: {told}", code="invalid_selector") from None


def title_of(page: BeautifulSoup) -> str | None:
    """The title that stands in the head of a page."""
    found = page.title.get_text() if page.title else ""
    return " ".join(found.split()) or None


def text_of(part: Tag) -> str:
    """What a reader would see of a part, a line for each block. Takes away what no reader sees."""
    for unseen in part.find_all(_UNSEEN):
        unseen.decompose()
    for block in part.find_all(_BLOCKS):
        block.insert_before("\n")
        block.insert_after("\n")
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in part.get_text().split("\n"))
    return "\n".join(line for line in lines if line)


def absolute(base: str, link: str) -> str:
    """Where a link of a page leads."""
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return link
