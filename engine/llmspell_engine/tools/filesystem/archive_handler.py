"""Archives: packing, unpacking and listing.

An archive comes from anywhere, so nothing that it says is trusted: names that lead out of the target
folder, links and devices are refused before anything is written, sizes are counted as bytes come out,
and files get to their places only when all of them are there.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted, stop_if_cancelled
from llmspell_engine.tools.files import check_is_file, told_as_tool_errors, walked
from llmspell_engine.tools.filesystem.archives import (
    Archive,
    FileToPack,
    Format,
    Member,
    format_of,
    open_archive,
    told_when_broken,
    write_archive,
)
from llmspell_engine.tools.given import GivenPath
from llmspell_engine.tools.parameters import Needs, ToolParameters

MOST_FILES = 10_000
MOST_BYTES = 1024 * 1024 * 1024
_CHUNK = 1 << 18


class ArchiveParameters(ToolParameters):
    """What is packed, unpacked or listed."""

    needs: ClassVar[Needs] = {"create": ("input",)}
    without_effect: ClassVar[tuple[str, ...]] = ("format",)

    operation: Literal["extract", "create", "list"] = Field(
        description="What to do.", json_schema_extra={"x-example": "list"}
    )
    path: GivenPath = Field(
        description="The archive; the end of its name tells the format: "
        "`.zip`, `.tar`, `.tar.gz`, `.tar.bz2`, `.tar.xz`, `.gz`.",
        json_schema_extra={"x-example": "notes.zip"},
    )
    target_path: GivenPath | None = Field(
        None, description="The folder to unpack into; the folder of the archive where left out."
    )
    input: Annotated[list[GivenPath], Field(min_length=1)] | None = Field(
        None, description="The files and folders to pack."
    )
    compression_level: Annotated[int, Field(ge=0, le=9)] = Field(
        6, description="How hard to pack, from 0 (fast) to 9 (small)."
    )
    overwrite: bool = Field(False, description="Whether unpacking may replace files that are there.")


class Extracted(Result):
    """What was unpacked."""

    extracted_files: list[str] = Field(description="The files, by their paths in the target folder.")
    total_size: int = Field(description="Their size in bytes.")
    output_dir: str = Field(description="The target folder.")


class Packed(Result):
    """An archive that was made."""

    archive_path: str = Field(description="The archive.")
    archived_files: list[str] = Field(description="The files in it, by the names they have there.")
    total_size: int = Field(description="The size of the files in bytes, before packing.")
    compression_level: int = Field(description="How hard they were packed.")


class ArchivedFile(Result):
    """A file or folder in an archive."""

    name: str = Field(description="Its path in the archive.")
    size: int = Field(description="Its size in bytes.")
    is_dir: bool = Field(description="Whether it is a folder.")


class Listing(Result):
    """What is in an archive."""

    format: Format = Field(description="The format of the archive.")
    files: list[ArchivedFile] = Field(description="The files and folders.")
    file_count: int = Field(description="How many there are.")


class ArchiveHandler(Tool[ArchiveParameters]):
    """Packs, unpacks and lists archives: zip, tar, gzip and what combines them."""

    name = "archive-handler"
    category = "filesystem"
    security = "restricted"
    aliases = ("archive_handler",)
    Parameters = ArchiveParameters
    returns = Extracted | Packed | Listing
    blocks = True

    def run(self, parameters: ArchiveParameters, context: ToolContext) -> Outcome:
        """Pack, unpack or list."""
        with told_as_tool_errors(parameters.path):
            if parameters.operation == "create":
                return _create(parameters, context)
            if parameters.operation == "extract":
                return _extract(parameters, context)
            return _list(parameters, context)


def _list(parameters: ArchiveParameters, context: ToolContext) -> Outcome:
    with open_archive(context.permissions.readable(parameters.path), parameters.path) as archive:
        members = archive.members()
    files = [ArchivedFile(name=one.name, size=one.size, is_dir=one.kind == "directory") for one in members]
    result = Listing(format=format_of(parameters.path), files=files, file_count=len(files))
    text = "\n".join(one.name for one in files)
    return Outcome("list", result, text, f"{parameters.path} holds {counted(len(files), 'member')}")


def _extract(parameters: ArchiveParameters, context: ToolContext) -> Outcome:
    source = context.permissions.readable(parameters.path)
    given_target = parameters.target_path or str(PurePosixPath(parameters.path).parent)
    target = context.permissions.writable(given_target)
    with open_archive(source, parameters.path) as archive, told_as_tool_errors(given_target):
        if target.exists() and not target.is_dir():
            raise NotADirectoryError
        members = _checked(archive.members(), target, context)
        _check_places(members, target)
        if not parameters.overwrite:
            _refuse_existing(members, target)
        sizes = _unpacked(archive, members, target, parameters.path)
    total = sum(sizes.values())
    result = Extracted(extracted_files=list(sizes), total_size=total, output_dir=given_target)
    message = f"Unpacked {counted(len(sizes), 'file')}, {counted(total, 'byte')}"
    return Outcome("extract", result, "\n".join(sizes), message)


def _checked(members: list[Member], target: Path, context: ToolContext) -> list[Member]:
    """The members, when all of them may be unpacked. Raises ToolError and SecurityError."""
    if len(members) > MOST_FILES:
        raise ToolError(
            f"the archive holds {len(members)} files; at most {MOST_FILES} are unpacked", code="too_large"
        )
    for member in members:
        _check_name(member.name)
        if member.kind == "other":
            raise ToolError(
                f"'{member.name}' in the archive is a link or a device, which is not unpacked", code="unsafe"
            )
        # A link that stands in the target folder may lead out of it.
        place = context.permissions.writable(str(target / member.name))
        if not place.is_relative_to(target):
            raise ToolError(f"'{member.name}' in the archive leads out of the target folder", code="unsafe")
    return members


def _check_name(name: str) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if not name or "\0" in name or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise ToolError(f"'{name}' in the archive leads out of the target folder", code="unsafe")


def _check_places(members: list[Member], target: Path) -> None:
    """Nothing is moved to its place unless all of it can be."""
    for member in members:
        place = target / member.name
        if member.kind == "file" and place.is_dir():
            raise ToolError(f"'{member.name}' is a folder in the target folder, not a file", code="exists")
        folders = [place, *place.parents] if member.kind == "directory" else place.parents
        for folder in folders:
            if folder.is_relative_to(target) and folder.exists() and not folder.is_dir():
                name = folder.relative_to(target)
                raise ToolError(f"'{name}' is a file in the target folder, not a folder", code="exists")


def _refuse_existing(members: list[Member], target: Path) -> None:
    for member in members:
        if member.kind == "file" and (target / member.name).exists():
            raise ToolError(
                f"'{member.name}' exists already; 'overwrite' replaces what is there", code="exists"
            )


def _unpacked(archive: Archive, members: list[Member], target: Path, given: str) -> dict[str, int]:
    """Unpack beside the places, then move everything there: a broken archive leaves nothing behind."""
    made = not target.exists()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target, prefix=".unpacking-") as folder:
        try:
            sizes = _unpack_all(archive, members, Path(folder), given)
        except BaseException:
            if made:
                shutil.rmtree(target, ignore_errors=True)
            raise
        for member in members:
            if member.kind == "directory":
                (target / member.name).mkdir(parents=True, exist_ok=True)
        for name in sizes:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / name).replace(target / name)
    return sizes


def _unpack_all(archive: Archive, members: list[Member], folder: Path, given: str) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for member in (one for one in members if one.kind == "file"):
        place = folder / member.name
        place.parent.mkdir(parents=True, exist_ok=True)
        with told_when_broken(given), archive.open(member) as source, place.open("wb") as end:
            sizes[member.name] = _copied(source, end, MOST_BYTES - sum(sizes.values()))
    return sizes


def _copied(source: IO[bytes], end: IO[bytes], allowed: int) -> int:
    size = 0
    while chunk := source.read(_CHUNK):
        stop_if_cancelled()
        size += len(chunk)
        if size > allowed:
            raise ToolError(
                f"the archive holds more than {MOST_BYTES // 1024 // 1024} MiB unpacked", code="too_large"
            )
        end.write(chunk)
    return size


def _create(parameters: ArchiveParameters, context: ToolContext) -> Outcome:
    target = context.permissions.writable(parameters.path)
    files = [file for given in parameters.input or [] for file in _to_pack(given, target, context)]
    if not target.parent.is_dir():
        raise ToolError(f"the folder of '{parameters.path}' does not exist", code="not_found")
    if target.exists():
        check_is_file(target, parameters.path)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".packing-") as folder:
        made = Path(folder) / "archive"
        sizes = write_archive(made, format_of(parameters.path), files, parameters.compression_level)
        stop_if_cancelled()
        made.replace(target)
    result = Packed(
        archive_path=parameters.path,
        archived_files=list(sizes),
        total_size=sum(sizes.values()),
        compression_level=parameters.compression_level,
    )
    return Outcome("create", result, "\n".join(sizes), f"Packed {counted(len(sizes), 'file')}")


def _to_pack(given: str, target: Path, context: ToolContext) -> Iterator[FileToPack]:
    """The files that a path means, and their names in the archive: from the root, or of the path alone."""
    start = context.permissions.readable(given)
    root = context.root.resolve()
    base = root if start.is_relative_to(root) and start != root else start.parent
    with told_as_tool_errors(given):
        if not start.is_dir():
            check_is_file(start, given)
        found = sorted(walked(start)) if start.is_dir() else [start]
    for path in found:
        if path.is_file() and not path.is_symlink() and path != target:
            name = path.relative_to(root if start == root else base).as_posix()
            yield FileToPack(path, name, is_named=path == start)
