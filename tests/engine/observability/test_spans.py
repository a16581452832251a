"""Which span is inside which: a script's own tools and handlers included, in both languages.

The tree is read from the trace file and from what a collector of OpenTelemetry gets: they agree.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.observability import Tracer
from llmspell_engine.observability.otel import OTelSettings, otlp_tracer
from llmspell_engine.observability.trace_file import FileTracer
from llmspell_engine.providers import standard_providers
from support.collector import Collector
from support.runtime import Script, both, run

ANSWERS = """
boss:
  - tool_calls: [{ name: ask, arguments: { question: deep } }]
  - text: done
both:
  - tool_calls:
      - { name: ask, arguments: { question: first } }
      - { name: ask, arguments: { question: second } }
  - text: done
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A script in both languages and the tree of its spans."""

    name: str
    lua: str
    javascript: str
    tree: str

    def text(self, language: Language) -> str:
        return self.lua if language == "lua" else self.javascript


CASES = [
    Case(
        "an agent inside a tool inside an agent",
        """
local echo = Agent.create({ name = "echo", model = "echo" })
local ask = { name = "ask", handler = function(given) return echo:execute(given.question).text end }
Agent.create({ name = "boss", model = "scripted/boss", tools = { ask } }):execute("go")
echo:execute("after")
""",
        """
const echo = Agent.create({ name: "echo", model: "echo" });
const ask = { name: "ask", handler: async (given) => (await echo.execute(given.question)).text };
await Agent.create({ name: "boss", model: "scripted/boss", tools: [ask] }).execute("go");
await echo.execute("after");
""",
        """
run
  agent boss
    chat boss
    chat boss
    tool ask
      agent echo
        chat echo
  agent echo
    chat echo
""",
    ),
    Case(
        "what comes after a wait, at the same time in two calls",
        """
local echo = function(name) return Agent.create({ name = name, model = "echo" }) end
local ask = { name = "ask", handler = function(given)
  Async.sleep(given.question == "first" and 0.02 or 0)
  local found = echo(given.question):execute("x").text
  Async.sleep(0)
  return Async.all({ Async.run(function()
    Async.sleep(0)
    return echo(given.question .. " again"):execute(found).text
  end) })[1]
end }
Agent.create({ name = "boss", model = "scripted/both", tools = { ask } }):execute("go")
""",
        """
const echo = (name) => Agent.create({ name, model: "echo" });
const ask = { name: "ask", handler: async (given) => {
  await Async.sleep(given.question === "first" ? 0.02 : 0);
  const found = (await echo(given.question).execute("x")).text;
  await Async.sleep(0);
  return await Async.run(async () => {
    await Async.sleep(0);
    return (await echo(given.question + " again").execute(found)).text;
  });
} };
await Agent.create({ name: "boss", model: "scripted/both", tools: [ask] }).execute("go");
""",
        """
run
  agent boss
    chat both
    chat both
    tool ask
      agent first
        chat echo
      agent first again
        chat echo
    tool ask
      agent second
        chat echo
      agent second again
        chat echo
""",
    ),
    Case(
        "a stream that a tool reads",
        """
local echo = Agent.create({ name = "echo", model = "echo" })
local ask = { name = "ask", handler = function(given)
  local all = {}
  for chunk in echo:stream(given.question) do all[#all + 1] = chunk.text end
  return table.concat(all)
end }
Agent.create({ name = "boss", model = "scripted/boss", tools = { ask } }):execute("go")
""",
        """
const echo = Agent.create({ name: "echo", model: "echo" });
const ask = { name: "ask", handler: async (given) => {
  let all = "";
  for await (const chunk of echo.stream(given.question)) all += chunk.text;
  return all;
} };
await Agent.create({ name: "boss", model: "scripted/boss", tools: [ask] }).execute("go");
""",
        """
run
  agent boss
    chat boss
    chat boss
    tool ask
      agent echo
        chat echo
""",
    ),
    Case(
        "tools that the script calls itself, and agents as tools",
        """
local echo = Agent.create({ name = "echo", model = "echo" })
Agent.wrap_as_tool(echo, { tool_name = "asked" })
Tool.execute("calculator", { input = "1 + 1" })
Tool.execute("asked", { text = "x" })
Tool.get("asked").execute({ text = "x" })
""",
        """
const echo = Agent.create({ name: "echo", model: "echo" });
Agent.wrapAsTool(echo, { toolName: "asked" });
await Tool.execute("calculator", { input: "1 + 1" });
await Tool.execute("asked", { text: "x" });
await Tool.get("asked").execute({ text: "x" });
""",
        """
run
  tool asked
    agent echo
      chat echo
  tool asked
    agent echo
      chat echo
  tool calculator
""",
    ),
    Case(
        "two that were begun at the same time belong to the run",
        """
local echo = Agent.create({ name = "echo", model = "echo" })
Async.all({ Async.run(function() return echo:execute("a").text end),
            Async.run(function() Async.sleep(0) return echo:execute("b").text end) })
""",
        """
const echo = Agent.create({ name: "echo", model: "echo" });
await Async.all([Async.run(async () => echo.execute("a")),
                 Async.run(async () => { await Async.sleep(0); return echo.execute("b"); })]);
""",
        """
run
  agent echo
    chat echo
  agent echo
    chat echo
""",
    ),
]


def traced(case: Case, language: Language, tracer: Tracer, folder: Path) -> None:
    """Run a script inside the span of a run, as the command line does."""
    answers = folder / "answers.yaml"
    answers.write_text(ANSWERS)
    services = Services(providers=standard_providers(answers), tracer=tracer)
    with tracer.span("run", "run"):
        ran = run(Script(language, case.text(language), services=services))
    services.close()
    assert (ran.error, ran.err) == (None, "")


def tree(spans: Iterable[tuple[str, str | None, str]]) -> str:
    """Spans by id, parent and name, inside one another; siblings by what they and theirs are called."""
    found = list(spans)

    def below(parent: str | None, indent: str) -> str:
        parts = [
            f"{indent}{name}\n{below(span, indent + '  ')}" for span, above, name in found if above == parent
        ]
        return "".join(sorted(parts))

    return "\n" + below(None, "")


@both
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_tree_in_a_trace_file(case: Case, language: Language, tmp_path: Path) -> None:
    traced(case, language, FileTracer(tmp_path / "trace.jsonl"), tmp_path)
    spans = [json.loads(line) for line in (tmp_path / "trace.jsonl").read_text().splitlines()]
    assert len({span["trace"] for span in spans}) == 1
    assert {span["status"] for span in spans} == {"ok"}
    assert tree((span["span"], span["parent"], _short(span["name"])) for span in spans) == case.tree


@both
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_tree_at_a_collector(case: Case, language: Language, tmp_path: Path) -> None:
    with Collector() as collector:
        traced(case, language, otlp_tracer(settings=OTelSettings(endpoint=collector.address)), tmp_path)
    ids = [
        (span.span_id.hex(), span.parent_span_id.hex() or None, _short(span.name))
        for span in collector.spans()
    ]
    assert tree(ids) == case.tree


_WORDS: Mapping[str, str] = {
    "agent agent": "agent",
    "tool tool": "tool",
    "invoke_agent": "agent",
    "execute_tool": "tool",
}


def _short(name: str) -> str:
    """The name of a span, the same for both."""
    for said, short in _WORDS.items():
        name = name.replace(said, short)
    return name
