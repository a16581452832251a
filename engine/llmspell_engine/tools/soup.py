"""The tree of a page, which takes long to make of a large one."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup, Tag

from llmspell_engine.tools.base import stop_if_cancelled


class Page(BeautifulSoup):
    """A page, read on a worker thread; reading ends when nobody waits for it any more."""

    def handle_starttag(self, *given: Any, **named: Any) -> Tag | None:
        """Take an element."""
        stop_if_cancelled()
        return super().handle_starttag(*given, **named)
