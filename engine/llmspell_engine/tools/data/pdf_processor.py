"""What is in PDF files: text, pages, and what they tell of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.apart.asking import apart
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, counted
from llmspell_engine.tools.given import GivenPath
from llmspell_engine.tools.parameters import ToolParameters
from llmspell_engine.tools.requirements import Extra

Page = Annotated[int, Field(ge=1)]


class PdfParameters(ToolParameters):
    """What is read from which file."""

    older_names: ClassVar[dict[str, str]] = {"path": "input"}

    operation: Literal["extract_text", "extract_metadata", "extract_pages"] = Field(
        "extract_text", description="Read the text, what the file tells of itself, or page by page."
    )
    input: GivenPath = Field(description="The PDF file.", json_schema_extra={"x-example": "paper.pdf"})
    start_page: Page | None = Field(None, description="The first page to read, from 1.")
    end_page: Page | None = Field(None, description="The last page to read.")
    password: str | None = Field(None, description="The password of an encrypted file.")


class PdfText(Result):
    """The text of a PDF."""

    path: str = Field(description="The file.")
    content: str = Field(description="The text; pages are a blank line apart.")
    page_count: int = Field(description="How many pages the file has.")


class PdfPage(Result):
    """A page of a PDF."""

    page: int = Field(description="The page, from 1.")
    content: str = Field(description="Its text.")


class PdfPages(Result):
    """The pages of a PDF."""

    path: str = Field(description="The file.")
    pages: list[PdfPage] = Field(description="The pages.")
    page_count: int = Field(description="How many pages the file has.")


class PdfMetadata(Result):
    """What a PDF tells of itself."""

    path: str = Field(description="The file.")
    page_count: int = Field(description="How many pages it has.")
    version: str = Field(description="The version of the format.")
    encrypted: bool = Field(description="Whether it is encrypted.")
    title: str | None = Field(None, description="The title.")
    author: str | None = Field(None, description="Who wrote it.")
    subject: str | None = Field(None, description="What it is about.")
    keywords: str | None = Field(None, description="Words to find it by.")
    creator: str | None = Field(None, description="The program it was written with.")
    producer: str | None = Field(None, description="The program that made the PDF.")
    created: str | None = Field(None, description="When it was made.")
    modified: str | None = Field(None, description="When it was changed last.")


class PdfProcessor(Tool[PdfParameters]):
    """Reads text, pages and metadata of PDF files."""

    name = "pdf-processor"
    category = "data"
    security = "restricted"
    aliases = ("pdf_processor",)
    requires = (Extra("pypdf", "pdf"),)
    Parameters = PdfParameters
    returns = PdfText | PdfPages | PdfMetadata

    async def run(self, parameters: PdfParameters, context: ToolContext) -> Outcome:
        """Have the file read."""
        given = parameters.input
        facts, _ = await apart("pdf", self.name, given, parameters.model_dump(), context)
        if parameters.operation == "extract_metadata":
            return _metadata(facts, given)
        pages = [PdfPage(**page) for page in facts["pages"]]
        text = "\n\n".join(page.content for page in pages)
        message = f"Read {counted(len(pages), 'page')}"
        if parameters.operation == "extract_text":
            result = PdfText(path=given, content=text, page_count=facts["page_count"])
            return Outcome("extract_text", result, text, message)
        found = PdfPages(path=given, pages=pages, page_count=facts["page_count"])
        return Outcome("extract_pages", found, text, message)


def _metadata(facts: Mapping[str, Any], given: str) -> Outcome:
    result = PdfMetadata(path=given, **facts)
    text = "\n".join(f"{name}: {value}" for name, value in result.model_dump(exclude_none=True).items())
    return Outcome("extract_metadata", result, text, f"Looked at {given}")
