"""Searching in the text of files."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, counted, stop_if_cancelled
from llmspell_engine.tools.files import told_as_tool_errors
from llmspell_engine.tools.filesystem.line_patterns import BLOCK, LinePattern, shown
from llmspell_engine.tools.given import GivenPath
from llmspell_engine.tools.parameters import ToolParameters
from llmspell_engine.tools.utility.patterns import PatternSettings, compiled, told_when_slow

MOST_MATCHES = 10_000
Extension = Annotated[str, Field(min_length=1, max_length=40)]


class SearchParameters(ToolParameters):
    """What is looked for, and where."""

    only_operation: ClassVar[str] = "search"

    pattern: Annotated[str, Field(min_length=1)] = Field(
        description="The text to look for, or a regular expression with `use_regex`.",
        json_schema_extra={"x-example": "TODO"},
    )
    path: GivenPath = Field(
        description="The file or folder to look in.", json_schema_extra={"x-example": "."}
    )
    recursive: bool = Field(False, description="Look in the folders of a folder too.")
    case_sensitive: bool = Field(True, description="Whether capital and small letters differ.")
    use_regex: bool = Field(False, description="Whether `pattern` is a regular expression.")
    context_lines: Annotated[int, Field(ge=0, le=100)] = Field(
        2, description="The lines to show before and after a match."
    )
    include_extensions: list[Extension] | None = Field(
        None, description="Look in files with these ends only, such as `lua`."
    )
    exclude_extensions: list[Extension] | None = Field(None, description="Leave out files with these ends.")
    exclude_dirs: list[Extension] | None = Field(None, description="Leave out folders of these names.")
    max_file_size: Annotated[int, Field(ge=1)] = Field(
        10 * 1024 * 1024, description="Leave out files that are larger, in bytes."
    )
    max_matches_per_file: Annotated[int, Field(ge=0)] = Field(
        0, description="The most matches of a file; 0 for all."
    )
    max_depth: Annotated[int, Field(ge=1, le=100)] = Field(20, description="How many folders deep to look.")


class Match(Result):
    """A place where it was found."""

    path: str = Field(description="The file, from the path that was searched.")
    line: int = Field(description="The line, from 1.")
    column: int = Field(description="The column, from 1.")
    text: str = Field(description="The line; of a long one, what is around the match.")
    before: list[str] = Field(description="The lines before it.")
    after: list[str] = Field(description="The lines after it.")


class SearchResult(Result):
    """What a search found."""

    matches: list[Match] = Field(description="The places, file by file.")
    count: int = Field(description="How many there are.")
    files_searched: int = Field(description="How many files were looked in.")
    files_skipped: int = Field(description="How many were no text, too large or not to be read.")
    truncated: bool = Field(description="Whether there were more matches than are told.")


@dataclass(slots=True)
class _Found:
    matches: list[Match] = field(default_factory=list)
    searched: int = 0
    skipped: int = 0
    truncated: bool = False


class FileSearch(Tool[SearchParameters]):
    """Searches the text of files for words or regular expressions."""

    name = "file-search"
    category = "filesystem"
    security = "restricted"
    aliases = ("file_search",)
    Parameters = SearchParameters
    returns = SearchResult
    blocks = True

    def run(self, parameters: SearchParameters, context: ToolContext) -> Outcome:
        """Search."""
        start = context.permissions.readable(parameters.path)
        settings = PatternSettings(
            ignore_case=not parameters.case_sensitive, literal=not parameters.use_regex
        )
        pattern = LinePattern(compiled(parameters.pattern, settings))
        found = _Found()
        with told_as_tool_errors(parameters.path):
            if not start.exists():
                raise FileNotFoundError
            for path in _files(start, parameters):
                _search(path, start, pattern, parameters, found)
                if found.truncated:
                    break
        result = SearchResult(
            matches=found.matches,
            count=len(found.matches),
            files_searched=found.searched,
            files_skipped=found.skipped,
            truncated=found.truncated,
        )
        text = "\n".join(f"{one.path}:{one.line}:{one.column}: {one.text}" for one in found.matches)
        message = f"Found {counted(result.count, 'place')} in {counted(found.searched, 'file')}"
        return Outcome("search", result, text, message)


def _files(start: Path, parameters: SearchParameters) -> Iterator[Path]:
    """The files to look in, by name. Links are not followed: they may lead anywhere."""
    if start.is_file():
        yield start
        return
    for folder, names, files in os.walk(start):
        depth = len(Path(folder).relative_to(start).parts) + 1
        inner = [name for name in names if name not in (parameters.exclude_dirs or ())]
        names[:] = sorted(inner) if parameters.recursive and depth < parameters.max_depth else []
        for name in sorted(files):
            path = Path(folder) / name
            if _is_wanted(name, parameters) and path.is_file() and not path.is_symlink():
                yield path


def _is_wanted(name: str, parameters: SearchParameters) -> bool:
    included, excluded = parameters.include_extensions, parameters.exclude_extensions
    return (included is None or _ends(name, included)) and not (excluded and _ends(name, excluded))


def _ends(name: str, extensions: Sequence[str]) -> bool:
    return any(name.lower().endswith("." + one.lower().lstrip(".")) for one in extensions)


def _search(
    path: Path, start: Path, pattern: LinePattern, parameters: SearchParameters, found: _Found
) -> None:
    stop_if_cancelled()
    name = path.name if path == start else path.relative_to(start).as_posix()
    most = parameters.max_matches_per_file or MOST_MATCHES
    before = len(found.matches)
    try:
        with _lines(path, parameters.max_file_size) as lines, told_when_slow(parameters.pattern):
            for match in islice(_matches(lines, name, pattern, parameters.context_lines), most):
                if len(found.matches) == MOST_MATCHES:
                    found.truncated = True
                    break
                found.matches.append(match)
    except (_SkippedError, OSError, UnicodeDecodeError):
        # What is no text after all has no lines either.
        del found.matches[before:]
        found.skipped += 1
        return
    found.searched += 1


class _SkippedError(Exception):
    """A file is too large, or no text."""


@contextmanager
def _lines(path: Path, largest: int) -> Iterator[Iterator[str]]:
    """The lines of a text file, which are read as they are asked for."""
    with path.open("rb") as stream:
        if os.fstat(stream.fileno()).st_size > largest or b"\0" in stream.peek(8192)[:8192]:
            raise _SkippedError
        # All three ends of lines become one.
        with io.TextIOWrapper(stream, "utf-8-sig", newline=None) as text:
            yield text


def _matches(lines: Iterator[str], name: str, pattern: LinePattern, around: int) -> Iterator[Match]:
    at = 1
    for before, block, after in _blocks(lines):
        for index, column in pattern.places(block):
            here = len(before) + index
            all_lines = [*before, *block, *after]
            yield Match(
                path=name,
                line=at + index,
                column=column + 1,
                text=shown(block[index], column),
                before=[shown(line) for line in all_lines[max(0, here - around) : here]],
                after=[shown(line) for line in all_lines[here + 1 : here + 1 + around]],
            )
        at += len(block)


def _blocks(lines: Iterator[str]) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """The lines in blocks, each with the one before and the one after it."""
    before: list[str] = []
    block = _block(lines)
    while block:
        stop_if_cancelled()
        after = _block(lines)
        yield before, block, after
        before, block = block, after


def _block(lines: Iterator[str]) -> list[str]:
    return [line.removesuffix("\n") for line in islice(lines, BLOCK)]
