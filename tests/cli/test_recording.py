"""``llmspell run`` with a cassette and with a trace file, as a process, in both languages."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.language import LANGUAGES, Language
from opentelemetry.proto.trace.v1.trace_pb2 import Status
from support import commands
from support.collector import Collector

TIMEOUT = 30
SUFFIX = {"lua": "lua", "javascript": "js"}
KEY = "a-key-that-nobody-may-read"
ANSWERS = """
shop:
  - tool_calls: [{ name: calculator, arguments: { operation: evaluate, input: 6*7 } }]
  - text: It costs 42.
  - error: the shop is closed
"""
SCRIPTS: dict[Language, str] = {
    "lua": """
local shop = Agent.create({ name = "shop", model = "scripted/shop", tools = { "calculator" } })
print(shop:execute("What does it cost? My key is %s.").text)
print((select(2, pcall(function() return shop:execute("And now?") end))).kind)
local echo = Agent.create({ name = "echo", model = "echo/echo" })
for chunk in echo:stream("piece by piece") do io.write(chunk.text, "|") end
print()
""",
    "javascript": """
const shop = Agent.create({ name: "shop", model: "scripted/shop", tools: ["calculator"] });
console.log((await shop.execute("What does it cost? My key is %s.")).text);
try { await shop.execute("And now?"); } catch (error) { console.log(error.kind); }
const echo = Agent.create({ name: "echo", model: "echo/echo" });
for await (const chunk of echo.stream("piece by piece")) process.stdout.write(chunk.text + "|");
console.log();
""",
}
both = pytest.mark.parametrize("language", LANGUAGES)


def llmspell(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder to its end."""
    env = {**os.environ, "SHOP_API_KEY": KEY, **environment}
    return commands.llmspell("run", *words, cwd=folder, env=env, timeout=TIMEOUT)


def prepare(folder: Path, language: Language) -> str:
    """Write the script and the answers; the result is the script's name."""
    (folder / "answers.yaml").write_text(ANSWERS)
    name = f"main.{SUFFIX[language]}"
    (folder / name).write_text(SCRIPTS[language] % KEY)
    return name


@both
def test_a_recorded_run_is_replayed_without_its_provider(language: Language, tmp_path: Path) -> None:
    script = prepare(tmp_path, language)
    tape = ["--cassette", "tape.jsonl"]
    without = llmspell(tmp_path, script, *tape)
    assert (without.returncode, without.stdout) == (2, "")
    assert without.stderr == "llmspell run: there is no cassette 'tape.jsonl'; record one with --record\n"
    recorded = llmspell(tmp_path, script, "--scripted", "answers.yaml", *tape, "--record")
    assert recorded.returncode == 0, recorded.stderr
    assert recorded.stdout.startswith("It costs 42.\n"), recorded.stdout
    replayed = llmspell(tmp_path, script, *tape, "--log-level", "info")
    assert (replayed.returncode, replayed.stdout, replayed.stderr) == (0, recorded.stdout, "")
    assert KEY not in (tmp_path / "tape.jsonl").read_text()
    (tmp_path / script).write_text("")
    unused = llmspell(tmp_path, script, *tape, "--log-level", "info").stderr
    assert unused.endswith(
        "INFO  cassette: calls of the cassette were not asked for file=tape.jsonl lines=[2, 3, 4, 5]\n"
    )


def test_recording_needs_a_file(tmp_path: Path) -> None:
    ran = llmspell(tmp_path, prepare(tmp_path, "lua"), "--record")
    assert (ran.returncode, ran.stderr) == (
        2,
        "llmspell run: recording needs a file; name it with --cassette FILE\n",
    )


@both
def test_a_trace_tells_what_was_done_inside_what(language: Language, tmp_path: Path) -> None:
    script = prepare(tmp_path, language)
    begin = time.perf_counter()
    ran = llmspell(tmp_path, script, "--scripted", "answers.yaml", "--trace-file", "trace.jsonl")
    whole = time.perf_counter() - begin
    assert ran.returncode == 0, ran.stderr
    text = (tmp_path / "trace.jsonl").read_text()
    assert KEY not in text
    spans = [json.loads(line) for line in text.splitlines()]
    assert len({span["trace"] for span in spans}) == 1
    assert tree(spans) == [
        f"run {script} ok",
        "  agent agent shop ok",
        "    model chat shop ok",
        "    tool tool calculator ok",
        "    model chat shop ok",
        "  agent agent shop error",
        "    model chat shop error",
        "  agent agent echo ok",
        "    model chat echo ok",
    ]
    failed = [span["error"] for span in spans if span["status"] == "error"]
    assert all("the shop is closed" in error["message"] for error in failed)
    first = next(span for span in spans if span["kind"] == "model")
    assert first["attributes"]["gen_ai.request.model"] == "shop"
    assert first["attributes"]["gen_ai.response.finish_reasons"] == ["tool_calls"]
    [run] = [span for span in spans if span["kind"] == "run"]
    assert 0 < took_inside(spans, run) <= run["duration_ms"] <= whole * 1000
    for agent in (span for span in spans if span["kind"] == "agent"):
        assert 0 < took_inside(spans, agent) <= agent["duration_ms"]


def test_telemetry_is_sent_to_a_collector(tmp_path: Path) -> None:
    script = prepare(tmp_path, "lua")
    with Collector() as collector:
        endpoint = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address,
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
        }
        options = ("--scripted", "answers.yaml", "--otel", "--trace-file", "t")
        ran = llmspell(tmp_path, script, *options, **endpoint)
    assert (ran.returncode, ran.stderr) == (0, "")
    spans = collector.spans()
    by_id = {span.span_id: span for span in spans}
    found = sorted(
        (span.name, by_id[span.parent_span_id].name if span.parent_span_id else "") for span in spans
    )
    assert found == [
        ("chat echo", "invoke_agent echo"),
        *[("chat shop", "invoke_agent shop")] * 3,
        ("execute_tool calculator", "invoke_agent shop"),
        ("invoke_agent echo", script),
        ("invoke_agent shop", script),
        ("invoke_agent shop", script),
        (script, ""),
    ]
    assert sum(span.status.code == Status.STATUS_CODE_ERROR for span in spans) == 2
    assert "gen_ai.client.token.usage" in collector.metrics()
    assert not any(KEY.encode() in body for _, body in collector.bodies)
    assert len((tmp_path / "t").read_text().splitlines()) == len(spans)


def took_inside(spans: list[dict[str, Any]], parent: dict[str, Any]) -> float:
    """The milliseconds of what was done inside a span; it was done one after the other."""
    return sum(span["duration_ms"] for span in spans if span["parent"] == parent["span"])


def tree(spans: list[dict[str, Any]], parent: str | None = None, indent: str = "") -> list[str]:
    """The spans inside one another, in the order they were begun."""
    lines = []
    # They were written as they ended; siblings in these scripts never overlap.
    for span in spans:
        if span["parent"] == parent:
            lines.append(f"{indent}{span['kind']} {span['name']} {span['status']}")
            lines += tree(spans, span["span"], indent + "  ")
    return lines
