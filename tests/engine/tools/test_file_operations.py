from __future__ import annotations

import stat
from pathlib import Path

import pytest
from support.tools import check_raises, check_refused, check_soft_failure, check_tool, payload

FILES = "file-operations"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a file, a folder, and links that lead inside and outside."""
    inside = tmp_path / "root"
    (inside / "sub").mkdir(parents=True)
    (inside / "a.txt").write_text("héllo")
    (inside / "sub" / "b.txt").write_text("b")
    (tmp_path / "secret.txt").write_text("secret")
    (inside / "link").symlink_to(inside / "a.txt")
    (inside / "out").symlink_to(tmp_path / "secret.txt")
    (inside / "out_dir").symlink_to(tmp_path)
    return inside


def test_read(root: Path) -> None:
    check_tool(FILES, {"operation": "read", "path": "a.txt"}, root=root, text="héllo", input="héllo", size=6)
    check_tool(FILES, {"operation": "read", "path": "link"}, root=root, text="héllo")
    check_tool(FILES, {"operation": "read", "path": str(root / "sub/b.txt")}, root=root, text="b")
    check_tool("file_operations", {"operation": "read", "path": "sub/../a.txt"}, root=root, text="héllo")


def test_write_and_append(root: Path) -> None:
    check_tool(FILES, {"operation": "write", "path": "new.txt", "input": "é"}, root=root, size=2)
    check_tool(
        FILES, {"operation": "append", "path": "new.txt", "input": "!"}, root=root, appended_size=1, size=3
    )
    assert (root / "new.txt").read_text() == "é!"
    check_tool(FILES, {"operation": "write", "path": "new.txt", "content": "x"}, root=root, size=1)
    assert [path.name for path in root.iterdir() if path.name.startswith(".")] == []


def test_writing_keeps_the_permissions_of_the_file(root: Path) -> None:
    (root / "a.txt").chmod(0o600)
    check_tool(FILES, {"operation": "write", "path": "a.txt", "input": "x"}, root=root)
    assert stat.S_IMODE((root / "a.txt").stat().st_mode) == 0o600


def test_folders(root: Path) -> None:
    check_tool(
        FILES, {"operation": "create_dir", "path": "x/y", "recursive": True}, root=root, recursive=True
    )
    assert (root / "x/y").is_dir()
    check_raises(FILES, {"operation": "create_dir", "path": "x"}, "exists", "'x' exists already", root=root)
    check_raises(FILES, {"operation": "create_dir", "path": "p/q"}, "not_found", "'p/q'", root=root)


def test_list(root: Path) -> None:
    found = payload(FILES, {"operation": "list_dir", "path": "."}, root=root)
    assert [(one["name"], one["type"]) for one in found["entries"]] == [
        ("a.txt", "file"),
        ("link", "other"),
        ("out", "other"),
        ("out_dir", "other"),
        ("sub", "directory"),
    ]
    assert found["count"] == 5
    deep = payload(FILES, {"operation": "list_dir", "path": ".", "recursive": True}, root=root)
    assert "sub/b.txt" in [one["path"] for one in deep["entries"]]
    assert not any(one["path"].startswith("out_dir/") for one in deep["entries"])
    check_raises(FILES, {"operation": "list_dir", "path": "a.txt"}, "not_a_folder", "'a.txt'", root=root)


def test_copy_and_move(root: Path) -> None:
    copy = {"operation": "copy", "source_path": "a.txt", "target_path": "sub/c.txt"}
    check_tool(FILES, copy, root=root, source="a.txt", target="sub/c.txt")
    check_tool(FILES, {"operation": "move", "source_path": "sub", "target_path": "moved"}, root=root)
    assert (root / "moved/c.txt").read_text() == "héllo"
    assert not (root / "sub").exists()
    folder = {"operation": "copy", "source_path": "moved", "target_path": "again"}
    check_raises(FILES, folder, "not_a_file", "'recursive' copies it", root=root)
    check_tool(FILES, {**folder, "recursive": True}, root=root)
    assert (root / "again/b.txt").exists()
    into_itself = {**folder, "target_path": "moved/x", "recursive": True}
    check_raises(FILES, into_itself, "invalid_input", "into itself", root=root)


def test_delete(root: Path) -> None:
    check_tool(FILES, {"operation": "delete", "path": "a.txt"}, root=root)
    check_raises(FILES, {"operation": "delete", "path": "a.txt"}, "not_found", "does not exist", root=root)
    check_raises(FILES, {"operation": "delete", "path": "sub"}, "not_empty", "'recursive'", root=root)
    check_tool(FILES, {"operation": "delete", "path": "sub", "recursive": True}, root=root)
    assert not (root / "sub").exists()


def test_deleting_a_link_leaves_what_it_leads_to(root: Path) -> None:
    for link in ("link", "out", "out_dir"):
        check_tool(FILES, {"operation": "delete", "path": link, "recursive": True}, root=root)
    assert (root / "a.txt").exists()
    assert (root.parent / "secret.txt").exists()


def test_metadata_and_exists(root: Path) -> None:
    check_tool(
        FILES, {"operation": "metadata", "path": "a.txt"}, root=root, size=6, is_file=True, is_dir=False
    )
    check_tool(FILES, {"operation": "metadata", "path": "sub"}, root=root, is_file=False, is_dir=True)
    check_tool(FILES, {"operation": "exists", "path": "a.txt"}, root=root, exists=True, text="true")
    check_tool(FILES, {"operation": "exists", "path": "nope"}, root=root, exists=False, text="false")


@pytest.mark.parametrize(
    "path", ["../secret.txt", "/etc/passwd", "out", "out_dir/secret.txt", "sub/../../secret.txt", "out_dir"]
)
@pytest.mark.parametrize("operation", ["read", "list_dir", "metadata", "exists"])
def test_nothing_outside_of_the_root_is_read(root: Path, path: str, operation: str) -> None:
    check_raises(
        FILES,
        {"operation": operation, "path": path},
        "forbidden",
        f"does not allow reading '{path}'",
        root=root,
    )


@pytest.mark.parametrize("path", ["../new.txt", "/tmp/llmspell-new.txt", "out", "out_dir/new.txt"])
def test_nothing_outside_of_the_root_is_written(root: Path, path: str) -> None:
    write = {"operation": "write", "path": path, "input": "x"}
    check_soft_failure(FILES, write, "forbidden", "does not allow writing", root=root)
    copy = {"operation": "copy", "source_path": "a.txt", "target_path": path}
    check_raises(FILES, copy, "forbidden", "does not allow writing", root=root)
    assert (root.parent / "secret.txt").read_text() == "secret"


def test_the_root_itself_stays(root: Path) -> None:
    check_raises(
        FILES,
        {"operation": "delete", "path": ".", "recursive": True},
        "forbidden",
        "working folder",
        root=root,
    )
    move = {"operation": "move", "source_path": "sub/..", "target_path": "x"}
    check_raises(FILES, move, "forbidden", "working folder", root=root)


def test_what_is_no_text_or_no_file_is_not_read(root: Path) -> None:
    (root / "bytes").write_bytes(b"\xff\xfe")
    check_raises(FILES, {"operation": "read", "path": "bytes"}, "not_text", "no text in UTF-8", root=root)
    check_raises(FILES, {"operation": "read", "path": "sub"}, "not_a_file", "is a folder", root=root)
    check_raises(
        FILES, {"operation": "read", "path": "nope"}, "not_found", "'nope' does not exist", root=root
    )
    check_raises(FILES, {"operation": "read", "path": "a\0b"}, "invalid_input", "NUL", root=root)


def test_a_failed_write_leaves_the_file_as_it_was(root: Path) -> None:
    (root / "sub").chmod(0o555)
    try:
        before = sorted(root.rglob("*"))
        check_soft_failure(
            FILES, {"operation": "write", "path": "sub", "input": "x"}, "not_a_file", "folder", root=root
        )
        check_soft_failure(
            FILES,
            {"operation": "write", "path": "no/x", "input": "x"},
            "not_found",
            "the folder of",
            root=root,
        )
        assert sorted(root.rglob("*")) == before
    finally:
        (root / "sub").chmod(0o755)


def test_wrong_calls() -> None:
    check_refused(FILES, {}, "'operation' is missing")
    check_refused(FILES, {"operation": "read"}, "'path' is missing; the operation 'read' needs it")
    check_refused(
        FILES, {"operation": "write", "path": "x"}, "'input' is missing; the operation 'write' needs it"
    )
    check_refused(
        FILES,
        {"operation": "move", "source_path": "x"},
        "'target_path' is missing; the operation 'move' needs it",
    )
    check_refused(
        FILES,
        {"operation": "move", "target_path": "x"},
        "'sourcePath' or 'path' is missing; the operation 'move' needs it",
        language="javascript",
    )
    check_refused(
        FILES,
        {"operation": "list_dir", "path": ".", "recursive": "yes"},
        "'recursive' must be true or false, but \"yes\" was given",
    )
