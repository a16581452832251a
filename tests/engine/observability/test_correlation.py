"""A correlation id goes with the work: into events, and no further than what follows."""

from __future__ import annotations

import json
from pathlib import Path

from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.observability import LogSettings
from llmspell_engine.providers import standard_providers
from support.runtime import Script, both, run

EVENTS: dict[Language, str] = {
    "lua": 'local s = Event.subscribe("a") Logger.set_correlation_id("r-1") Event.publish("a", {})\n'
    "print(Event.receive(s, 1000).correlation_id)\n"
    'Logger.set_correlation_id() Event.publish("a", {})\n'
    'print(Event.receive(s, 1000).correlation_id == "r-1")',
    "javascript": 'const s = Event.subscribe("a"); Logger.setCorrelationId("r-1"); Event.publish("a", {});\n'
    "console.log((await Event.receive(s, 1000)).correlationId);\n"
    'Logger.setCorrelationId(); Event.publish("a", {});\n'
    'console.log((await Event.receive(s, 1000)).correlationId === "r-1");',
}
TOOLS: dict[Language, str] = {
    "lua": """
local t = { name = "t", handler = function(given)
  Logger.set_correlation_id(given.id)
  Async.sleep(given.id == "one" and 0.02 or 0)
  Logger.info(given.id)
end }
Logger.set_correlation_id("program")
Agent.create({ name = "a", model = "scripted/a", tools = { t } }):execute("go")
Logger.info("program")
""",
    "javascript": """
const t = { name: "t", handler: async (given) => {
  Logger.setCorrelationId(given.id);
  await Async.sleep(given.id === "one" ? 0.02 : 0);
  Logger.info(given.id);
} };
Logger.setCorrelationId("program");
await Agent.create({ name: "a", model: "scripted/a", tools: [t] }).execute("go");
Logger.info("program");
""",
}
ANSWERS = """
a:
  - tool_calls: [{ name: t, arguments: { id: one } }, { name: t, arguments: { id: two } }]
  - text: done
"""


@both
def test_events_have_it(language: Language) -> None:
    ran = run(Script(language, EVENTS[language]))
    assert (ran.error, ran.out) == (None, "r-1\nfalse\n")


@both
def test_functions_that_run_at_the_same_time_keep_their_own(language: Language, tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text(ANSWERS)
    services = Services(
        providers=standard_providers(tmp_path / "answers.yaml"), log=LogSettings("info", "json")
    )
    ran = run(Script(language, TOOLS[language], services=services))
    assert ran.error is None
    records = [json.loads(line) for line in ran.err.splitlines()]
    assert [(record["message"], record["correlation_id"]) for record in records] == [
        ("two", "two"),
        ("one", "one"),
        ("program", "program"),
    ]
