"""Files as others leave them: half written and vanishing, of other systems, and no files at all."""

# ruff: noqa: E501 - a row is easier to read in one line

from __future__ import annotations

import os
import random
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.files import lines_of
from llmspell_engine.tools.registry import tool_named
from support.tools import Case, check_case, run_tool

try:
    import resource
except ImportError:  # there is none on Windows
    resource = None  # type: ignore[assignment]

FILES, ARCHIVES, SEARCH, CONVERTER = "file-operations", "archive-handler", "file-search", "file-converter"
BOM = b"\xef\xbb\xbf"
LONGEST = "n" * 250
HALF = ("not_encodable", "half of a character, '\\ud800'")


def listing(**more: Any) -> dict[str, Any]:
    return {"operation": "list_dir", **more}


def converting(**more: Any) -> dict[str, Any]:
    return {"operation": "encoding", "path": "a", "target_path": "b", **more}


CALLS = [
    (FILES, Case("a folder that is not there, with all in it", listing(path="x", recursive=True), fails=("not_found", "'x' does not exist"))),
    (FILES, Case("a name as long as any", {"operation": "write", "path": LONGEST, "input": "x"}, {"size": 1}, leaves={LONGEST: "x"})),
    (FILES, Case("a copy to one", {"operation": "copy", "path": "a", "target_path": LONGEST}, {"target": LONGEST}, files={"a": "x"}, leaves={LONGEST: "x"})),
    (FILES, Case("half of a character", {"operation": "write", "path": "a", "input": "x\ud800"}, tells=HALF, files={"a": "old"}, leaves={"a": "old"})),
    ("hash-calculator", Case("half of a character to hash", {"operation": "hash", "input": "\ud800"}, fails=HALF)),
    ("xml-processor", Case("half of a character in XML", {"operation": "generate", "value": {"a": "\ud800"}}, fails=HALF)),
    (SEARCH, Case("lines are those of editors", {"pattern": "here", "path": "a"}, text="a:3:1: here", files={"a": "1\u2028\f\x85\r\n2\rhere"}, gives={})),
    (SEARCH, Case("a mark of the byte order", {"pattern": "^here", "use_regex": True, "path": "a"}, {"count": 1}, files={"a": BOM + b"here"})),
    ("json-processor", Case("JSON lines with a sign that breaks lines on paper", {"operation": "stream", "input": '{"a": "x\u2028y"}\r\n{"a": 2}'}, {"count": 2})),
    (CONVERTER, Case("a mark of the byte order is no sign to convert", converting(to_encoding="latin-1"), {"from_encoding": "utf-8-sig"}, files={"a": BOM + "é".encode()}, leaves={"b": b"\xe9"})),
    (CONVERTER, Case("it is kept where the encoding is", {"operation": "line_endings", "path": "a", "line_ending": "lf"}, {}, files={"a": BOM + b"1\r\n"}, leaves={"a": BOM + b"1\n"})),
    (ARCHIVES, Case("an empty file for a gzip", {"operation": "list", "path": "a.gz"}, fails=("broken_archive", "shorter than any"), files={"a.gz": b""})),
    (ARCHIVES, Case("an empty file for a tar", {"operation": "list", "path": "a.tar"}, fails=("broken_archive", "no archive: file could not be opened successfully"), files={"a.tar": b""})),
    (FILES, Case("a copy of a name that is too long", {"operation": "copy", "path": LONGEST * 2, "target_path": "b"}, fails=("io_error", f"'{LONGEST * 2}': File name too long"))),
    (FILES, Case("a copy to one", {"operation": "copy", "path": "a", "target_path": LONGEST * 2}, fails=("io_error", f"'{LONGEST * 2}': File name too long"), files={"a": "x"})),
    ("database-connector", Case("a folder for a database", {"operation": "query", "database": "d", "query": "SELECT 1"}, fails=("not_a_file", "'d' is a folder and not a file"), files={"d/x": ""})),
    ("database-connector", Case("a folder for a new database", {"operation": "query", "query_type": "SCHEMA", "database": "d", "query": "CREATE TABLE t (a)"}, fails=("not_a_file", "'d' is a folder and not a file"), files={"d/x": ""})),
    (ARCHIVES, Case("a folder with the name of an archive", {"operation": "create", "path": "a.zip", "input": ["b"]}, fails=("not_a_file", "is a folder"), files={"a.zip/x": "", "b": ""})),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "case"), CALLS, ids=[case.about for _, case in CALLS])
