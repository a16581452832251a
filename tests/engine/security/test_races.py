"""A path that becomes a link between its check and its use is not followed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from llmspell_engine.tools import files
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.filesystem import transfers
from llmspell_engine.tools.registry import tool_named
from support.security import permissions

SECRET = "the secret"
SWAPPED = {
    "the file": ("a/b/x.txt", "x.txt"),
    "its folder": ("a/b", "."),
    "a folder above": ("a", "b/.."),
}
"""What becomes a link, and what the link leads to from the folder of the secret."""
READERS: list[tuple[str, dict[str, Any]]] = [
    ("file-operations", {"operation": "read", "path": "a/b/x.txt"}),
    ("hash-calculator", {"operation": "hash", "input_type": "file", "file": "a/b/x.txt"}),
    ("base64-encoder", {"operation": "encode", "input_file": "a/b/x.txt"}),
    ("log-analyzer", {"file": "a/b/x.txt"}),
    ("csv-analyzer", {"operation": "analyze", "path": "a/b/x.txt"}),
]
LINK = "it has become a link since it was checked"
WRITERS: list[tuple[str, dict[str, Any]]] = [
    ("file-operations", {"operation": "write", "path": "a/b/x.txt", "input": "mine"}),
    ("base64-encoder", {"operation": "decode", "input": "bWluZQ==", "output_file": "a/b/x.txt"}),
    ("file-operations", {"operation": "append", "path": "a/b/x.txt", "input": "more"}),
]


def prepared(tmp_path: Path) -> tuple[Path, Path]:
    """The root of the tools, and a folder beside it with a file of the same name."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "x.txt").write_text("harmless")
    (outside / "b").mkdir(parents=True)
    for folder in (outside, outside / "b"):
        (folder / "x.txt").write_text(SECRET)
    return root, outside


def swapping(root: Path, outside: Path, what: str, after: Callable[..., Any]) -> Callable[..., Any]:
    """A function, after whose first call a part of the path is a link that leads outside."""
    place, target = SWAPPED[what]

    def swapped(*arguments: Any) -> Any:
        found = after(*arguments)
        part = root / place
        if not part.is_symlink():
            part.rename(root / "moved")
            part.symlink_to(outside / target)
        return found

    return swapped


def called(name: str, given: dict[str, Any], root: Path) -> tuple[str, str]:
    """How a tool fails, by its code and in words, whether it raises or tells that; else empty."""
    tool = tool_named(name)
    assert tool is not None
    try:
        done = anyio.run(tool.completed, given, ToolContext(root, permissions=permissions(root=root)))
    except ToolError as error:
        return error.code, str(error)
    return (done.error.code, done.error.message) if done.error else ("", "")


@pytest.mark.parametrize("what", SWAPPED)
@pytest.mark.parametrize(
    ("tool", "given"), READERS, ids=[f"{name} {given.get('operation', '')}" for name, given in READERS]
)
def test_what_became_a_link_is_not_read(
    tool: str, given: dict[str, Any], what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, outside = prepared(tmp_path)
    monkeypatch.setattr(files, "check_is_file", swapping(root, outside, what, files.check_is_file))
    code, told = called(tool, given, root)
    assert (code, told.partition(LINK)[1]) == ("forbidden", LINK)
    assert (outside / "x.txt").read_text() == SECRET


@pytest.mark.parametrize("what", ["its folder", "a folder above"])
@pytest.mark.parametrize(
    ("tool", "given"), WRITERS, ids=[f"{name} {given['operation']}" for name, given in WRITERS]
)
def test_what_became_a_link_is_not_written_through(
    tool: str, given: dict[str, Any], what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, outside = prepared(tmp_path)
    for module, name in ((files, "_stop_if_nobody_waits"), (transfers, "stop_if_cancelled")):
        monkeypatch.setattr(module, name, swapping(root, outside, what, getattr(module, name)))
    code, told = called(tool, given, root)
    assert (code, told.partition(LINK)[1]) == ("forbidden", LINK)
    assert sorted(one.name for one in outside.rglob("*")) == ["b", "x.txt", "x.txt"]
    assert {one.read_text() for one in outside.rglob("x.txt")} == {SECRET}


def test_a_folder_that_becomes_a_link_while_a_file_is_written_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder that was entered is the one that is written to, whatever has its name by then."""
    root, outside = prepared(tmp_path)
    calls: list[None] = []

    def second() -> None:
        calls.append(None)
        if len(calls) == 2:
            swapping(root, outside, "its folder", lambda: None)()

    monkeypatch.setattr(files, "_stop_if_nobody_waits", second)
    assert called("file-operations", WRITERS[0][1], root) == ("", "")
    assert (root / "moved" / "x.txt").read_text() == "mine"
    assert {one.read_text() for one in outside.rglob("x.txt")} == {SECRET}


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_a_file_that_is_written_anew_keeps_its_mode(mode: int, tmp_path: Path) -> None:
    root, _ = prepared(tmp_path)
    file = root / "a" / "b" / "x.txt"
    file.chmod(mode)
    called("file-operations", WRITERS[0][1], root)
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("mine", mode)
    assert [one.name for one in file.parent.iterdir()] == ["x.txt"]
