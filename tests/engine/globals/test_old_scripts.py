"""Scripts that use older names of the API: they run, the linter modernises them, and their output stays."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.lint.fixing import fix_script
from llmspell_engine.lint.settings import LintSettings
from support.globals import SAY
from support.lint import SUFFIXES
from support.runtime import check_out


@dataclass(frozen=True, slots=True)
class Old:
    """A script of old in both languages, its new form, and what both print; nothing new where it may stay."""

    name: str
    lua: str
    new_lua: str
    javascript: str
    new_javascript: str
    expect: str

    def texts(self, language: Language) -> tuple[str, str]:
        """The old script and the new one."""
        if language == "lua":
            return self.lua, self.new_lua or self.lua
        head = f"{SAY}\n"
        return head + self.javascript, head + (self.new_javascript or self.javascript)


CALLS = [
    Old(
        "values without a scope",
        'State.set("visits", 3)\nprint(State.get("visits"), State.get("none"))',
        'State.save("global", "visits", 3)\n'
        'print(State.load("global", "visits"), State.load("global", "none"))',
        'State.set("visits", 3);\nsay(State.get("visits"), State.get("none"));',
        'State.save("global", "visits", 3);\n'
        'say(State.load("global", "visits"), State.load("global", "none"));',
        "3\tnil\n",
    ),
    Old(
        "all keys and all values",
        'State.set("b", 2)\nState.set("a", 1)\nprint(#State.keys(), State.keys()[1], State.all().b)',
        'State.save("global", "b", 2)\nState.save("global", "a", 1)\n'
        'print(#State.list_keys("global"), State.list_keys("global")[1], State.load_all("global").b)',
        'State.set("b", 2);\nState.set("a", 1);\nsay(State.keys().length, State.keys()[0], State.all().b);',
        'State.save("global", "b", 2);\nState.save("global", "a", 1);\n'
        'say(State.listKeys("global").length, State.listKeys("global")[0], State.loadAll("global").b);',
        "2\ta\t2\n",
    ),
    Old(
        "agents made asynchronously",
        'local agent = Agent.createAsync({ name = "clerk", model = "echo" })\n'
        'print(agent.name, agent.execute({ text = "hello" }).text, #agent.id > 0)',
        'local agent = Agent.create({ name = "clerk", model = "echo" })\n'
        'print(agent.name, agent:execute({ text = "hello" }).text, #agent.id > 0)',
        'const agent = Agent.createAsync({ name: "clerk", model: "echo" });\n'
        'say(agent.name, (await agent.execute({ text: "hello" })).text, agent.id.length > 0);',
        'const agent = Agent.create({ name: "clerk", model: "echo" });\n'
        'say(agent.name, (await agent.execute({ text: "hello" })).text, agent.id.length > 0);',
        "clerk\thello\ttrue\n",
    ),
    Old(
        "an agent made by new that completes",
        'local agent = Agent.new({ model = "echo" })\nprint(agent:complete("hello").text)',
        'local agent = Agent.create({ model = "echo" })\nprint(agent:execute("hello").text)',
        'const agent = Agent.new({ model: "echo" });\nsay((await agent.complete("hello")).text);',
        'const agent = Agent.create({ model: "echo" });\nsay((await agent.execute("hello")).text);',
        "hello\n",
    ),
    Old(
        "a tool of the script, called with a dot",
        'local adder = Tool.create({ name = "adder", description = "Adds one.",\n'
        'parameters = { type = "object", properties = { n = { type = "number" } }, required = { "n" } },\n'
        "execute = function(given) return { success = true, result = given.n + 1 } end })\n"
        "local done = adder.execute({ n = 41 })\nprint(done.success, done.result)",
        'local adder = Tool.create({ name = "adder", description = "Adds one.",\n'
        'parameters = { type = "object", properties = { n = { type = "number" } }, required = { "n" } },\n'
        "handler = function(given) return { success = true, result = given.n + 1 } end })\n"
        "local done = adder:execute({ n = 41 })\nprint(done.success, done.result)",
        'const adder = Tool.create({ name: "adder", description: "Adds one.",\n'
        'parameters: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },\n'
        "execute: (given) => ({ success: true, result: given.n + 1 }) });\n"
        "const done = await adder.execute({ n: 41 });\nsay(done.success, done.result);",
        'const adder = Tool.create({ name: "adder", description: "Adds one.",\n'
        'parameters: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },\n'
        "handler: (given) => ({ success: true, result: given.n + 1 }) });\n"
        "const done = await adder.execute({ n: 41 });\nsay(done.success, done.result);",
        "true\t42\n",
    ),
    Old(
        "tools by the plural",
        'local tool = Tools.get("calculator")\nprint(tool.execute({ input = "6 * 7" }).text)',
        'local tool = Tools.get("calculator")\nprint(tool:execute({ input = "6 * 7" }).text)',
        'const tool = Tools.get("calculator");\nsay((await tool.execute({ input: "6 * 7" })).text);',
        "",
        "42\n",
    ),
    Old(
        "invoking a tool, its name and its parameter of old",
        'print(Tool.invoke("text_manipulator", { operation = "uppercase", text = "hello" }).text)',
        'print(Tool.execute("text-manipulator", { operation = "uppercase", input = "hello" }).text)',
        'say((await Tool.invoke("text_manipulator", { operation: "uppercase", text: "hello" })).text);',
        'say((await Tool.execute("text-manipulator", { operation: "uppercase", input: "hello" })).text);',
        "HELLO\n",
    ),
    Old(
        "events that are emitted",
        'local heard = Event.subscribe("order.*")\nEvent.emit("order.placed", { item = "atlas" })\n'
        "print(Event.receive(heard, 1000).data.item)",
        'local heard = Event.subscribe("order.*")\nEvent.publish("order.placed", { item = "atlas" })\n'
        "print(Event.receive(heard, 1000).data.item)",
        'const heard = Event.subscribe("order.*");\nEvent.emit("order.placed", { item: "atlas" });\n'
        "say((await Event.receive(heard, 1000)).data.item);",
        'const heard = Event.subscribe("order.*");\nEvent.publish("order.placed", { item: "atlas" });\n'
        "say((await Event.receive(heard, 1000)).data.item);",
        "atlas\n",
    ),
    Old(
        "a workflow of steps of the type custom, run by the global",
        'local flow = Workflow.sequential({ name = "flow", steps = { { name = "one", type = "custom",\n'
        'execute = function(context) return { success = true, output = "done" } end } } })\n'
        "local ran = Workflow.execute(flow, {})\nprint(ran.success, ran.output)",
        "",
        'const flow = Workflow.sequential({ name: "flow", steps: [{ name: "one", type: "custom",\n'
        'execute: () => ({ success: true, output: "done" }) }] });\n'
        "const ran = await Workflow.execute(flow, {});\nsay(ran.success, ran.output);",
        "",
        "true\tdone\n",
    ),
    Old(
        "a workflow whose step names a tool as of old, run with a dot",
        'local flow = Workflow.builder():name("flow"):sequential():add_step({ name = "loud", type = "tool",\n'
        'tool = "text_manipulator", input = { operation = "uppercase", input = "hello" } }):build()\n'
        "print(flow.execute({}).success, #Workflow.discover_types())",
        'local flow = Workflow.builder():name("flow"):sequential():add_step({ name = "loud", type = "tool",\n'
        'tool = "text-manipulator", input = { operation = "uppercase", input = "hello" } }):build()\n'
        "print(flow:execute({}).success, #Workflow.types())",
        'const flow = Workflow.builder().name("flow").sequential().addStep({ name: "loud", type: "tool",\n'
        'tool: "text_manipulator", input: { operation: "uppercase", input: "hello" } }).build();\n'
        "say((await flow.execute({})).success, Workflow.discoverTypes().length);",
        'const flow = Workflow.builder().name("flow").sequential().addStep({ name: "loud", type: "tool",\n'
        'tool: "text-manipulator", input: { operation: "uppercase", input: "hello" } }).build();\n'
        "say((await flow.execute({})).success, Workflow.types().length);",
        "true\t6\n",
    ),
    Old(
        "the logger",
        'Logger.set_level("error")\nLogger.debug("a")\nLogger.info("b", { n = 1 })\nLogger.warn("c")\n'
        'print(Logger.is_enabled("error"))',
        "",
        'Logger.setLevel("error");\nLogger.debug("a");\nLogger.info("b", { n: 1 });\nLogger.warn("c");\n'
        'say(Logger.isEnabled("error"));',
        "",
        "true\n",
    ),
]

IN_LUA_ALONE = [
    Old(
        "JSON by the names of other libraries",
        'print(JSON.encode({ 1, 2 }), JSON.decode("[7]")[1])',
        'print(JSON.stringify({ 1, 2 }), JSON.parse("[7]")[1])',
        "",
        "",
        "[1,2]\t7\n",
    ),
    Old(
        "names in camel case",
        'local tool = Tool.get("calculator")\nprint(tool:getSchema().name, #Provider.list() > 0)\n'
        'print(Config.getSection("run") ~= nil)',
        'local tool = Tool.get("calculator")\nprint(tool:get_schema().name, #Provider.list() > 0)\n'
        'print(Config.get_section("run") ~= nil)',
        "",
        "",
        "calculator\ttrue\ntrue\n",
    ),
    Old(
        "a call without parentheses",
        'State.set("a", "b")\nprint(State.get "a")',
        'State.save("global", "a", "b")\nprint(State.load("global", "a"))',
        "",
        "",
        "b\n",
    ),
]

CASES = [
    *(pytest.param(language, one, id=f"{one.name}-{language}") for one in CALLS for language in LANGUAGES),
    *(pytest.param("lua", one, id=one.name) for one in IN_LUA_ALONE),
]


def _modernised(text: str, language: Language) -> tuple[str, list[str]]:
    """A script with the safe fixes made, and what the linter still says."""
    path = f"/script{SUFFIXES[language]}"
    workspace = Workspace()
    workspace.open(path, text, language)
    new, _, left = fix_script(workspace, path, LintSettings())
    return new, [f"{one.code} {one.message}" for one in left]


@pytest.mark.parametrize(("language", "old"), CASES)
def test_an_old_script_runs_and_is_modernised(language: Language, old: Old) -> None:
    before, after = old.texts(language)
    check_out(language, before, old.expect)
    assert _modernised(before, language) == (after, [])
    if after != before:
        check_out(language, after, old.expect)


TOOL_NAMES = {
    "archive_handler": "archive-handler",
    "base64_encoder": "base64-encoder",
    "csv_analyzer": "csv-analyzer",
    "data_validation": "data-validator",
    "environment_reader": "environment-reader",
    "file_operations": "file-operations",
    "hash_calculator": "hash-calculator",
    "http-request": "http-requester",
    "json_processor": "json-processor",
    "process_executor": "process-executor",
    "service_checker": "service-checker",
    "system_monitor": "system-monitor",
    "template_engine": "template-creator",
    "text_manipulator": "text-manipulator",
    "uuid_generator": "uuid-generator",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "new"), TOOL_NAMES.items())
def test_a_tool_is_found_by_its_name_of_old(language: Language, name: str, new: str) -> None:
    text = {
        "lua": f'print(Tool.get("{name}").name)\n',
        "javascript": f'console.log(Tool.get("{name}").name);\n',
    }[language]
    check_out(language, text, f"{new}\n")
    assert _modernised(text, language) == (text.replace(name, new), [])