def test_calls(tool: str, case: Case, tmp_path: Path) -> None:
    check_case(tool, case, tmp_path)


PIPED = [
    (FILES, {"operation": "read", "path": "pipe"}),
    (ARCHIVES, {"operation": "create", "path": "a.tar", "input": ["pipe"]}),
    ("csv-analyzer", {"path": "pipe"}),
    ("database-connector", {"operation": "query", "database": "pipe", "query": "SELECT 1"}),
]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in the file system")
@pytest.mark.parametrize(("tool", "parameters"), PIPED, ids=[tool for tool, _ in PIPED])
def test_a_pipe_is_not_waited_for(tool: str, parameters: dict[str, Any], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    check_case(tool, Case("", parameters, fails=("not_a_file", "'pipe' is a device, a pipe")), tmp_path)


NO_FILE = ("not_a_file", "'pipe' is a device, a pipe or a socket and not a file")
OVER_ONE = [
    (FILES, Case("write", {"operation": "write", "path": "pipe", "input": "x"}, tells=NO_FILE)),
    (FILES, Case("append", {"operation": "append", "path": "pipe", "input": "x"}, tells=NO_FILE)),
    (FILES, Case("copy", {"operation": "copy", "path": "a", "target_path": "pipe"}, fails=NO_FILE)),
    (FILES, Case("move", {"operation": "move", "path": "a", "target_path": "pipe"}, fails=NO_FILE)),
    (ARCHIVES, Case("pack", {"operation": "create", "path": "pipe", "format": "zip", "input": ["a"]}, fails=NO_FILE)),
    ("base64-encoder", Case("encode", {"operation": "encode", "input": "a", "output_file": "pipe"}, fails=NO_FILE)),
]  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in the file system")
@pytest.mark.parametrize(("tool", "case"), OVER_ONE, ids=[case.about for _, case in OVER_ONE])
def test_nothing_takes_the_place_of_what_is_no_file(tool: str, case: Case, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    check_case(tool, case, tmp_path)
    assert (tmp_path / "pipe").is_fifo()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "pipe"]


def test_a_file_older_than_zip_is_packed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    os.utime(tmp_path / "a", (0, 0))
    run_tool(ARCHIVES, {"operation": "create", "path": "a.zip", "input": ["a"]}, root=tmp_path)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """Somebody else who makes and removes files and folders all the time."""
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            for number in range(20):
                (folder / f"deep{number}").mkdir()
                (folder / f"deep{number}" / "file").write_text("x")
            for number in range(20):
                (folder / f"deep{number}" / "file").unlink()
                (folder / f"deep{number}").rmdir()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        done.set()
        worker.join()


BESIDE_OTHERS = [
    (FILES, listing(path=".", recursive=True)),
    (FILES, listing(path=".")),
    (ARCHIVES, {"operation": "create", "path": "a.zip", "input": ["."]}),
    (ARCHIVES, {"operation": "create", "path": "a.tar", "input": ["."]}),
    (SEARCH, {"pattern": "x", "path": ".", "recursive": True}),
]


@pytest.mark.parametrize(("tool", "parameters"), BESIDE_OTHERS)
def test_folders_in_which_others_work(tool: str, parameters: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "stays").write_text("x")
    with at_work(tmp_path):
        for _ in range(60):
            assert "stays" in run_tool(tool, parameters, root=tmp_path).text


def test_what_is_made_of_a_large_table_ends_with_its_call(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n" + "1,2\n" * 1_000_000)
    before = threading.active_count()
    with pytest.raises(ToolError) as caught:
        run_tool("csv-analyzer", {"path": "a.csv"}, context=ToolContext(tmp_path, seconds=0.2))
    assert caught.value.code == "timeout"
    deadline = time.monotonic() + 30
    while threading.active_count() > before:
        assert time.monotonic() < deadline, "it reads on, though nobody waits"
        time.sleep(0.02)


def test_what_is_no_pdf_is_told_at_once(tmp_path: Path) -> None:
    """However long it is: its end is not looked for."""
    (tmp_path / "a").write_bytes(bytes(30 << 20))
    case = Case("", {"input": "a"}, fails=("broken_pdf", "no PDF begins like this"))
    check_case("pdf-processor", case, tmp_path, ToolContext(tmp_path, seconds=20))


async def test_one_file_written_by_many_is_that_of_one(tmp_path: Path) -> None:
    tool = tool_named(FILES)
    assert tool is not None
    texts = [str(number % 10) * 100_000 for number in range(50)]
    async with anyio.create_task_group() as tasks:
        for text in texts:
            asked = {"operation": "write", "path": "a", "input": text}
            tasks.start_soon(tool.completed, asked, ToolContext(tmp_path))
            added = {"operation": "append", "path": "log", "input": f"{text[:1]}\n"}
            tasks.start_soon(tool.completed, added, ToolContext(tmp_path))
    assert (tmp_path / "a").read_text() in texts
    assert sorted((tmp_path / "log").read_text().split()) == sorted(text[:1] for text in texts)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "log"]  # noqa: ASYNC240


def test_lines_end_as_those_of_editors() -> None:
    assert lines_of("") == []
    assert lines_of("\n") == [""]
    assert lines_of("a\r\nb\rc\n\nd") == ["a", "b", "c", "", "d"]
    assert lines_of("a\u2028b\f\x85\n") == ["a\u2028b\f\x85"]


DESCRIPTORS = Path("/proc/self/fd")
OPENING = [
    (FILES, {"operation": "write", "path": "b", "input": "x"}, "ok"),
    (FILES, {"operation": "append", "path": "a", "input": "x"}, "ok"),
    (FILES, {"operation": "read", "path": "a"}, "ok"),
    (FILES, {"operation": "copy", "path": "a", "target_path": "b"}, "ok"),
    (FILES, {"operation": "write", "path": "a/b", "input": "x"}, "not"),
    (CONVERTER, converting(to_encoding="utf-16"), "ok"),
    (CONVERTER, converting(from_encoding="utf-16", to_encoding="utf-8"), "not"),
    (ARCHIVES, {"operation": "create", "path": "b.zip", "input": ["a"], "overwrite": True}, "ok"),
    (ARCHIVES, {"operation": "list", "path": "a", "format": "zip"}, "not"),
    (SEARCH, {"pattern": "x", "path": "."}, "ok"),
    ("csv-analyzer", {"path": "a"}, "ok"),
    ("base64-encoder", {"operation": "encode", "input": "a", "output_file": "b"}, "ok"),
    ("database-connector", {"operation": "query", "database": "a", "query": "SELECT 1 FROM x"}, "not"),
    ("image-processor", {"operation": "metadata", "source_path": "a"}, "not"),
]


@pytest.mark.skipif(not DESCRIPTORS.is_dir(), reason="the system does not tell what is open")
@pytest.mark.parametrize(("tool", "parameters", "ends"), OPENING)
def test_no_file_stays_open(tool: str, parameters: dict[str, Any], ends: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    ended = "ok"
    for _ in range(2):
        try:
            done = run_tool(tool, parameters, root=tmp_path)
            ended = "ok" if done.success else "not"
        except ToolError:
            ended = "not"
    assert ended == ends
    held = [str(one.readlink()) for one in DESCRIPTORS.iterdir() if one.is_symlink()]
    assert [one for one in held if str(tmp_path) in one] == []


@pytest.mark.skipif(resource is None, reason="the system does not limit files")
@pytest.mark.parametrize(
    ("tool", "parameters"),
    [
        (FILES, {"operation": "write", "path": "b", "input": "y" * 100_000}),
        (FILES, {"operation": "append", "path": "a", "input": "y" * 100_000}),
        (FILES, {"operation": "copy", "path": "large", "target_path": "b"}),
        (ARCHIVES, {"operation": "create", "path": "b.zip", "input": ["large"]}),
        (CONVERTER, {"operation": "encoding", "path": "large", "target_path": "b", "to_encoding": "utf-16"}),
        ("csv-analyzer", {"operation": "convert", "input": "a\n" + "yy\n" * 20_000, "target_path": "b"}),
        ("yaml-processor", {"operation": "generate", "value": ["y" * 100_000], "target_path": "b"}),
        ("base64-encoder", {"operation": "encode", "input_file": "large", "output_file": "b"}),
    ],
)
def test_a_disk_that_takes_no_more_leaves_things_as_they_were(
    tool: str, parameters: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "large").write_bytes(random.Random(1).randbytes(75_000).hex().encode())
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    told = ""
    try:
        told = run_tool(tool, parameters, root=tmp_path).message
    except ToolError as error:
        told = str(error)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "File too large" in told
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before
