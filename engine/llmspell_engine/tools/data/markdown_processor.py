"""Markdown, as CommonMark and the tables of GitHub have it: HTML, text, outline, links, front matter."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.data.documents import plain
from llmspell_engine.tools.given import GivenPath, given_text
from llmspell_engine.tools.parameters import Needs, ToolParameters

if TYPE_CHECKING:
    from markdown_it.token import Token

Operation = Literal["to_html", "to_text", "outline", "links", "code_blocks", "front_matter"]
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)


class MarkdownParameters(ToolParameters):
    """What is done with which text."""

    needs: ClassVar[Needs] = dict.fromkeys(
        ("to_html", "to_text", "outline", "links", "code_blocks", "front_matter"), (("input", "path"),)
    )

    operation: Operation = Field("to_html", description="What to do.")
    input: str | None = Field(None, description="The Markdown.", json_schema_extra={"x-example": "# Hello"})
    path: GivenPath | None = Field(None, description="The file to read in place of `input`.")
    allow_html: bool = Field(
        False, description="`to_html`: let HTML in the text through, which may hold scripts."
    )


class Heading(Result):
    """A heading."""

    level: int = Field(description="How deep it is, from 1 to 6.")
    text: str = Field(description="What it says.")
    slug: str = Field(description="What links to it are called.")
    line: int = Field(description="The line it stands in, from 1.")


class Link(Result):
    """A link or an image."""

    text: str = Field(description="What it says.")
    url: str = Field(description="Where it leads.")
    title: str | None = Field(None, description="What is told beside it.")
    image: bool = Field(description="Whether it is an image.")


class CodeBlock(Result):
    """A block of code."""

    language: str = Field(description="The language that is told; empty where none is.")
    code: str = Field(description="The code.")
    line: int = Field(description="The line it begins in, from 1.")


class MarkdownResult(Result):
    """What came out; what was not asked for is absent."""

    output: str | None = Field(None, description="The HTML or the text.")
    headings: list[Heading] | None = Field(None, description="The headings.")
    links: list[Link] | None = Field(None, description="The links and images.")
    code_blocks: list[CodeBlock] | None = Field(None, description="The blocks of code.")
    front_matter: dict[str, Any] | None = Field(None, description="What stands in front, in YAML.")
    body: str | None = Field(None, description="The text without what stands in front.")


class MarkdownProcessor(Tool[MarkdownParameters]):
    """Turns Markdown into HTML or text, and finds its outline, links, code and front matter."""

    name = "markdown-processor"
    category = "data"
    aliases = ("markdown_processor",)
    Parameters = MarkdownParameters
    returns = MarkdownResult
    blocks = True

    def run(self, parameters: MarkdownParameters, context: ToolContext) -> Outcome:
        """Do the operation."""
        whole = given_text(parameters.input, parameters.path, context)
        front = _FRONT.match(whole)
        body = whole[front.end() :] if front else whole
        if parameters.operation == "front_matter":
            return _front_matter(front[1] if front else "", body)
        if parameters.operation == "to_html":
            html = _parser(parameters.allow_html).render(body)
            return Outcome("to_html", MarkdownResult(output=html), html, "Made HTML")
        # Lines are counted in the whole text.
        skipped = whole[: front.end()].count("\n") if front else 0
        return _READERS[parameters.operation](_parser(True).parse(body), skipped)


def _parser(html: bool) -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": html}).enable(["table", "strikethrough"])


def _front_matter(text: str, body: str) -> Outcome:
    import yaml

    try:
        found = plain(yaml.safe_load(text)) or {}
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        told = str(error).splitlines()[0]
        raise ToolError(f"what stands in front is no YAML: {told}", code="invalid_yaml") from None
    if not isinstance(found, dict):
        raise ToolError("what stands in front is no table", code="invalid_yaml")
    result = MarkdownResult(front_matter=found, body=body)
    text = json.dumps(found, ensure_ascii=False)
    return Outcome("front_matter", result, text, f"Found {counted(len(found), 'key')}")


def _to_text(tokens: list[Token], _: int) -> Outcome:
    blocks = [_shown(token) for token in tokens if token.type in ("inline", "fence", "code_block")]
    text = "\n".join(blocks)
    return Outcome("to_text", MarkdownResult(output=text), text, "Made plain text")


def _shown(token: Token) -> str:
    """What a reader sees of a block."""
    if token.children is None:
        return token.content.rstrip("\n")
    return "".join(_visible(child) for child in token.children)


def _visible(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    return token.content if token.type in ("text", "code_inline", "image") else ""


def _outline(tokens: list[Token], skipped: int) -> Outcome:
    headings: list[Heading] = []
    slugs: dict[str, int] = {}
    for start, inline in pairwise(tokens):
        if start.type == "heading_open":
            text = _shown(inline)
            line = (start.map or [0])[0] + 1 + skipped
            headings.append(Heading(level=int(start.tag[1:]), text=text, slug=_slug(text, slugs), line=line))
    lines = "\n".join(f"{'  ' * (one.level - 1)}- {one.text}" for one in headings)
    result = MarkdownResult(headings=headings)
    return Outcome("outline", result, lines, f"Found {counted(len(headings), 'heading')}")


def _slug(text: str, known: dict[str, int]) -> str:
    """The anchor that GitHub gives a heading: a number tells those of the same text apart."""
    slug = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
    count = known.get(slug, 0)
    known[slug] = count + 1
    return f"{slug}-{count}" if count else slug


def _links(tokens: list[Token], _: int) -> Outcome:
    links = [link for token in tokens if token.children for link in _links_of(token.children)]
    text = "\n".join(link.url for link in links)
    return Outcome("links", MarkdownResult(links=links), text, f"Found {counted(len(links), 'link')}")


def _links_of(tokens: list[Token]) -> Iterator[Link]:
    """The links and images of a line; an image may stand in a link."""
    for place, token in enumerate(tokens):
        if token.type == "image":
            yield _link(token, "src", token.content)
        elif token.type == "link_open":
            after = tokens[place + 1 :]
            end = next(number for number, one in enumerate(after) if one.type == "link_close")
            yield _link(token, "href", "".join(_visible(one) for one in after[:end]))


def _link(token: Token, attribute: str, text: str) -> Link:
    title = token.attrGet("title")
    return Link(
        text=text,
        url=str(token.attrGet(attribute) or ""),
        title=None if title is None else str(title),
        image=attribute == "src",
    )


def _code_blocks(tokens: list[Token], skipped: int) -> Outcome:
    blocks = [
        CodeBlock(
            language=(token.info.split() or [""])[0],
            code=token.content,
            line=(token.map or [0])[0] + 1 + skipped,
        )
        for token in tokens
        if token.type in ("fence", "code_block")
    ]
    text = "\n".join(block.code for block in blocks)
    result = MarkdownResult(code_blocks=blocks)
    return Outcome("code_blocks", result, text, f"Found {counted(len(blocks), 'block')}")


_READERS: dict[str, Callable[[list[Token], int], Outcome]] = {
    "to_text": _to_text,
    "outline": _outline,
    "links": _links,
    "code_blocks": _code_blocks,
}
