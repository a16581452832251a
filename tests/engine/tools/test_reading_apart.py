"""Files that are made to do harm are read in another process, and end a call at most."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import anyio
import psutil
import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.security.permissions import Permissions
from llmspell_engine.tools.apart import asking
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.registry import tool_named
from PIL import Image
from support.globals import Pair, check_pair
from support.processes import environment
from support.tools import Case, check_case, run_tool

PDF, IMAGES, AUDIO, VIDEO = "pdf-processor", "image-processor", "audio-processor", "video-processor"


@pytest.fixture(autouse=True)
def _no_worker_is_left() -> Iterator[None]:
    """Tests begin and end without processes that wait for jobs."""
    asking._IDLE.close()
    yield
    asking._IDLE.close()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes = b"") -> bytes:
    """A PNG of grey that says how large it is; it is as long as its rows."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows, 9)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def pdf(content: bytes, filters: str = "") -> bytes:
    """A PDF of a page with this content."""
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        f"<< /Length {len(content)} {filters} >>\nstream\n".encode() + content + b"\nendstream",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


def zeros(size: int, times: int) -> bytes:
    """Nothing at all, packed several times over: a megabyte once, and repeated, since packing takes long."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    head, last, checksum = b"\x78\xda", packer.flush(), struct.pack(">HH", size % 65521, 1)
    packed = head + block * (size >> 20) + last + checksum
    for _ in range(times - 1):
        packed = zlib.compress(packed, 9)
    return packed


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.new("L", (width, height)).save(stream, kind)
    return stream.getvalue()


NESTED = pdf(zeros(600 << 20, 3), "/Filter [/FlateDecode /FlateDecode /FlateDecode]")
PLAIN = pdf(b"BT ET")
CHANGE = {"operation": "resize", "source_path": "a", "target_path": "b.png", "width": 10}
BOMBS = [
    (
        PDF,
        Case(
            "a PDF packed three times",
            {"input": "a"},
            fails=("too_large", "larger inside"),
            files={"a": NESTED},
        ),
    ),
    (
        IMAGES,
        Case(
            "an image of 50,000 x 50,000 pixels",
            CHANGE,
            fails=("too_large", "at most 100000000 are read"),
            files={"a": png(50_000, 50_000, bytes(50_001 * 20))},
            leaves={"b.png": None},
        ),
    ),
    (
        IMAGES,
        Case(
            "an image whose rows are missing",
            CHANGE,
            fails=("broken_image", "'a' is a broken image"),
            files={"a": picture(900, 900)[:200]},
            leaves={"b.png": None},
        ),
    ),
    (
        IMAGES,
        Case(
            "an image that breaks off",
            CHANGE,
            fails=("broken_image", "'a' is a broken image"),
            files={"a": picture(500, 500, "JPEG")[:900]},
        ),
    ),
    (IMAGES, Case("a PDF for an image", CHANGE, fails=("not_an_image", "is no image"), files={"a": PLAIN})),
    (
        AUDIO,
        Case(
            "an image for sound",
            {"file_path": "a"},
            fails=("not_audio", "'a' has no sound"),
            files={"a": picture(8, 8)},
        ),
    ),
    (
        VIDEO,
        Case(
            "text for film",
            {"file_path": "a"},
            fails=("broken_media", "'a' is broken"),
            files={"a": "text " * 99},
        ),
    ),
    (
        VIDEO,
        Case(
            "a film that breaks off",
            {"file_path": "a"},
            fails=("broken_media", "'a' is broken"),
            files={"a": b"\x1a\x45\xdf\xa3\xff\xff\xff webm"},
        ),
    ),
    (
        PDF,
        Case(
            "an image for a PDF", {"input": "a"}, fails=("broken_pdf", "no PDF"), files={"a": picture(8, 8)}
        ),
    ),
]


@pytest.mark.parametrize(("tool", "case"), BOMBS, ids=[case.about for _, case in BOMBS])
def test_a_file_that_does_harm_ends_its_call_and_nothing_else(tool: str, case: Case, tmp_path: Path) -> None:
    before = psutil.Process().memory_info().rss
    check_case(tool, case, tmp_path)
    (tmp_path / "good.pdf").write_bytes(PLAIN)
    assert run_tool(PDF, {"input": "good.pdf"}, root=tmp_path).success
    assert psutil.Process().memory_info().rss - before < 100 << 20


def allowing(root: Path, tool: str, memory_mb: int) -> ToolContext:
    return ToolContext(root, settings={tool: {"memory_mb": memory_mb}})


LARGE = {**CHANGE, "width": 4_000, "height": 4_000, "maintain_aspect_ratio": False}
MEMORY = [
    (IMAGES, Case("", LARGE, fails=("too_large", "more than 48 MiB"), files={"a": picture(9_000, 9_000)})),
    (
        PDF,
        Case(
            "",
            {"input": "a"},
            fails=("too_large", "more than 48 MiB"),
            files={"a": pdf(zeros(70 << 20, 1), "/Filter /FlateDecode")},
        ),
    ),
]


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="memory is limited where the system tells it"
)
@pytest.mark.parametrize(("tool", "case"), MEMORY, ids=[tool for tool, _ in MEMORY])
def test_a_job_takes_no_more_memory_than_it_may(tool: str, case: Case, tmp_path: Path) -> None:
    check_case(tool, case, tmp_path, allowing(tmp_path, tool, 48))
    told = "'memory_mb' in [tools.settings." + tool
    with pytest.raises(ToolError) as caught:
        run_tool(tool, case.parameters, context=allowing(tmp_path, tool, 48))
    assert told in str(caught.value)
    if tool == IMAGES:
        assert run_tool(tool, case.parameters, context=allowing(tmp_path, tool, 1024)).success


SLOW = pdf(b"BT /F1 9 Tf (slow) Tj ET\n" * 400_000)


def children(*, recursive: bool = False) -> list[psutil.Process]:
    """The processes that read files: the workers, and what they make for jobs."""
    found = []
    for process in psutil.Process().children(recursive=recursive):
        try:
            if "apart.worker" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_a_file_that_takes_too_long_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(SLOW)
    begin = time.monotonic()
    with pytest.raises(ToolError) as caught:
        run_tool(PDF, {"input": "a.pdf"}, context=ToolContext(tmp_path, seconds=1.5))
    assert caught.value.code == "timeout"
    assert time.monotonic() - begin < 15
    check_ended()


def check_ended() -> None:
    deadline = time.monotonic() + 10
    while left := children(recursive=True):
        assert time.monotonic() < deadline, left
        time.sleep(0.02)


def wait_for_a_job() -> None:
    """Wait until a process that a worker has made is at work."""
    deadline = time.monotonic() + 20
    while not any(map(_works, children(recursive=True)[1:])):
        assert time.monotonic() < deadline, "no job was begun"
        time.sleep(0.02)


def _works(process: psutil.Process) -> bool:
    return bool(process.cpu_times().user > 0.1)


async def test_a_job_that_nobody_waits_for_is_killed(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(SLOW)
    tool = tool_named(PDF)
    assert tool is not None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tool.completed, {"input": "a.pdf"}, ToolContext(tmp_path))
        await anyio.to_thread.run_sync(wait_for_a_job)
        tasks.cancel_scope.cancel()
    await anyio.to_thread.run_sync(check_ended)


CRASHES = {
    "a crash": ("import ctypes; ctypes.string_at(0)", "crashed", "SIGSEGV"),
    "an abort": ("import os; os.abort()", "crashed", "SIGABRT"),
    "an end without an answer": ("import os; os._exit(7)", "crashed", "code 7"),
    "an exception": ("raise LookupError('no glyph')", "broken_file", "LookupError: no glyph"),
}


@pytest.mark.parametrize("about", CRASHES)
def test_a_library_that_fails_takes_its_own_process_with_it(
    about: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another library stands in for pypdf, for there is no file that is known to make that crash."""
    code, expected, words = CRASHES[about]
    (tmp_path / "failing.py").write_text(
        "def perform(path, arguments):\n"
        "    if arguments['operation'] != 'extract_metadata':\n"
        f"        {code}\n"
        "    return {'page_count': 7, 'version': '1', 'encrypted': False}, b''\n"
    )
    start = asking._START.replace(
        "import main;",
        f"import main, JOBS; JOBS['pdf'] = 'failing'; sys.path.insert(0, {str(tmp_path)!r});",
    )
    assert start != asking._START
    monkeypatch.setattr(asking, "_START", start)
    (tmp_path / "a.pdf").write_bytes(PLAIN)
    looks = {"operation": "extract_metadata", "input": "a.pdf"}
    assert run_tool(PDF, looks, root=tmp_path).success
    (worker,) = children()
    case = Case("", {"input": "a.pdf"}, fails=(expected, words))
    check_case(PDF, case, tmp_path)
    assert run_tool(PDF, looks, root=tmp_path).success
    assert children() == [worker], "the worker outlives what it made for the job"


