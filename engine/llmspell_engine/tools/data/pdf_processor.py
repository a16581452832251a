"""What is in PDF files: text, pages, and what they tell of themselves."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted, stop_if_cancelled
from llmspell_engine.tools.given import GivenPath, bytes_of
from llmspell_engine.tools.parameters import ToolParameters
from llmspell_engine.tools.requirements import Extra

if TYPE_CHECKING:
    from pypdf import PdfReader

Page = Annotated[int, Field(ge=1)]


class PdfParameters(ToolParameters):
    """What is read from which file."""

    older_names: ClassVar[dict[str, str]] = {"path": "input"}

    operation: Literal["extract_text", "extract_metadata", "extract_pages"] = Field(
        "extract_text", description="Read the text, what the file tells of itself, or page by page."
    )
    input: GivenPath = Field(description="The PDF file.")
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
    blocks = True

    def run(self, parameters: PdfParameters, context: ToolContext) -> Outcome:
        """Read the file."""
        with _opened(parameters, context) as reader:
            if parameters.operation == "extract_metadata":
                return _metadata(reader, parameters.input)
            pages = list(_pages(reader, parameters))
            count = len(reader.pages)
        text = "\n\n".join(page.content for page in pages)
        message = f"Read {counted(len(pages), 'page')}"
        if parameters.operation == "extract_text":
            result = PdfText(path=parameters.input, content=text, page_count=count)
            return Outcome("extract_text", result, text, message)
        found = PdfPages(path=parameters.input, pages=pages, page_count=count)
        return Outcome("extract_pages", found, text, message)


@contextmanager
def _opened(parameters: PdfParameters, context: ToolContext) -> Iterator[PdfReader]:
    from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError, WrongPasswordError

    data = bytes_of(parameters.input, context)
    try:
        yield _reader(data, parameters.password or "")
    except (FileNotDecryptedError, WrongPasswordError):
        raise ToolError(f"'{parameters.input}' needs the right 'password'", code="encrypted") from None
    except DependencyError as error:
        raise ToolError(f"'{parameters.input}': {error}", code="needs_installation") from None
    except (PyPdfError, RecursionError, ValueError, KeyError, TypeError, AttributeError) as error:
        # A broken file has anything where something else should be, and pypdf does not tell it as one kind.
        raise ToolError(f"'{parameters.input}' is broken or no PDF: {error}", code="broken_pdf") from None


def _reader(data: bytes, password: str) -> PdfReader:
    """What reads a file, which may be encrypted with no password at all."""
    from pypdf import PdfReader
    from pypdf.errors import WrongPasswordError

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(password):
        raise WrongPasswordError
    return reader


def _pages(reader: PdfReader, parameters: PdfParameters) -> Iterator[PdfPage]:
    count = len(reader.pages)
    first, last = parameters.start_page or 1, min(parameters.end_page or count, count)
    if first > count:
        raise ToolError(
            f"'start_page' is {first}, but '{parameters.input}' has {counted(count, 'page')}",
            code="out_of_range",
        )
    for number in range(first, last + 1):
        stop_if_cancelled()
        yield PdfPage(page=number, content=reader.pages[number - 1].extract_text().strip())


def _metadata(reader: PdfReader, given: str) -> Outcome:
    told = reader.metadata
    result = PdfMetadata(
        path=given,
        page_count=len(reader.pages),
        version=reader.pdf_header.removeprefix("%PDF-"),
        encrypted=reader.is_encrypted,
        title=told.title if told else None,
        author=told.author if told else None,
        subject=told.subject if told else None,
        keywords=told.keywords if told else None,
        creator=told.creator if told else None,
        producer=told.producer if told else None,
        created=_time(told.creation_date if told else None),
        modified=_time(told.modification_date if told else None),
    )
    text = "\n".join(f"{name}: {value}" for name, value in result.model_dump(exclude_none=True).items())
    return Outcome("extract_metadata", result, text, f"Looked at {given}")


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
