"""Files and folders below the folder that a run may touch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result, complete
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted, stop_if_cancelled
from llmspell_engine.tools.files import check_is_file, read_file, told_as_tool_errors, walked, write_file
from llmspell_engine.tools.filesystem import transfers
from llmspell_engine.tools.parameters import Needs, ToolParameters

Operation = Literal[
    "read", "write", "append", "delete", "create_dir", "list_dir", "copy", "move", "metadata", "exists"
]
GivenPath = Annotated[str, Field(min_length=1, max_length=4096), complete("path")]


class FileParameters(ToolParameters):
    """What is done to which file."""

    needs: ClassVar[Needs] = {
        **dict.fromkeys(("read", "delete", "create_dir", "list_dir", "metadata", "exists"), ("path",)),
        **dict.fromkeys(("write", "append"), ("path", "input")),
        **dict.fromkeys(("copy", "move"), (("source_path", "path"), "target_path")),
    }
    older_names: ClassVar[dict[str, str]] = {"content": "input"}

    operation: Operation = Field(description="What to do.")
    path: GivenPath | None = Field(None, description="The file or folder.")
    input: str | None = Field(None, description="The text to write or append.")
    source_path: GivenPath | None = Field(None, description="What to copy or move.")
    target_path: GivenPath | None = Field(None, description="Where to copy or move it.")
    recursive: bool = Field(
        False, description="Include what is in folders; make missing folders above a new one."
    )


class FileContent(Result):
    """A file that was read."""

    input: str = Field(description="The text of the file.")
    size: int = Field(description="Its size in bytes.")
    path: str = Field(description="The file.")


class FileChange(Result):
    """A file or folder that was changed."""

    path: str = Field(description="The file or folder.")
    size: int | None = Field(None, description="Its size in bytes after writing.")
    appended_size: int | None = Field(None, description="The bytes that were appended.")
    recursive: bool | None = Field(None, description="Whether folders were included.")


class FileTransfer(Result):
    """A file or folder that was copied or moved."""

    source: str = Field(description="Where it was.")
    target: str = Field(description="Where it is.")


class FolderEntry(Result):
    """A file or folder in a folder."""

    name: str = Field(description="Its name.")
    path: str = Field(description="Its path from the folder that was listed.")
    type: Literal["file", "directory", "other"] = Field(description="What it is.")
    size: int = Field(description="Its size in bytes; 0 for a folder.")


class FolderContent(Result):
    """What is in a folder, in the order of paths."""

    entries: list[FolderEntry] = Field(description="The files and folders.")
    count: int = Field(description="How many there are.")


class FileFacts(Result):
    """What is known of a file or folder."""

    path: str = Field(description="The file or folder.")
    size: int = Field(description="Its size in bytes.")
    is_file: bool = Field(description="Whether it is a file.")
    is_dir: bool = Field(description="Whether it is a folder.")
    readonly: bool = Field(description="Whether nobody may write it.")
    modified: str = Field(description="When it was last written, as an RFC 3339 time in UTC.")


class FileExistence(Result):
    """Whether something is there."""

    exists: bool = Field(description="Whether it exists.")
    path: str = Field(description="The path.")


class FileOperations(Tool[FileParameters]):
    """Reads, writes and manages files below the working folder."""

    name = "file-operations"
    category = "filesystem"
    security = "privileged"
    aliases = ("file_operations",)
    Parameters = FileParameters
    returns = FileContent | FileChange | FileTransfer | FolderContent | FileFacts | FileExistence
    soft_failures = frozenset({"write", "append"})
    blocks = True

    def run(self, parameters: FileParameters, context: ToolContext) -> Outcome:
        """Do the operation."""
        if parameters.operation in ("copy", "move"):
            return _transfer(parameters, context)
        given = parameters.path or ""
        writes = parameters.operation in ("write", "append", "create_dir")
        path = (
            _named(context, given) if parameters.operation == "delete" else context.path(given, writes=writes)
        )
        with told_as_tool_errors(given):
            return _OPERATIONS[parameters.operation](parameters, path, given)


def _named(context: ToolContext, given: str) -> Path:
    """What is deleted or moved: a link and not what it leads to, and never the root."""
    path = context.path(given, follow=False, writes=True)
    if path == context.root.resolve():
        raise ToolError(f"'{given}' is the working folder itself", code="forbidden")
    return path


def _read(_: FileParameters, path: Path, given: str) -> Outcome:
    data = read_file(path, given)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise ToolError(
            f"'{given}' is no text in UTF-8; base64-encoder reads any file", code="not_text"
        ) from None
    return Outcome(
        "read",
        FileContent(input=text, size=len(data), path=given),
        text,
        f"Read {counted(len(data), 'byte')}",
    )


def _write(parameters: FileParameters, path: Path, given: str) -> Outcome:
    data = (parameters.input or "").encode()
    write_file(path, given, data)
    message = f"Wrote {counted(len(data), 'byte')} to {given}"
    return Outcome("write", FileChange(path=given, size=len(data)), message, message)


def _append(parameters: FileParameters, path: Path, given: str) -> Outcome:
    data = (parameters.input or "").encode()
    if path.exists():
        check_is_file(path, given)
    size = transfers.append(path, data)
    message = f"Appended {counted(len(data), 'byte')} to {given}"
    result = FileChange(path=given, size=size, appended_size=len(data))
    return Outcome("append", result, message, message)


def _delete(parameters: FileParameters, path: Path, given: str) -> Outcome:
    if parameters.recursive or path.is_symlink() or not path.is_dir():
        transfers.delete(path)
    else:
        _remove_folder(path, given)
    return _changed("delete", parameters, given, f"Deleted {given}")


def _remove_folder(path: Path, given: str) -> None:
    if any(path.iterdir()):
        raise ToolError(
            f"'{given}' is a folder that is not empty; 'recursive' deletes it with what it holds",
            code="not_empty",
        )
    path.rmdir()


def _create_dir(parameters: FileParameters, path: Path, given: str) -> Outcome:
    path.mkdir(parents=parameters.recursive, exist_ok=parameters.recursive)
    return _changed("create_dir", parameters, given, f"Made the folder {given}")


def _changed(operation: str, parameters: FileParameters, given: str, message: str) -> Outcome:
    return Outcome(operation, FileChange(path=given, recursive=parameters.recursive), message, message)


def _list_dir(parameters: FileParameters, path: Path, given: str) -> Outcome:
    if path.exists() and not path.is_dir():
        raise NotADirectoryError
    found = walked(path) if parameters.recursive else path.iterdir()
    entries = [entry for one in sorted(found) if (entry := _entry(one, path)) is not None]
    text = "\n".join(entry.path for entry in entries)
    result = FolderContent(entries=entries, count=len(entries))
    return Outcome("list_dir", result, text, f"{given} holds {len(entries)} files and folders")


def _entry(path: Path, folder: Path) -> FolderEntry | None:
    """An entry as it stands there: a link is neither file nor folder, wherever it leads.

    None where it is gone since the folder was read: others work in it too.
    """
    stop_if_cancelled()
    try:
        stat = path.lstat()
    except FileNotFoundError:
        return None
    kind: Literal["file", "directory", "other"] = "other"
    if S_ISDIR(stat.st_mode):
        kind = "directory"
    elif S_ISREG(stat.st_mode):
        kind = "file"
    size = stat.st_size if kind == "file" else 0
    return FolderEntry(name=path.name, path=path.relative_to(folder).as_posix(), type=kind, size=size)


def _metadata(_: FileParameters, path: Path, given: str) -> Outcome:
    stat = path.stat()
    result = FileFacts(
        path=given,
        size=stat.st_size,
        is_file=path.is_file(),
        is_dir=path.is_dir(),
        readonly=not stat.st_mode & 0o222,
        modified=datetime.fromtimestamp(stat.st_mtime, UTC).isoformat(timespec="milliseconds"),
    )
    return Outcome("metadata", result, f"{given}: {stat.st_size} bytes", f"Looked at {given}")


def _exists(_: FileParameters, path: Path, given: str) -> Outcome:
    found = path.exists()
    text = "true" if found else "false"
    message = f"{given} {'exists' if found else 'does not exist'}"
    return Outcome("exists", FileExistence(exists=found, path=given), text, message)


def _transfer(parameters: FileParameters, context: ToolContext) -> Outcome:
    source, target = parameters.source_path or parameters.path or "", parameters.target_path or ""
    copying = parameters.operation == "copy"
    start, end = (
        context.path(source) if copying else _named(context, source),
        context.path(target, writes=True),
    )
    with told_as_tool_errors(source):
        if not start.exists() and not start.is_symlink():
            raise FileNotFoundError
    with told_as_tool_errors(target):
        _check_target(start, end, source, target)
        if copying:
            _check_copied(start, source, recursive=parameters.recursive)
            transfers.copy(start, end)
        else:
            transfers.move(start, end)
    message = f"{'Copied' if copying else 'Moved'} {source} to {target}"
    return Outcome(parameters.operation, FileTransfer(source=source, target=target), message, message)


def _check_target(start: Path, end: Path, source: str, target: str) -> None:
    """A file may take the place of a file, a folder that of nothing."""
    if start.is_dir() and end.is_relative_to(start):
        raise ToolError(f"'{source}' cannot get into itself", code="invalid_input")
    if end.is_dir() or (end.exists() and start.is_dir()):
        raise ToolError(f"'{target}' exists already", code="exists")
    if end.exists():
        check_is_file(end, target)
    if not end.parent.is_dir():
        raise ToolError(f"the folder of '{target}' does not exist", code="not_found")


def _check_copied(start: Path, source: str, *, recursive: bool) -> None:
    if start.is_dir() and not recursive:
        raise ToolError(f"'{source}' is a folder; 'recursive' copies it", code="not_a_file")


_OPERATIONS: dict[Operation, Callable[[FileParameters, Path, str], Outcome]] = {
    "read": _read,
    "write": _write,
    "append": _append,
    "delete": _delete,
    "create_dir": _create_dir,
    "list_dir": _list_dir,
    "metadata": _metadata,
    "exists": _exists,
}
