"""Reading HTML for tools: pages as they are, with what is wrong in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from llmspell_engine.tools.base import ToolError

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

_UNSEEN = frozenset({"script", "style", "noscript", "template", "title"})
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "br", "dd", "details", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li"),
        *("main", "nav", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"),
    }
)
"""Elements that begin a line of their own."""


def parsed(content: str | bytes, charset: str | None = None) -> BeautifulSoup:
    """The page of a text, or of bytes, whose encoding may stand in the page. Only on a worker thread."""
    from llmspell_engine.tools.soup import Page

    # lxml makes the tree in a quarter of the time that Python's own parser takes.
    return Page(content if isinstance(content, str) else _decoded(content, charset), "lxml")


def _decoded(content: bytes, charset: str | None) -> str:
    """A page as text: what the server says of its encoding goes before what the page says itself."""
    from bs4.dammit import UnicodeDammit

    known = [charset] if charset else []
    text = UnicodeDammit(content, known_definite_encodings=known, is_html=True).unicode_markup
    return text if text is not None else content.decode(charset or "utf-8", "replace")


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
    """What a reader would see of a part, a line for each block."""
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in "".join(_pieces(part)).split("\n"))
    return "\n".join(line for line in lines if line)


def _pieces(part: Tag) -> Iterator[str]:
    """The texts of a part and the ends of its lines, in order; those of the source count in ``pre`` only."""
    from bs4.element import CData, NavigableString, Tag

    waiting: list[tuple[Any, bool]] = [(part, part.name == "pre")]
    while waiting:
        node, is_preformatted = waiting.pop()
        if isinstance(node, Tag):
            if node.name in _UNSEEN:
                continue
            inside = is_preformatted or node.name == "pre"
            if node.name in _BLOCKS:
                yield "\n"
                waiting.append(("\n", True))
            waiting.extend((child, inside) for child in reversed(node.contents))
        elif type(node) in (str, NavigableString, CData):
            yield str(node) if is_preformatted else node.replace("\n", " ")


def absolute(base: str, link: str) -> str:
    """Where a link of a page leads."""
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return link
