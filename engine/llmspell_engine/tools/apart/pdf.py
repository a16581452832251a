"""What is in a PDF file, read with pypdf."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdf.filters  # noqa: F401 (pypdf imports it late: what is loaded already is not loaded for each file)
from pypdf import PdfReader
from pypdf.errors import (
    DependencyError,
    FileNotDecryptedError,
    LimitReachedError,
    PdfReadError,
    PyPdfError,
    WrongPasswordError,
)

from llmspell_engine.tools.error import ToolError

if TYPE_CHECKING:
    from io import BufferedReader

_HEAD = 1024
"""The bytes in which other readers look for the sign of a PDF too."""


def perform(path: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The facts of a file, or its pages with their text."""
    name = arguments["name"]
    try:
        with Path(path).open("rb") as stream:
            reader = _reader(stream, arguments["password"] or "")
            if arguments["operation"] == "extract_metadata":
                return _facts(reader), b""
            pages = list(_pages(reader, arguments))
            return {"pages": pages, "page_count": len(reader.pages)}, b""
    except (FileNotDecryptedError, WrongPasswordError):
        raise ToolError(f"'{name}' needs the right 'password'", code="encrypted") from None
    except DependencyError as error:
        raise ToolError(f"'{name}': {error}", code="needs_installation") from None
    except LimitReachedError as error:
        raise ToolError(f"'{name}' is larger inside than it may be: {error}", code="too_large") from None
    except (PyPdfError, RecursionError, ValueError, KeyError, TypeError, AttributeError) as error:
        # A broken file has anything where something else should be, and pypdf does not tell it as one kind.
        raise ToolError(f"'{name}' is broken or no PDF: {error}", code="broken_pdf") from None


def _reader(stream: BufferedReader, password: str) -> PdfReader:
    """What reads a file, which may be encrypted with no password at all."""
    # In what is no PDF, pypdf looks for the end byte by byte.
    if b"%PDF-" not in stream.read(_HEAD):
        raise PdfReadError("no PDF begins like this")
    stream.seek(0)
    reader = PdfReader(stream)
    if reader.is_encrypted and not reader.decrypt(password):
        raise WrongPasswordError
    return reader


def _pages(reader: PdfReader, arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
    count = len(reader.pages)
    first, last = arguments["start_page"] or 1, min(arguments["end_page"] or count, count)
    if first > count:
        pages = f"{count} page{'' if count == 1 else 's'}"
        raise ToolError(
            f"'start_page' is {first}, but '{arguments['name']}' has {pages}", code="out_of_range"
        )
    for number in range(first, last + 1):
        yield {"page": number, "content": str(reader.pages[number - 1].extract_text()).strip()}


def _facts(reader: PdfReader) -> dict[str, Any]:
    told = reader.metadata
    return {
        "page_count": len(reader.pages),
        "version": reader.pdf_header.removeprefix("%PDF-"),
        "encrypted": reader.is_encrypted,
        "title": _text(told.title if told else None),
        "author": _text(told.author if told else None),
        "subject": _text(told.subject if told else None),
        "keywords": _text(told.keywords if told else None),
        "creator": _text(told.creator if told else None),
        "producer": _text(told.producer if told else None),
        "created": _time(told.creation_date if told else None),
        "modified": _time(told.modification_date if told else None),
    }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
