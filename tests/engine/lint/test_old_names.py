"""What old scripts call: it runs, the linter offers the new name, and the fixed script does the same.

The names are read from the catalog, so one that is added without a script here fails.
"""

from __future__ import annotations

import re

import pytest
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.catalog.loader import load
from llmspell_engine.catalog.spelling import spelled
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
    "Tool.executeAsync": (
        'print(Tool.executeAsync("calculator", { input = "6 * 7" }).result.result)',
        'console.log((await Tool.executeAsync("calculator", { input: "6 * 7" })).result.result);',
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
    "AgentInstance.invoke": (
        f'{AGENT[0]} print(a:invoke({{ text = "hi" }}).text)',
        f'{AGENT[1]} console.log((await a.invoke({{ text: "hi" }})).text);',
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
STEP = (
    '{ name = "s", tool = "calculator", input = { input = "1 + 1" } }',
    '{ name: "s", tool: "calculator", input: { input: "1 + 1" } }',
)
BRANCH = (
    '{ condition = "{{ false }}", steps = { { execute = function() return "no" end } } }',
    '{ condition: "{{ false }}", steps: [{ execute: () => "no" }] }',
)
OPTIONS: dict[str, tuple[str, str]] = {
    "AgentInput.prompt": (
        f'{AGENT[0]} print(a:execute({{ prompt = "hi" }}).text)',
        f'{AGENT[1]} console.log((await a.execute({{ prompt: "hi" }})).text);',
    ),
    "RegisterOptions.type": (
        'print(Agent.register({ name = "n", type = "basic" }))',
        'console.log(Agent.register({ name: "n", type: "basic" }));',
    ),
    "WrapOptions.name": (
        f'{AGENT[0]} print(Agent.wrap_as_tool(a, {{ name = "wrapped" }}))',
        f'{AGENT[1]} console.log(Agent.wrapAsTool(a, {{ name: "wrapped" }}));',
    ),
    "RoutingOptions.routing_strategy": (
        f'{AGENT[0]} local r = Agent.create_composite("b", {{ a }}, {{ routing_strategy = "all" }})\n'
        "print(r.name)",
        f'{AGENT[1]} console.log(Agent.createComposite("b", [a], {{ routingStrategy: "all" }}).name);',
    ),
    "ConditionOptions.evaluate": (
        'local w = Workflow.conditional({ name = "w", branches = {\n'
        '  { condition = { type = "custom", evaluate = function() return true end }, steps = { S } },\n'
        "} })\nprint(w:execute().output.text)",
        'const w = Workflow.conditional({ name: "w", branches: [\n'
        '  { condition: { type: "custom", evaluate: () => true }, steps: [S] },\n'
        "] });\nconsole.log((await w.execute()).output.text);",
    ),
    "ConditionalWorkflowOptions.pre_steps": (
        'local w = Workflow.conditional({ name = "w", pre_steps = { S }, branches = {\n'
        "  { condition = \"{{ s.text == '2' }}\", steps = { { execute = function() return 'two' end } } },\n"
        "} })\nprint(w:execute().output)",
        'const w = Workflow.conditional({ name: "w", preSteps: [S], branches: [\n'
        "  { condition: \"{{ s.text == '2' }}\", steps: [{ execute: () => 'two' }] },\n"
        "] });\nconsole.log((await w.execute()).output);",
    ),
    "LoopWorkflowOptions.break_condition": (
        'local w = Workflow.loop({ name = "w", iterator = { collection = { 1, 2, 3 } }, body = { S },\n'
        '  break_condition = { type = "custom", check = function(run) return run.index == 2 end } })\n'
        "print(#w:execute().output)",
        'const w = Workflow.loop({ name: "w", iterator: { range: { start: 1, end: 9 } }, body: [S],\n'
        '  breakCondition: { type: "custom", check: (run) => run.index === 2 } });\n'
        "console.log((await w.execute()).output.length);",
    ),
    "RegisteredModel.settings": (
        'print(Agent.register({ name = "n", agent_type = "llm",\n'
        '  model = { settings = { top = 1 }, model_id = "echo" } }))',
        'console.log(Agent.register({ name: "n", agentType: "llm",\n'
        '  model: { settings: { top: 1 }, modelId: "echo" } }));',
    ),
    "ResourceLimits.max_memory_mb": (
        'print(Agent.register({ name = "n", agent_type = "basic",\n'
        "  resource_limits = {\n    max_memory_mb = 5, -- enough\n    max_execution_time_secs = 9,\n  } }))",
        'console.log(Agent.register({ name: "n", agentType: "basic", resourceLimits: { maxMemoryMb: 5 } }));',
    ),
    "ResourceLimits.max_recursion_depth": (
        'print(Agent.register({ name = "n", agent_type = "basic",\n'
        "  resource_limits = { max_execution_time_secs = 9, max_recursion_depth = 5 } }))",
        'console.log(Agent.register({ name: "n", agentType: "basic",\n'
        "  resourceLimits: { maxExecutionTimeSecs: 9, maxRecursionDepth: 5, } }));",
    ),
    "RoutingOptions.description": (
        f"{AGENT[0]}\n"
        'print(Agent.create_composite("b", { a }, { strategy = "all", description = "d" }).name)',
        f'{AGENT[1]} console.log(Agent.createComposite("b", [a], {{ description: "d" }}).name);',
    ),
    "WrapOptions.parameters": (
        f'{AGENT[0]} print(Agent.wrap_as_tool(a, {{ tool_name = "wrapped", parameters = {{}} }}))',
        f'{AGENT[1]} console.log(Agent.wrapAsTool(a, {{ parameters: {{}}, toolName: "wrapped" }}));',
    ),
    "ConditionalWorkflowOptions.execute_default_on_no_match": (
        'local w = Workflow.conditional({ name = "w", branches = { B },\n'
        "  execute_default_on_no_match = true,\n  default_branch = { steps = { S } } })\n"
        "print(w:execute().output.text)",
        'const w = Workflow.conditional({ name: "w", branches: [B], defaultBranch: { steps: [S] },\n'
        "  executeDefaultOnNoMatch: true });\nconsole.log((await w.execute()).output.text);",
    ),
    "LoopWorkflowOptions.aggregation_strategy": (
        'local w = Workflow.loop({ name = "w", iterator = { collection = { 1, 2 } }, body = { S },\n'
        '  aggregation_strategy = "collect_all" })\nprint(#w:execute().output)',
        'const w = Workflow.loop({ name: "w", iterator: { collection: [1, 2] }, body: [S],\n'
        '  aggregationStrategy: "collect_all" });\nconsole.log((await w.execute()).output.length);',
    ),
}
"""Options under the names of older scripts, and such as have no effect; S is a step."""
KINDS = {
    "Sequential": ("steps = { S }", "steps: [S]"),
    "Parallel": ("steps = { S }", "steps: [S]"),
    "Conditional": (
        'branches = { { condition = "{{ true }}", steps = { S } } }',
        'branches: [{ condition: "{{ true }}", steps: [S] }]',
    ),
    "Loop": ("iterator = { collection = { 1 } }, body = { S }", "iterator: { collection: [1] }, body: [S]"),
}
"""The kinds of workflows whose tables older scripts give functions for the beginning and the end."""
for _kind, (_lua, _js) in KINDS.items():
    OPTIONS[f"{_kind}WorkflowOptions.on_start"] = OPTIONS[f"{_kind}WorkflowOptions.on_complete"] = (
        f'local w = Workflow.{_kind.lower()}({{ name = "w", on_start = function() print("begins") end,\n'
        f"  on_complete = function(run) print(run.workflow) end, {_lua} }})\nw:execute()",
        f'const w = Workflow.{_kind.lower()}({{ name: "w", onStart: () => console.log("begins"),\n'
        f"  onComplete: (run) => console.log(run.workflow), {_js} }});\nawait w.execute();",
    )
for _table, (_lua, _js) in {
    "ToolOptions": ("Tool.register({ name = 'own',", "Tool.register({ name: 'own',"),
    "ToolWork": ("Tools.create('own', {", "Tools.create('own', {"),
}.items():
    OPTIONS[f"{_table}.input_schema"] = OPTIONS[f"{_table}.execute"] = (
        f"local own = {_lua} description = 'Own.',\n"
        "  input_schema = { properties = { n = { type = 'integer' } } },\n"
        "  execute = function(given) return given.n + 1 end })\nprint(own:execute({ n = 1 }).text)",
        f"const own = {_js} description: 'Own.',\n"
        "  inputSchema: { properties: { n: { type: 'integer' } } },\n"
        "  execute: (given) => given.n + 1 });\nconsole.log((await own.execute({ n: 1 })).text);",
    )
SPELLINGS = {
    "a member of a global": 'print(Session.getCurrent(), #State.listKeys("global"))',
    "a method of a handle": f"{AGENT[0]} print(a:getState(), a.getState())",
    "a member of a builder": (
        'local w = Workflow.builder():name("w"):addStep(S):build() print(w:execute().output.text)'
    ),
    "a method with a dot": f'{AGENT[0]} print(a.execute("hi").text, a.execute{{ text = "ho" }}.text)',
    "a method of a tool with a dot": (
        'local t = Tool.get("calculator") print(t.execute({ input = "6 * 7" }).text)\n'
        'print(Tool.get("calculator") . execute({ input = "6 * 7" }).text)'
    ),
    "methods of a builder with a dot": (
        'local w = Workflow.builder().name("w").add_step(S).build() print(w.execute().output.text)'
    ),
}
"""Members in camel case and with a dot, as older scripts of Lua write them."""
TOOL_NAMES = [(alias, tool.name) for tool in CATALOG.tools.values() for alias in tool.aliases]
KNOWN_ALIASES = {
    "base64_encoder", "csv_analyzer", "data_validation", "environment_reader", "file_operations",
    "hash_calculator", "http-request", "json_processor", "process_executor", "service_checker",
    "system_monitor", "template_engine", "text_manipulator", "uuid_generator", "archive_handler",
}  # fmt: skip
"""The names of tools that scripts of earlier versions have."""

STEP_OPTIONS = {
    "ActionOptions.parameters": (
        "compensate = { tool = 'calculator', parameters = { input = '1' } }",
        "compensate: { tool: 'calculator', parameters: { input: '1' } }",
    ),
    "StepOptions.parameters": ("parameters = { input = '1 + 1' }", "parameters: { input: '1 + 1' }"),
    "StepOptions.setup": ("setup = function() print('on') end", "setup: () => console.log('on')"),
    "StepOptions.on_complete": (
        "on_complete = function(done) print(done.success) end",
        "onComplete: (done) => console.log(done.success)",
    ),
    "StepRetry.max_attempts": ("retry = { max_attempts = 2 }", "retry: { maxAttempts: 2 }"),
    "StepRetry.backoff_multiplier": (
        "retry = { attempts = 2, backoff_multiplier = 2 }",
        "retry: { attempts: 2, backoffMultiplier: 2 }",
    ),
    **{
        f"ConditionOptions.{name}": (f"condition = {lua}", f"condition: {javascript}")
        for name, lua, javascript in (
            (
                "expression",
                "{ type = 'custom', expression = '1 == 1' }",
                "{ type: 'custom', expression: '1' }",
            ),
            ("description", "{ type = 'always', description = 'd' }", "{ type: 'always', description: 'd' }"),
            (
                "expected",
                "{ type = 'shared_data_equals', key = 'k', expected = 1 }",
                "{ type: 'shared_data_equals', key: 'k', expected: 1 }",
            ),
            (
                "step_name",
                "{ type = 'not', condition = { type = 'step_failed', step_name = 'first' } }",
                "{ type: 'not', condition: { type: 'step_failed', stepName: 'first' } }",
            ),
            (
                "substring",
                "{ type = 'step_output_contains', step = 'first', substring = 'x' }",
                "{ type: 'step_output_contains', step: 'first', substring: 'x' }",
            ),
        )
    },
}
WORK = (
    (", execute = function() return 'y' end", ", execute: () => 'y'"),
    (", tool = 'calculator'", ", tool: 'calculator'"),
)
OPTIONS |= {
    name: (
        "local w = Workflow.sequential({ steps = { { name = 'first', execute = function() return 'x' end },\n"
        f"  {{ {lua}{WORK[name == 'StepOptions.parameters'][0]} }} }} }})\n"
        "print(w:execute().success)",
        "const w = Workflow.sequential({ steps: [{ name: 'first', execute: () => 'x' },\n"
        f"  {{ {javascript}{WORK[name == 'StepOptions.parameters'][1]} }}] }});\n"
        "console.log((await w.execute()).success);",
    )
    for name, (lua, javascript) in STEP_OPTIONS.items()
}
WITHOUT_EFFECT = ("debug", "log_level", "minimal_logging", "skip_state_sync")
OPTIONS |= {
    f"{kind}WorkflowOptions.{name}": (
        f"local w = Workflow.{kind.lower()}({{ {lua}, {name} = {{}} }})\nprint(w:get_state('k'))",
        f"const w = Workflow.{kind.lower()}({{ {javascript}, {spelled(name, 'javascript')}: {{}} }});\n"
        "console.log(w.getState('k'));",
    )
    for kind, (lua, javascript) in KINDS.items()
    for name in (*WITHOUT_EFFECT, "initial_state", *(["merge_strategy"] if kind == "Parallel" else []))
}
OPTIONS |= {
    f"RetryStrategy.{name}": (
        "print(Workflow.sequential({ steps = { S },"
        f" error_strategy = {{ type = 'retry', {name} = 2 }} }}).type)",
        "console.log(Workflow.sequential({ steps: [S],"
        f" errorStrategy: {{ type: 'retry', {spelled(name, 'javascript')}: 2 }} }}).type);",
    )
    for name in ("max_attempts", "backoff_multiplier")
}


def deprecated(language: Language) -> set[str]:
    """The members that are kept for old scripts."""
    return {
        f"{entity.name}.{name}"
        for entity in (*CATALOG.globals.values(), *CATALOG.handles.values())
        for name, member in entity.members.items()
        if member.deprecated is not None and language in member.languages
    }


def with_step(text: str, language: Language) -> str:
    """A script with a step in the places of ``S``, and a branch that is not taken in those of ``B``."""
    text = re.sub(r"\bB\b", lambda _: BRANCH[language == "javascript"], text)
    return re.sub(r"\bS\b", lambda _: STEP[language == "javascript"], text)


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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OPTIONS)
def test_an_old_name_of_an_option(name: str, language: Language) -> None:
    at = language == "javascript"
    check_old(with_step(OPTIONS[name][at], language), language)


@pytest.mark.parametrize("what", SPELLINGS)
def test_an_old_spelling_in_lua(what: str) -> None:
    check_old(with_step(SPELLINGS[what], "lua"), "lua")


def test_a_member_of_the_script_in_camel_case_is_its_own() -> None:
    text = "State.listKeys = function() return 7 end\nprint(State.listKeys())"
    assert run(Script("lua", text)).out == "7\n"
    assert [one for one in lint(text, "lua") if one.code == RULE] == []
    assert run(Script("lua", "print(State.listNothing, Agent.aB)")).out == "nil\tnil\n"


def test_a_handle_that_is_passed_by_hand_stays() -> None:
    text = f'{AGENT[0]} print(pcall(a.execute, a, "hi"), a.name, a.execute(a, "hi").text)'
    assert [one.message for one in lint(text, "lua")] == []


def old_options() -> set[str]:
    """The options that are kept for old scripts."""
    return {
        f"{name}.{option}"
        for name, schema in CATALOG.definitions.items()
        for option, one in schema.get("properties", {}).items()
        if one.get("deprecated")
    }


def test_every_old_option_has_a_script() -> None:
    assert set(OPTIONS) == old_options()


KEPT: dict[str, tuple[str, str, str, str]] = {
    "what the name of today overrides": (
        f'{AGENT[0]} print(a:execute({{ prompt = "no", text = "hi" }}).text)',
        f'{AGENT[0]} print(a:execute({{ text = "hi" }}).text)',
        f'{AGENT[1]} console.log((await a.execute({{ text: "hi", prompt: "no" }})).text);',
        f'{AGENT[1]} console.log((await a.execute({{ text: "hi" }})).text);',
    ),
    "what something happens in": (
        f'{AGENT[0]} print(a:execute({{ prompt = print("seen"), text = "hi" }}).text)',
        f'{AGENT[0]} print(a:execute({{ prompt = print("seen"), text = "hi" }}).text)',
        f'{AGENT[1]} console.log((await a.execute({{ prompt: f(), text: "hi" }})).text);',
        f'{AGENT[1]} console.log((await a.execute({{ prompt: f(), text: "hi" }})).text);',
    ),
    "what is written short": (
        "",
        "",
        f'{AGENT[1]} const prompt = "hi"; console.log((await a.execute({{ prompt }})).text);',
        f'{AGENT[1]} const prompt = "hi"; console.log((await a.execute({{ text: prompt }})).text);',
    ),
    "a comment beside what goes": (
        'Workflow.loop({\n  -- rounds\n  iterator = { collection = {} },\n  aggregation_strategy = "x",\n'
        "  -- work\n  body = {},\n})",
        "Workflow.loop({\n  -- rounds\n  iterator = { collection = {} },\n  -- work\n  body = {},\n})",
        'Workflow.loop({ iterator: { collection: [] }, body: [] /* work */, aggregationStrategy: "x" });',
        "Workflow.loop({ iterator: { collection: [] }, body: [] /* work */,  });",
    ),
}
"""Scripts, and what the safe fixes make of them."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", KEPT)
def test_what_a_fix_of_an_option_keeps(what: str, language: Language) -> None:
    before, after = KEPT[what][2:] if language == "javascript" else KEPT[what][:2]
    assert fixed(before, language) == after


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_of_execute_async_is_the_whole_result(language: Language) -> None:
    text = {
        "lua": 'local r = JSON.parse(Tool.executeAsync("calculator", { input = "6 * 7" }).text)\n'
        "print(r.success, r.result.result, r.output)",
        "javascript": 'const { text } = await Tool.executeAsync("calculator", { input: "6 * 7" });\n'
        "const r = JSON.parse(text); console.log(r.success, r.result.result, r.output);",
    }[language]
    assert run(Script(language, text)).out.split() == ["true", "42", "42"]