def test_a_worker_that_was_killed_meanwhile_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(PLAIN)
    assert run_tool(PDF, {"input": "a.pdf"}, root=tmp_path).success
    (worker,) = children()
    worker.kill()
    worker.wait(10)
    for _ in range(3):
        assert run_tool(PDF, {"input": "a.pdf"}, root=tmp_path).success


def test_a_process_is_ready_before_its_job_comes_and_sees_no_other(tmp_path: Path) -> None:
    """The one for the next job is made at the end of this one, and neither is the worker itself."""
    (tmp_path / "a.pdf").write_bytes(PLAIN)
    seen = set()
    for _ in range(4):
        assert run_tool(PDF, {"input": "a.pdf"}, root=tmp_path).success
        (worker,) = children()
        seen.add(ready(worker, seen).pid)
    assert len(seen) == 4


def ready(worker: psutil.Process, seen: set[int]) -> psutil.Process:
    """The process that waits for the next job of a worker."""
    deadline = time.monotonic() + 20
    while (
        not (made := [one for one in worker.children() if one.pid not in seen]) or len(worker.children()) > 1
    ):
        assert time.monotonic() < deadline, "none is made"
        time.sleep(0.02)
    return made[0]


def test_a_worker_reads_files_of_all_kinds(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(PLAIN)
    (tmp_path / "a.png").write_bytes(picture(8, 8))
    for tool, parameters in [(PDF, {"input": "a.pdf"}), (IMAGES, {"file_path": "a.png"})] * 2:
        assert run_tool(tool, parameters, root=tmp_path).success
    assert len(children()) == 1


def test_the_end_of_a_process_whose_answer_breaks_off_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be told whether the answer was begun, so the worker ends too, and the next one is whole."""
    start = asking._START.replace(
        "from llmspell_engine.tools.apart.worker import main;",
        "import os\nfrom llmspell_engine.tools.apart import worker\n"
        "def half(stream, body): stream.write(b'12345'); stream.flush(); os.kill(os.getpid(), 9)\n"
        "worker.write_message = half\nfrom llmspell_engine.tools.apart.worker import main;",
    )
    (tmp_path / "a.pdf").write_bytes(PLAIN)
    with monkeypatch.context() as broken:
        broken.setattr(asking, "_START", start)
        check_case(PDF, Case("", {"input": "a.pdf"}, fails=("crashed", "ended without an answer")), tmp_path)
    assert run_tool(PDF, {"input": "a.pdf"}, root=tmp_path).success


def test_workers_see_no_keys_and_write_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    (tmp_path / "a.pdf").write_bytes(PLAIN)
    assert run_tool(PDF, {"input": "a.pdf"}, root=tmp_path).success
    (worker,) = children()
    assert "OPENAI_API_KEY" not in worker.environ()


def test_no_process_is_left_when_the_engine_ends(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(PLAIN)
    program = (
        "import anyio, sys, psutil\n"
        "from pathlib import Path\n"
        "from llmspell_engine.tools.base import ToolContext\n"
        "from llmspell_engine.tools.registry import tool_named\n"
        "anyio.run(tool_named('pdf-processor').completed, {'input': 'a.pdf'}, ToolContext(Path.cwd()))\n"
        "print([child.pid for child in psutil.Process().children()])\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    (pid,) = map(int, done.stdout.strip("[]\n").split(","))
    assert not psutil.pid_exists(pid)


def test_a_job_ends_with_an_engine_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(SLOW)
    program = (
        "import anyio\n"
        "from pathlib import Path\n"
        "from llmspell_engine.tools.base import ToolContext\n"
        "from llmspell_engine.tools.registry import tool_named\n"
        "anyio.run(tool_named('pdf-processor').completed, {'input': 'a.pdf'}, ToolContext(Path.cwd()))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, env=environment()) as engine:
        wait_for_a_job()
        made = children(recursive=True)
        engine.kill()
    _, left = psutil.wait_procs(made, timeout=10)
    assert len(made) == 2
    assert left == []


GOES_ON = Pair(
    "",
    'local done, problem = pcall(Tool.execute, "pdf-processor", { input = "bomb.pdf" }) '
    'print(done, Tool.execute("pdf-processor", { input = "good.pdf" }).result.page_count)',
    'let done = true; const bomb = Tool.execute("pdf-processor", { input: "bomb.pdf" }); '
    "try { await bomb; } catch (problem) { done = false; } "
    'say(done, (await Tool.execute("pdf-processor", { input: "good.pdf" })).result.pageCount)',
    "false\t1\n",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_script_goes_on_after_a_bomb(language: Language, tmp_path: Path) -> None:
    (tmp_path / "bomb.pdf").write_bytes(NESTED)
    (tmp_path / "good.pdf").write_bytes(PLAIN)
    allowed = Permissions(root=tmp_path)
    services = Services(root=tmp_path, permissions=allowed)
    check_pair(GOES_ON, language, services=services, permissions=allowed)
