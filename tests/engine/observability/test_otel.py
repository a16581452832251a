"""What a collector gets over OTLP: spans, metrics and logs, and what of prompts and secrets is in them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.assembly.tracers import Tracers
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.observability import LogSettings
from llmspell_engine.observability.otel import OTelSettings, Signal, otlp_tracer
from llmspell_engine.observability.trace_file import FileTracer
from llmspell_engine.providers import standard_providers
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from support.collector import Collector, attributes
from support.runtime import Ran, Script, both, run

SECRET = "the-configured-secret-of-a-shop"
ANSWERS = f"""
shop:
  - tool_calls: [{{ name: price, arguments: {{ of: tea }} }}]
  - text: It costs 42, {SECRET}.
  - error: the shop is closed
"""
SCRIPTS: dict[Language, str] = {
    "lua": """
local price = { name = "price", handler = function(given)
  Logger.new({ name = "shop" }):warn("asked", { of = given.of, n = 1, deep = { a = true } })
  return { cost = 42, key = "%s" }
end }
local shop = Agent.create({
  name = "shop", model = "scripted/shop", system_prompt = "Sell.", tools = { price },
})
Logger.set_correlation_id("order-7")
print(#shop:execute("What does tea cost? %s").text > 0)
local _, problem = pcall(function() return shop:execute("And now?") end)
Logger.error("closed", problem)
""",
    "javascript": """
const price = { name: "price", handler: (given) => {
  Logger.new({ name: "shop" }).warn("asked", { of: given.of, n: 1, deep: { a: true } });
  return { cost: 42, key: "%s" };
} };
const shop = Agent.create({ name: "shop", model: "scripted/shop", systemPrompt: "Sell.", tools: [price] });
Logger.setCorrelationId("order-7");
console.log((await shop.execute("What does tea cost? %s")).text.length > 0);
try { await shop.execute("And now?"); } catch (problem) { Logger.error("closed", problem); }
""",
}


def test_a_trace_file_beside_the_collector_has_the_same_ids(tmp_path: Path) -> None:
    with Collector() as collector:
        sent = otlp_tracer([], OTelSettings(endpoint=collector.address))
        tracer = Tracers([sent, FileTracer(tmp_path / "trace.jsonl")])
        with tracer.span("run", "outer"):
            with tracer.span("agent", "first"), tracer.span("model", "inner"):
                pass
            with tracer.span("agent", "second"):
                pass
        tracer.close()
        spans = collector.spans()
    lines = [json.loads(line) for line in (tmp_path / "trace.jsonl").read_text().splitlines()]
    in_file = {one["name"]: (one["trace"], one["span"], one["parent"]) for one in lines}
    assert in_file == {
        span.name: (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex() or None)
        for span in spans
    }
    assert len(in_file) == 4


def observed(language: Language, folder: Path, **settings: Any) -> tuple[Collector, Ran]:
    """What a collector got of the shop, and what came of the run."""
    (folder / "answers.yaml").write_text(ANSWERS)
    with Collector() as collector:
        tracer = otlp_tracer([SECRET], OTelSettings(endpoint=collector.address, **settings))
        services = Services(
            providers=standard_providers(folder / "answers.yaml"),
            tracer=tracer,
            log=LogSettings("info", "json"),
            secrets=[SECRET],
        )
        with tracer.span("run", "shop"):
            ran = run(Script(language, SCRIPTS[language] % (SECRET, SECRET), services=services))
        services.close()
    assert (ran.error, ran.out) == (None, "true\n")
    assert not any(SECRET.encode() in body for _, body in collector.bodies)
    assert SECRET not in ran.err
    return collector, ran


@both
def test_spans_follow_the_conventions(language: Language, tmp_path: Path) -> None:
    collector, _ = observed(language, tmp_path)
    spans = collector.spans()
    assert sorted(span.name for span in spans) == [
        *["chat shop"] * 3,
        "execute_tool price",
        *["invoke_agent shop"] * 2,
        "shop",
    ]
    chat = next(span for span in spans if span.name == "chat shop")
    told = attributes(chat.attributes)
    assert chat.kind == Span.SPAN_KIND_CLIENT
    assert told["gen_ai.operation.name"] == "chat"
    assert told["gen_ai.provider.name"] == "scripted"
    assert told["gen_ai.request.model"] == "shop"
    assert told["llmspell.kind"] == "model"
    assert told["llmspell.correlation_id"] == "order-7"
    failed = [span for span in spans if span.status.code == Status.STATUS_CODE_ERROR]
    assert sorted(span.name for span in failed) == ["chat shop", "invoke_agent shop"]
    assert {attributes(span.attributes)["error.type"] for span in failed} == {"ProviderError"}
    assert not any(
        "messages" in name or "tool.call" in name for span in spans for name in attributes(span.attributes)
    )


@both
def test_metrics_count_calls_tokens_and_time(language: Language, tmp_path: Path) -> None:
    metrics = observed(language, tmp_path)[0].metrics()
    calls = metrics["gen_ai.client.operation.duration"]
    assert calls.unit == "s"
    points = [(attributes(point.attributes), point.count) for point in calls.histogram.data_points]
    facts = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "scripted",
        "gen_ai.request.model": "shop",
    }
    assert sorted(points, key=lambda point: -point[1]) == [
        (facts, 2),
        ({**facts, "error.type": "ProviderError"}, 1),
    ]
    tokens = metrics["gen_ai.client.token.usage"]
    assert tokens.unit == "{token}"
    by_type = {
        attributes(point.attributes)["gen_ai.token.type"]: (point.count, point.sum)
        for point in tokens.histogram.data_points
    }
    assert set(by_type) == {"input", "output"}
    assert by_type["input"][0] == by_type["output"][0] == 2
    assert by_type["input"][1] > by_type["output"][1] > 0
    agents = metrics["llmspell.agent.duration"].histogram.data_points
    assert sorted(point.count for point in agents) == [1, 1]
    assert attributes(agents[0].attributes)["gen_ai.agent.name"] == "shop"
    [tool] = metrics["llmspell.tool.duration"].histogram.data_points
    assert attributes(tool.attributes) == {"gen_ai.tool.name": "price"}
    errors = {
        attributes(point.attributes)["llmspell.kind"]: point.as_int
        for point in metrics["llmspell.errors"].sum.data_points
    }
    assert errors == {"model": 1, "agent": 1}


@both
def test_lines_of_the_log_know_their_span(language: Language, tmp_path: Path) -> None:
    collector, ran = observed(language, tmp_path)
    asked, closed = collector.logs()
    spans = {span.span_id: span for span in collector.spans()}
    assert (asked.body.string_value, asked.severity_text) == ("asked", "WARN")
    assert spans[asked.span_id].name == "execute_tool price"
    assert attributes(asked.attributes) == {
        "of": "tea",
        "n": 1,
        "deep": '{"a": true}',
        "llmspell.logger": "shop",
        "llmspell.correlation_id": "order-7",
    }
    assert spans[closed.span_id].name == "shop"
    assert closed.severity_number == 17
    assert attributes(closed.attributes)["exception.type"] == "ProviderError"
    lines = [json.loads(line) for line in ran.err.splitlines()]
    assert [(line["trace"], line["span"]) for line in lines] == [
        (record.trace_id.hex(), record.span_id.hex()) for record in (asked, closed)
    ]


@both
def test_prompts_and_answers_are_sent_where_asked_for(language: Language, tmp_path: Path) -> None:
    spans = observed(language, tmp_path, content=True)[0].spans()
    chats = [attributes(span.attributes) for span in spans if span.name == "chat shop"]
    first = min(chats, key=lambda told: len(told["gen_ai.input.messages"]))
    assert json.loads(first["gen_ai.input.messages"]) == [
        {"role": "user", "parts": [{"type": "text", "content": "What does tea cost? [secret]"}]}
    ]
    assert json.loads(first["gen_ai.system_instructions"]) == [{"type": "text", "content": "Sell."}]
    [message] = json.loads(first["gen_ai.output.messages"])
    assert message["finish_reason"] == "tool_calls"
    assert [(part["type"], part["name"], part["arguments"]) for part in message["parts"]] == [
        ("tool_call", "price", {"of": "tea"})
    ]
    tool = next(attributes(span.attributes) for span in spans if span.name == "execute_tool price")
    assert json.loads(tool["gen_ai.tool.call.arguments"]) == {"of": "tea"}
    assert json.loads(tool["gen_ai.tool.call.result"]) == {"cost": 42, "key": "[secret]"}


@pytest.mark.parametrize("signal", ["traces", "metrics", "logs"])
def test_only_the_signals_that_are_asked_for(signal: Signal, tmp_path: Path) -> None:
    collector, _ = observed("lua", tmp_path, signals=(signal,))
    assert {path for path, _ in collector.bodies} == {f"/v1/{signal}"}


@pytest.mark.parametrize(
    ("variables", "signals", "content"),
    [
        ({}, ("traces", "metrics", "logs"), False),
        ({"OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}, ("traces",), False),
        ({"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true"}, ("traces", "metrics", "logs"), True),
    ],
)
def test_standard_variables_say_what_settings_do_not(
    variables: dict[str, str], signals: tuple[Signal, ...], content: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert OTelSettings() == OTelSettings(signals, content)


def test_a_collector_that_is_down_is_told_once_and_costs_little(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    with Collector() as gone:
        pass
    tracer = otlp_tracer(settings=OTelSettings(endpoint=gone.address))
    with tracer.span("run", "run"), tracer.span("tool", "tool"):
        pass
    begin = time.monotonic()
    tracer.close()
    assert time.monotonic() - begin < 5
    [line] = capsys.readouterr().err.splitlines()
    assert f" ERROR llmspell.otel: {gone.address} does not take all that is sent; " in line
