"""What old scripts call: it runs, the linter offers the new name, and the fixed script does the same.

The names are read from the catalog, so one that is added without a script here fails.
"""

from __future__ import annotations

import pytest
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.catalog.loader import load
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.lint.fixing import fix_script
from llmspell_engine.lint.settings import LintSettings
from support.lint import SUFFIXES, lint
from support.runtime import Script, run

CATALOG = load()
RULE = "LS109"

AGENT = (
    'local a = Agent.create({ model = "echo", tools = { "calculator" } })',
    'const a = Agent.create({ model: "echo" });',
)
SCRIPTS: dict[str, tuple[str, str]] = {
    "Agent.createAsync": (
        'print(Agent.createAsync({ model = "echo" }):execute("hi").text)',
        'console.log((await Agent.createAsync({ model: "echo" }).execute("hi")).text);',
    ),
    "Agent.new": (
        'print(Agent.new({ name = "n", model = "echo" }).name)',
        'console.log(Agent.new({ name: "n", model: "echo" }).name);',
    ),
    "Workflow.discover_types": (
        "print(#Workflow.discover_types())",
        "console.log(Workflow.discoverTypes().length);",
    ),
    "Workflow.delete": (
        'local w = Workflow.sequential({ name = "w", steps = { { name = "s", tool = "calculator" } } })\n'
        'print(Workflow.delete("w"))',
        'Workflow.sequential({ name: "w", steps: [{ name: "s", tool: "calculator" }] });\n'
        'console.log(Workflow.delete("w"));',
    ),
    "Tool.invoke": (
        'print(Tool.invoke("calculator", { input = "6 * 7" }).text)',
        'console.log((await Tool.invoke("calculator", { input: "6 * 7" })).text);',
    ),
    "Provider.getCapabilities": ('print(JSON.stringify(Provider.getCapabilities("echo")))', ""),
    "Provider.isAvailable": ('print(Provider.isAvailable("echo"))', ""),
    "Config.getSection": ('print(JSON.stringify(Config.getSection("lint")))', ""),
    "Config.getProvider": ('print(Config.getProvider("none"))', ""),
    "Config.listProviders": ("print(#Config.listProviders())", ""),
    "Config.getTools": ("print(JSON.stringify(Config.getTools()))", ""),
    "Config.isFileAccessAllowed": ("print(Config.isFileAccessAllowed())", ""),
    "Config.toJson": ("print(#Config.toJson() > 2)", ""),
    "State.set": (
        'State.set("k", { 1 }) print(JSON.stringify(State.load("global", "k")))',
        'State.set("k", [1]); console.log(State.load("global", "k"));',
    ),
    "State.write": (
        'State.write("k", 5) print(State.load("global", "k"))',
        'State.write("k", 5); console.log(State.load("global", "k"));',
    ),
    "State.get": (
        'State.save("global", "k", 5) print(State.get("k"), State.get("none"))',
        'State.save("global", "k", 5); console.log(State.get("k"), State.get("none"));',
    ),
    "State.read": (
        'State.save("global", "k", 5) print(State.read("k"))',
        'State.save("global", "k", 5); console.log(State.read("k"));',
    ),
    "State.keys": (
        'State.save("global", "k", 5) print(table.concat(State.keys(), ","))',
        'State.save("global", "k", 5); console.log(State.keys());',
    ),
    "State.all": (
        'State.save("global", "k", 5) print(JSON.stringify(State.all()))',
        'State.save("global", "k", 5); console.log(State.all());',
    ),
    "Event.emit": (
        'local s = Event.subscribe("old.*") Event.emit("old.name", { n = 1 })\n'
        "print(Event.receive(s, 1000).data.n)",
        'const s = Event.subscribe("old.*"); Event.emit("old.name", { n: 1 });\n'
        "console.log((await Event.receive(s, 1000)).data.n);",
    ),
    "JSON.decode": ("print(JSON.decode('[1]')[1])", ""),
    "JSON.encode": ("print(JSON.encode({ 1 }))", ""),
    "AgentInstance.complete": (
        f'{AGENT[0]} print(a:complete("hi").text)',
        f'{AGENT[1]} console.log((await a.complete("hi")).text);',
    ),
    "AgentInstance.invokeStream": (
        f'{AGENT[0]} print(a:invokeStream("hi", function(part) io.write(type(part)) end).text)',
        "",
    ),
    "AgentInstance.logEvent": (f'{AGENT[0]} a:logEvent("noted", "hello") print("logged")', ""),
    "AgentInstance.invokeTool": (
        f'{AGENT[0]} print(a:invokeTool("calculator", {{ input = "1 + 1" }}).text)',
        "",
    ),
    "WorkflowBuilder.loop_condition": (
        'local b = Workflow.builder():name("w"):loop() b:loop_condition("{{ false }}") print("built")',
        'const b = Workflow.builder().name("w").loop(); b.loopCondition("{{ false }}");\n'
        'console.log("built");',
    ),
    "ToolHandle.getSchema": ('print(Tool.get("calculator"):getSchema().name)', ""),
}
TOOL_NAMES = [(alias, tool.name) for tool in CATALOG.tools.values() for alias in tool.aliases]
KNOWN_ALIASES = {
    "base64_encoder", "csv_analyzer", "data_validation", "environment_reader", "file_operations",
    "hash_calculator", "http-request", "json_processor", "process_executor", "service_checker",
    "system_monitor", "template_engine", "text_manipulator", "uuid_generator", "archive_handler",
}  # fmt: skip
"""The names of tools that scripts of earlier versions have."""


def deprecated(language: Language) -> set[str]:
    """The members that are kept for old scripts."""
    return {
        f"{entity.name}.{name}"
        for entity in (*CATALOG.globals.values(), *CATALOG.handles.values())
        for name, member in entity.members.items()
        if member.deprecated is not None and language in member.languages
    }


def fixed(text: str, language: Language) -> str:
    """A script with what is safe to fix in it fixed."""
    path = f"/script{SUFFIXES[language]}"
    workspace = Workspace()
    workspace.open(path, text, language)
    return fix_script(workspace, path, LintSettings())[0]


def check_old(text: str, language: Language) -> None:
    """It runs, is reported with a fix, and when fixed is reported no more and says the same."""
    before = run(Script(language, text))
    assert before.error is None
    assert before.out
    found = [one for one in lint(text, language) if one.code == RULE]
    assert found
    assert all(one.fix is not None and one.fix.safe for one in found), [one.message for one in found]
    new = fixed(text, language)
    assert [one.message for one in lint(new, language) if one.code == RULE] == []
    after = run(Script(language, new))
    assert (after.error, after.out) == (None, before.out), new


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_old_name_has_a_script(language: Language) -> None:
    scripts = {name for name, texts in SCRIPTS.items() if texts[language == "javascript"]}
    assert scripts == deprecated(language)
    assert {alias for alias, _ in TOOL_NAMES} >= KNOWN_ALIASES


@pytest.mark.parametrize(
    ("name", "language"), [(name, one) for one in LANGUAGES for name in sorted(deprecated(one))]
)
def test_an_old_name(name: str, language: Language) -> None:
    check_old(SCRIPTS[name][language == "javascript"], language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("alias", "name"), TOOL_NAMES, ids=[alias for alias, _ in TOOL_NAMES])
def test_an_old_name_of_a_tool(alias: str, name: str, language: Language) -> None:
    text = {
        "lua": f'print(Tool.get("{alias}"):get_schema().name)',
        "javascript": f'console.log(Tool.get("{alias}").getSchema().name);',
    }[language]
    check_old(text, language)
    assert f'"{name}"' in fixed(text, language)
