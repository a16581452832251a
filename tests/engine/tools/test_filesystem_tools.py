"""Archives, conversion, search and watching of files."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import anyio
import pytest
from llmspell_engine.security.errors import SecurityError
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.filesystem import archive_handler
from llmspell_engine.tools.registry import tool_named
from support.tools import Case, check_case, check_raises, check_tool, each_case, payload

ARCHIVES, CONVERTER, SEARCH, WATCHER = "archive-handler", "file-converter", "file-search", "file-watcher"


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip archive of files by name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tarred(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    """A tar archive of one member, which may be anything."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        archive.addfile(info)
    return stream.getvalue()


def zip_link() -> bytes:
    """A zip archive with a link, as Unix writes it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return stream.getvalue()


def encrypted() -> bytes:
    """A zip archive that says of its member that it is encrypted."""
    data = bytearray(zipped({"a": b"x"}))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + place] |= 1
    return bytes(data)


def extract(path: str, **more: Any) -> dict[str, Any]:
    return {"operation": "extract", "path": path, "target_path": "out", **more}


GOOD = zipped({"a.txt": b"a", "sub/b.txt": b"bb"})
ARCHIVE_CALLS = [
    Case(
        "what is in it",
        {"operation": "list", "path": "x.zip"},
        {"format": "zip", "file_count": 2},
        text="a.txt\nsub/b.txt",
        files={"x.zip": GOOD},
    ),
    Case(
        "it is unpacked",
        extract("x.zip"),
        {"extracted_files": ["a.txt", "sub/b.txt"], "total_size": 3, "output_dir": "out"},
        files={"x.zip": GOOD},
        leaves={"out/a.txt": "a", "out/sub/b.txt": "bb"},
    ),
    Case(
        "beside the archive",
        {"operation": "extract", "path": "d/x.zip"},
        {"output_dir": "d"},
        files={"d/x.zip": GOOD},
        leaves={"d/a.txt": "a"},
    ),
    Case(
        "files may be replaced",
        extract("x.zip", overwrite=True),
        {"total_size": 3},
        files={"x.zip": GOOD, "out/a.txt": "old"},
        leaves={"out/a.txt": "a"},
    ),
    Case(
        "files are not replaced otherwise, and nothing else is written",
        extract("x.zip"),
        fails=("exists", "'a.txt' exists already; 'overwrite'"),
        files={"x.zip": GOOD, "out/a.txt": "old"},
        leaves={"out/a.txt": "old", "out/sub/b.txt": None},
    ),
    Case(
        "no archive",
        extract("x.zip"),
        fails=("broken_archive", "'x.zip' is broken"),
        files={"x.zip": "text"},
        leaves={"out": None},
    ),
    Case(
        "an archive that breaks off",
        extract("x.zip"),
        fails=("broken_archive", "'x.zip' is broken"),
        files={"x.zip": GOOD[:-30]},
    ),
    Case(
        "a member that breaks off leaves nothing",
        extract("x.zip"),
        fails=("broken_archive", "Bad CRC"),
        files={"x.zip": zipped({"a": b"good", "b": b"spoilt"}).replace(b"spoilt", b"SPOILT", 1)},
        leaves={"out": None},
    ),
    Case(
        "a tar that is none",
        extract("x.tar.gz"),
        fails=("broken_archive", "'x.tar.gz'"),
        files={"x.tar.gz": b"\x1f\x8b\x08 no"},
    ),
    Case(
        "a gzip that is none",
        extract("x.gz"),
        fails=("broken_archive", "'x.gz'"),
        files={"x.gz": b"nothing packed"},
    ),
    Case(
        "an encrypted one",
        extract("x.zip"),
        fails=("encrypted", "is encrypted"),
        files={"x.zip": encrypted()},
    ),
    Case("no such archive", extract("no.zip"), fails=("not_found", "'no.zip' does not exist")),
    Case(
        "no format",
        extract("x.rar"),
        fails=("unknown_format", "does not end like an archive"),
        files={"x.rar": "x"},
    ),
    Case(
        "a name that climbs",
        extract("x.zip"),
        fails=("unsafe", "'../x' in the archive leads out"),
        files={"x.zip": zipped({"a": b"", "../x": b""})},
        leaves={"out": None, "x": None},
    ),
    Case(
        "a name that climbs by backslash",
        extract("x.zip"),
        fails=("unsafe", "leads out"),
        files={"x.tar": "", "x.zip": zipped({"..\\x": b""})},
    ),
    Case(
        "a name from the root",
        extract("x.tar"),
        fails=("unsafe", "'/etc/x' in the archive leads out"),
        files={"x.tar": tarred("/etc/x")},
    ),
    Case(
        "a name of a drive", extract("x.tar"), fails=("unsafe", "leads out"), files={"x.tar": tarred("C:/x")}
    ),
    Case(
        "a link",
        extract("x.tar"),
        fails=("unsafe", "is a link or a device"),
        files={"x.tar": tarred("l", tarfile.SYMTYPE, "/etc")},
        leaves={"out": None},
    ),
    Case(
        "a hard link",
        extract("x.tar"),
        fails=("unsafe", "is a link or a device"),
        files={"x.tar": tarred("l", tarfile.LNKTYPE, "a")},
    ),
    Case(
        "a device",
        extract("x.tar"),
        fails=("unsafe", "is a link or a device"),
        files={"x.tar": tarred("d", tarfile.CHRTYPE)},
    ),
    Case(
        "a link in a zip",
        extract("x.zip"),
        fails=("unsafe", "is a link or a device"),
        files={"x.zip": zip_link()},
    ),
    Case("an archive outside", extract("../x.zip"), forbids="read"),
    Case(
        "a target outside",
        {**extract("x.zip"), "target_path": "../out"},
        forbids="write",
        files={"x.zip": GOOD},
    ),
    Case(
        "files are packed",
        {"operation": "create", "path": "n.zip", "input": ["a.txt", "d"], "compression_level": 9},
        {
            "archive_path": "n.zip",
            "archived_files": ["a.txt", "d/b.txt"],
            "total_size": 3,
            "compression_level": 9,
        },
        files={"a.txt": "a", "d/b.txt": "bb"},
    ),
    Case(
        "a file that is not there",
        {"operation": "create", "path": "n.zip", "input": ["a", "no"]},
        fails=("not_found", "'no' does not exist"),
        files={"a": ""},
        leaves={"n.zip": None},
    ),
    Case(
        "two files in a gzip",
        {"operation": "create", "path": "n.gz", "input": ["a", "b"]},
        fails=("invalid_input", "a .gz holds one file"),
        files={"a": "", "b": ""},
        leaves={"n.gz": None},
    ),
    Case(
        "no folder for it",
        {"operation": "create", "path": "no/n.zip", "input": ["a"]},
        fails=("not_found", "the folder of 'no/n.zip'"),
        files={"a": ""},
    ),
    Case(
        "packing needs files",
        {"operation": "create", "path": "n.zip"},
        refused="'input' is missing; the operation 'create' needs it",
    ),
    Case(
        "no files",
        {"operation": "create", "path": "n.zip", "input": []},
        refused="'input' must be at least 1 element long, but a list was given",
    ),
    Case("no operation", {"path": "n.zip"}, refused="'operation' is missing"),
    Case(
        "a level too high",
        {"operation": "create", "path": "n.zip", "input": ["a"], "compression_level": 10},
        refused="'compression_level' must be at most 9, but 10 was given",
    ),
]


@each_case(ARCHIVE_CALLS)
def test_calls_of_the_archive_handler(case: Case, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    check_case(ARCHIVES, case, root)


@pytest.mark.parametrize("ending", [".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"])
def test_what_is_packed_is_unpacked(ending: str, tmp_path: Path) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "a").write_bytes(b"a" * 5000)
    (tmp_path / "d" / "e" / "ü").write_bytes(b"\x00\xff")
    (tmp_path / "d" / "link").symlink_to("a")
    check_tool(ARCHIVES, {"operation": "create", "path": f"x{ending}", "input": ["d"]}, root=tmp_path)
    found = payload(ARCHIVES, extract(f"x{ending}"), root=tmp_path)
    assert found["extracted_files"] == ["d/a", "d/e/ü"], "links are not packed"
    assert (tmp_path / "out/d/a").read_bytes() == b"a" * 5000
    assert (tmp_path / "out/d/e/ü").read_bytes() == b"\x00\xff"


def test_one_file_in_a_gzip(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("héllo")
    check_tool(
        "archive_handler", {"operation": "create", "path": "a.txt.gz", "input": ["a.txt"]}, root=tmp_path
    )
    check_tool(ARCHIVES, {"operation": "list", "path": "a.txt.gz"}, root=tmp_path, text="a.txt", format="gz")
    check_tool(ARCHIVES, extract("a.txt.gz"), root=tmp_path, extracted_files=["a.txt"], total_size=6)


def test_a_bomb_is_stopped_by_what_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_handler, "MOST_BYTES", 1024 * 1024)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 3 * 1024 * 1024)
    (tmp_path / "x.zip").write_bytes(stream.getvalue())
    check_raises(ARCHIVES, extract("x.zip"), "too_large", "more than 1 MiB unpacked", root=tmp_path)
    assert not (tmp_path / "out").exists()
    monkeypatch.setattr(archive_handler, "MOST_FILES", 1)
    (tmp_path / "x.zip").write_bytes(GOOD)
    check_raises(ARCHIVES, extract("x.zip"), "too_large", "holds 2 files; at most 1", root=tmp_path)


def test_a_link_in_the_target_does_not_lead_out(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "out").mkdir(parents=True)
    (root / "other").mkdir()
    (root / "x.zip").write_bytes(zipped({"sub/x": b"x"}))
    (root / "out" / "sub").symlink_to(tmp_path)
    with pytest.raises(SecurityError):
        payload(ARCHIVES, extract("x.zip"), root=root)
    (root / "out" / "sub").unlink()
    (root / "out" / "sub").symlink_to(root / "other")
    check_raises(ARCHIVES, extract("x.zip"), "unsafe", "leads out of the target folder", root=root)
    assert list((root / "other").iterdir()) == []


LATIN = "Grüße, wie schön es hier ist\nund überall".encode("latin-1")
CONVERTER_CALLS = [
    Case(
        "an encoding that is named",
        {"operation": "encoding", "path": "a", "from_encoding": "latin-1", "to_encoding": "utf-8"},
        {"input_path": "a", "output_path": "a", "from_encoding": "iso8859-1", "to_encoding": "utf-8"},
        files={"a": LATIN},
        leaves={"a": LATIN.decode("latin-1")},
    ),
    Case(
        "an encoding that is found out",
        {"operation": "encoding", "path": "a", "to_encoding": "utf-16-le", "target_path": "b"},
        {"output_path": "b", "from_encoding": "utf-8", "size": 8},
        files={"a": "aüb!"},
        leaves={"a": "aüb!", "b": "aüb!".encode("utf-16-le")},
    ),
    Case(
        "lines end with CR LF",
        {"operation": "line_endings", "path": "a", "line_ending": "crlf"},
        {"size": 9},
        text="a",
        files={"a": "a\nb\r\nc\r"},
        leaves={"a": b"a\r\nb\r\nc\r\n"},
    ),
    Case(
        "lines end with LF",
        {"operation": "line_endings", "path": "a", "line_ending": "lf"},
        {"size": 6},
        files={"a": "a\nb\r\nc\r"},
        leaves={"a": b"a\nb\nc\n"},
    ),
    Case(
        "tabs to spaces",
        {"operation": "indentation", "path": "a"},
        {"operation": "indentation"},
        files={"a": "\ta\n  \tb\tc\n"},
        leaves={"a": "    a\n    b\tc\n"},
    ),
    Case(
        "spaces to tabs",
        {"operation": "indentation", "path": "a", "convert_to_spaces": False, "tab_size": 2},
        {},
        files={"a": "    a\n   b  c\n"},
        leaves={"a": "\t\ta\n\t b  c\n"},
    ),
    Case(
        "the encoding is missing",
        {"operation": "encoding", "path": "a"},
        refused="'to_encoding' is missing; the operation 'encoding' needs it",
    ),
    Case(
        "the line end is missing",
        {"operation": "line_endings", "path": "a"},
        refused="'line_ending' is missing; the operation 'line_endings' needs it",
    ),
    Case(
        "no such encoding",
        {"operation": "encoding", "path": "a", "to_encoding": "utf-99"},
        fails=("unknown_encoding", "'utf-99' is no encoding of text"),
        files={"a": "x"},
    ),
    Case(
        "an encoding of bytes",
        {"operation": "encoding", "path": "a", "to_encoding": "hex"},
        fails=("unknown_encoding", "'hex' is no encoding of text"),
        files={"a": "x"},
    ),
    Case(
        "not what was said",
        {"operation": "encoding", "path": "a", "from_encoding": "ascii", "to_encoding": "utf-8"},
        fails=("not_text", "'a' is no text in ascii: "),
        files={"a": "ü"},
        leaves={"a": "ü"},
    ),
    Case(
        "not to be written so",
        {"operation": "encoding", "path": "a", "to_encoding": "ascii"},
        fails=("not_encodable", "has 'ü' in line 2, which ascii cannot write"),
        files={"a": "a\nü"},
        leaves={"a": "a\nü"},
    ),
    Case(
        "no such file", {"operation": "indentation", "path": "a"}, fails=("not_found", "'a' does not exist")
    ),
    Case(
        "a folder",
        {"operation": "indentation", "path": "d"},
        fails=("not_a_file", "'d' is a folder"),
        files={"d/x": ""},
    ),
    Case("a file outside", {"operation": "indentation", "path": "../a"}, forbids="read"),
    Case(
        "a target outside",
        {"operation": "indentation", "path": "a", "target_path": "../a"},
        forbids="write",
        files={"a": "x"},
    ),
]


@each_case(CONVERTER_CALLS)
def test_calls_of_the_file_converter(case: Case, tmp_path: Path) -> None:
    check_case(CONVERTER, case, tmp_path)


TREE: dict[str, str | bytes] = {
    "a.lua": "local x = 1\nprint(X)\nreturn x\n",
    "b.txt": "x and x\n",
    "sub/c.lua": "-- x\n",
    "skip/d.lua": "x\n",
    "binary": b"x\0x",
}


def search(pattern: str, **more: Any) -> dict[str, Any]:
    return {"pattern": pattern, "path": ".", **more}


SEARCH_CALLS = [
    Case(
        "a folder alone",
        search("x"),
        {"count": 4, "files_searched": 2, "files_skipped": 1, "truncated": False},
        files=TREE,
    ),
    Case("folders in it", search("x", recursive=True), {"count": 6, "files_searched": 4}, files=TREE),
    Case("as deep as said", search("x", recursive=True, max_depth=1), {"count": 4}, files=TREE),
    Case(
        "letters of any case",
        search("x", case_sensitive=False, include_extensions=["lua"]),
        {"count": 3},
        files=TREE,
    ),
    Case("some files left out", search("x", exclude_extensions=[".lua"]), {"count": 2}, files=TREE),
    Case(
        "some folders left out", search("x", recursive=True, exclude_dirs=["skip"]), {"count": 5}, files=TREE
    ),
    Case(
        "an expression",
        search(r"^return\s+(\w+)", use_regex=True),
        {"count": 1},
        text="a.lua:3:1: return x",
        files=TREE,
    ),
    Case("text is no expression", search("print(X)"), {"count": 1}, text="a.lua:2:1: print(X)", files=TREE),
    Case(
        "lines around",
        {"pattern": "print", "path": "a.lua", "context_lines": 1},
        {
            "matches": [
                {
                    "path": "a.lua",
                    "line": 2,
                    "column": 1,
                    "text": "print(X)",
                    "before": ["local x = 1"],
                    "after": ["return x"],
                }
            ]
        },
        files=TREE,
    ),
    Case("so many of a file", search("x", max_matches_per_file=1), {"count": 2}, files=TREE),
    Case("large files are left out", search("x", max_file_size=10), {"files_searched": 1}, files=TREE),
    Case("nothing", search("nowhere"), {"count": 0, "matches": []}, text="", files=TREE),
    Case("no pattern", {"path": "."}, refused="'pattern' is missing"),
    Case(
        "an empty pattern",
        search(""),
        refused="'pattern' must be at least 1 character long, but \"\" was given",
    ),
    Case(
        "no expression",
        search("(", use_regex=True),
        fails=("invalid_pattern", "'(' is no regular expression: "),
        files=TREE,
    ),
    Case("no such folder", {"pattern": "x", "path": "no"}, fails=("not_found", "'no' does not exist")),
    Case("a folder outside", {"pattern": "x", "path": ".."}, forbids="read"),
    Case(
        "an expression that never ends",
        search("(a|a)+$", use_regex=True),
        fails=("too_slow", "searched for more than 1 s"),
        files={"a": "a" * 60 + "!"},
    ),
]


LINES = "".join(f"line {number}{' here' if number % 100 == 28 else ''}\n" for number in range(1, 1001))
"""Far more lines than are looked at together, with matches at the ends of those."""
PATTERNS = [
    "here",
    "here$",
    r"^line \d+8 here",
    r"\bhere\b",
    r"(?<=\d )here",
    r"\shere\Z",
    "[^x]here",
    "(?:he)re",
    "h(e)r\\1",
]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_lines_are_found_whatever_block_they_are_in(pattern: str, end: str, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(LINES.replace("\n", end).encode())
    found = payload(SEARCH, search(pattern, use_regex=True, context_lines=2), root=tmp_path)
    assert [one["line"] for one in found["matches"]] == [28 + 100 * number for number in range(10)]
    assert [one["before"][-1] for one in found["matches"]] == [f"line {27 + 100 * n}" for n in range(10)]
    assert [one["after"] for one in found["matches"]][1] == ["line 129", "line 130"]


def test_what_turns_out_to_be_no_text_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(b"x\n" * 6000 + b"\xff")
    check_tool(SEARCH, search("x"), root=tmp_path, count=0, files_searched=0, files_skipped=1)


def test_of_long_lines_is_shown_what_is_around_a_match(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("a" * 50_000 + "x" + "b" * 50_000 + "\n" + "c" * 3000)
    [match] = payload(SEARCH, search("x"), root=tmp_path)["matches"]
    assert (match["column"], len(match["text"]), match["text"].count("x")) == (50_001, 1002, 1)
    assert match["after"] == ["c" * 1000 + "…"]


@each_case(SEARCH_CALLS)
def test_calls_of_the_file_search(case: Case, tmp_path: Path) -> None:
    check_case(SEARCH, case, tmp_path)


def test_a_search_follows_no_link_and_passes_over_what_is_not_to_be_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret").write_text("x")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "folder").symlink_to(tmp_path)
    check_tool(SEARCH, search("x", recursive=True), root=root, count=0, files_searched=0)


WATCHER_CALLS = [
    Case(
        "the limits",
        {"operation": "config"},
        {"default_debounce_ms": 100, "default_timeout": 300, "max_paths": 100},
    ),
    Case(
        "nothing happens",
        {"operation": "watch", "input": ["."], "timeout_ms": 1},
        {"events": [], "event_count": 0},
        text="",
    ),
    Case(
        "paths are missing",
        {"operation": "watch"},
        refused="'input' is missing; the operation 'watch' needs it",
    ),
    Case("no such path", {"operation": "watch", "input": ["no"]}, fails=("not_found", "'no' does not exist")),
    Case("a path outside", {"operation": "watch", "input": [".."]}, forbids="read"),
    Case(
        "a negative time",
        {"operation": "watch", "input": ["."], "timeout_seconds": -1},
        refused="'timeout_seconds' must be at least 0, but -1 was given",
    ),
]


@each_case(WATCHER_CALLS)
def test_calls_of_the_file_watcher(case: Case, tmp_path: Path) -> None:
    check_case(WATCHER, case, tmp_path)


async def _watched(root: Path, parameters: dict[str, Any], change: str) -> list[dict[str, Any]]:
    """What a watch tells while a file is written again and again."""
    tool = tool_named(WATCHER)
    assert tool is not None
    found: list[dict[str, Any]] = []
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:

            async def write() -> None:
                while True:
                    (root / change).write_text(os.urandom(4).hex())
                    await anyio.sleep(0.05)

            tasks.start_soon(write)
            done = await tool.completed(
                {"operation": "watch", "debounce_ms": 1, **parameters}, ToolContext(root)
            )
            found += done.model_dump()["result"]["events"]
            tasks.cancel_scope.cancel()
    return found


async def test_a_watch_tells_what_is_written(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    events = await _watched(tmp_path, {"input": ["."], "max_events": 1}, "sub/a.txt")
    assert [event["path"] for event in events] == ["sub/a.txt"]
    assert events[0]["event_type"] in ("created", "modified")


async def test_a_watch_of_a_pattern_passes_over_other_files(tmp_path: Path) -> None:
    quiet = {"input": ["."], "pattern": "*.lua", "timeout_ms": 300}
    assert await _watched(tmp_path, quiet, "a.txt") == []
    assert await _watched(tmp_path, {**quiet, "timeout_ms": 15_000, "max_events": 1}, "b.lua") != []


async def test_a_watch_ends_when_it_is_cancelled_and_at_the_time_of_a_call(tmp_path: Path) -> None:
    tool = tool_named(WATCHER)
    assert tool is not None
    endless = {"operation": "watch", "input": ["."]}
    with anyio.fail_after(20):
        with anyio.move_on_after(0.05) as scope:
            await tool.completed(endless, ToolContext(tmp_path))
        assert scope.cancelled_caught
        with pytest.raises(ToolError) as caught:
            await tool.completed(endless, ToolContext(tmp_path, seconds=0.05))
    assert caught.value.code == "timeout"
