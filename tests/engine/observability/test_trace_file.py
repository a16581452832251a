"""The file of a trace: whole lines from many threads and processes, and what happens when it is full."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextvars import Context
from pathlib import Path

import jq
import pytest
from llmspell_engine.observability.trace_file import FileTracer
from llmspell_engine.runtime.base import ScriptExit

THREADS, SPANS = 8, 200
WRITER = """
import sys
from pathlib import Path
from llmspell_engine.observability.trace_file import FileTracer

tracer = FileTracer(Path(sys.argv[1]))
for number in range(200):
    with tracer.span("tool", "x" * number, text="y" * 3000):
        pass
"""


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_threads_write_whole_lines_and_keep_their_own_parents(tmp_path: Path) -> None:
    tracer = FileTracer(tmp_path / "t.jsonl")

    def work(name: str) -> None:
        with tracer.span("agent", name):
            for number in range(SPANS):
                with tracer.span("tool", f"{name} {number}", text="z" * 2000):
                    pass

    threads = [threading.Thread(target=work, args=(f"t{number}",)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    spans = lines(tmp_path / "t.jsonl")
    tracer.close()
    names = {span["span"]: span["name"] for span in spans}
    assert len(spans) == THREADS * (SPANS + 1)
    assert len({span["trace"] for span in spans}) == THREADS
    inner = [span for span in spans if span["kind"] == "tool"]
    assert all(names[span["parent"]] == str(span["name"]).split()[0] for span in inner)


def test_processes_share_a_file_and_what_had_ended_is_there_when_one_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) for _ in range(3)]
    assert [writer.wait(30) for writer in writers] == [0, 0, 0]
    assert len(lines(path)) == 600
    killed = WRITER + "\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
    done = subprocess.run([sys.executable, "-c", killed, str(path)], check=False, timeout=30)
    assert done.returncode != 0
    assert len(lines(path)) == 800


def test_a_full_disk_is_told_once_and_stops_no_work(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        tracer = FileTracer(Path("/dev/full"))
        for _ in range(3):
            with tracer.span("tool", "x"):
                pass
        tracer.close()

    Context().run(work)
    [line] = capsys.readouterr().err.splitlines()
    assert " ERROR llmspell.trace: the trace file '/dev/full' is written no more: " in line


def test_how_work_ends(tmp_path: Path) -> None:
    tracer = FileTracer(tmp_path / "t.jsonl")
    with pytest.raises(KeyError), tracer.span("tool", "raises"):
        raise KeyError("x")
    with pytest.raises(KeyboardInterrupt), tracer.span("tool", "interrupted"):
        raise KeyboardInterrupt
    for code in (0, 3):
        with pytest.raises(ScriptExit), tracer.span("run", f"leaves with {code}"):
            raise ScriptExit(code)
    with tracer.span("step", "tells") as span:
        span.set(**{"error.type": "ToolError"})
    with tracer.span("tool", "works"):
        pass
    tracer.close()
    assert [(each["name"], each["status"], each.get("error")) for each in lines(tmp_path / "t.jsonl")] == [
        ("raises", "error", {"kind": "KeyError", "message": "'x'"}),
        ("interrupted", "cancelled", None),
        ("leaves with 0", "ok", None),
        ("leaves with 3", "error", {"kind": "ScriptExit", "message": "3"}),
        ("tells", "error", {"kind": "ToolError", "message": ""}),
        ("works", "ok", None),
    ]


def test_nothing_is_written_after_the_end(tmp_path: Path) -> None:
    tracer = FileTracer(tmp_path / "t.jsonl")
    with tracer.span("run", "late"):
        tracer.close()
    assert lines(tmp_path / "t.jsonl") == []


MODEL = {
    "span": "2",
    "parent": "1",
    "kind": "model",
    "name": "chat m",
    "duration_ms": 3,
    "status": "error",
    "error": {"kind": "E", "message": "bad"},
    "attributes": {"gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 4, "llmspell.cost": 0.5},
}
RUN = {"span": "1", "parent": None, "kind": "run", "name": "r", "status": "ok", "attributes": {}}
SHOWN = [
    [{"name": "chat m", "duration_ms": 3}],
    [{"model": "m", "calls": 1, "input": 4, "cost": 0.5}],
    [{"name": "chat m", "error": "bad", "in": "r"}],
    ["r", "  chat m"],
]


def test_what_the_documentation_shows_of_jq_works() -> None:
    text = (Path(__file__).parents[3] / "docs" / "observability.md").read_text()
    shown = text.split("Reading it:")[1].split("```sh\n")[1].split("```")[0]
    programs = [part.split("'")[1] for part in shown.split("\n\n")]
    assert [jq.compile(program).input_value([MODEL, RUN]).all() for program in programs] == SHOWN
