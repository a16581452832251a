"""Searching in the text of files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, counted, stop_if_cancelled
from llmspell_engine.tools.files import lines_of, told_as_tool_errors
from llmspell_engine.tools.given import GivenPath
from llmspell_engine.tools.parameters import ToolParameters
from llmspell_engine.tools.utility.patterns import PatternSettings, compiled, told_when_slow

if TYPE_CHECKING:
    import regex

MOST_MATCHES = 10_000
Extension = Annotated[str, Field(min_length=1, max_length=40)]


class SearchParameters(ToolParameters):
    """What is looked for, and where."""

    only_operation: ClassVar[str] = "search"

    pattern: Annotated[str, Field(min_length=1)] = Field(
        description="The text to look for, or a regular expression with `use_regex`."
    )
    path: GivenPath = Field(description="The file or folder to look in.")
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
    text: str = Field(description="The line.")
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
        pattern = compiled(parameters.pattern, settings)
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
    path: Path, start: Path, pattern: regex.Pattern[str], parameters: SearchParameters, found: _Found
) -> None:
    stop_if_cancelled()
    lines = _lines(path, parameters.max_file_size)
    if lines is None:
        found.skipped += 1
        return
    found.searched += 1
    name = path.name if path == start else path.relative_to(start).as_posix()
    most = parameters.max_matches_per_file or MOST_MATCHES
    with told_when_slow(parameters.pattern):
        for match in islice(_matches(lines, name, pattern, parameters.context_lines), most):
            if len(found.matches) == MOST_MATCHES:
                found.truncated = True
                return
            found.matches.append(match)


def _lines(path: Path, largest: int) -> list[str] | None:
    """The lines of a text file; None where it is too large, cannot be read, or is no text."""
    try:
        if path.stat().st_size > largest:
            return None
        data = path.read_bytes()
        return None if b"\0" in data[:8192] else lines_of(data.decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return None


def _matches(lines: list[str], name: str, pattern: regex.Pattern[str], around: int) -> Iterator[Match]:
    for index, line in enumerate(lines):
        for place in pattern.finditer(line, timeout=1, concurrent=True):
            yield Match(
                path=name,
                line=index + 1,
                column=place.start() + 1,
                text=line,
                before=lines[max(0, index - around) : index],
                after=lines[index + 1 : index + 1 + around],
            )
