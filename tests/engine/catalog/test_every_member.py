"""Every member of the catalog is called in each of its languages, and refuses what it does not take.

The members are read from the catalog. One that needs arguments and has none in :data:`ARGUMENTS`, or a
handle that nothing in :data:`MADE` makes, fails by its name: so none is missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema
import pytest
from llmspell_engine.catalog.loader import load
from llmspell_engine.catalog.model import Entity, Member, snake, spelled
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.runtime.values import HostObject
from support.runtime import Script, host, run
from support.wrong_values import Wrong, Wrongs

CATALOG = load()


@dataclass(frozen=True, slots=True)
class Code:
    """An expression of a script, in both languages."""

    lua: str
    javascript: str


def _same(text: str) -> Code:
    return Code(text, text)


GIVE = Code("function(...) return ... end", "(value) => value")
"""A function that gives what it gets."""
GIVE_NOTHING = Code("function() end", "() => undefined")
EMIT = Code("function(emit) emit(1) emit(2) end", "async (emit) => { await emit(1); await emit(2); }")
RUNNING = Code("Async.run(function() return 1 end)", "Async.run(() => 1)")
FORGOTTEN = Code(
    RUNNING.lua, "(() => { const made = Async.run(() => 1); made.catch(() => {}); return made; })()"
)
"""A promise whose failure is no concern of the program."""
AGENT = Code('Agent.create({ model = "echo" })', 'Agent.create({ model: "echo" })')
HOOK = Code('Hook.register("pre_tool", function() end)', 'Hook.register("pre_tool", () => undefined)')
CONTEXT = Code("Agent.create_context()", "Agent.createContext()")
SESSION = _same("Session.create()")
CHECKPOINT = Code(
    "(function() local made = Session.create() Session.checkpoint(made) return made end)()",
    "(() => { const made = Session.create(); Session.checkpoint(made); return made; })()",
)
ARTIFACTS = Code(
    "(function() Session.set_current(Session.create()) return Session.get_current() end)()",
    "(() => { Session.setCurrent(Session.create()); return Session.getCurrent(); })()",
)
"""A session, which is the current one from then on."""
STORED = Code(
    'Artifact.store(Session.get_current() or Session.create(), "custom", "a.txt", "A")',
    'Artifact.store(Session.getCurrent() ?? Session.create(), "custom", "a.txt", "A")',
)
TOOL = {"name": "add", "handler": GIVE}
ENCODE = {"tool": "base64-encoder", "parameters": {"operation": "encode"}}
ECHO = {"model": "echo"}
SUM = {"operation": "evaluate", "input": "1 + 1"}


def _named(owner: str, name: str) -> Code:
    """The name of an agent that is made for it."""
    return Code(
        f'{owner}.create({{ name = "{name}", model = "echo" }}).name',
        f'{owner}.create({{ name: "{name}", model: "echo" }}).name',
    )


STEP = {"name": "give", "execute": GIVE}
FLOW = Code(
    "Workflow.sequential({ steps = { { execute = function(...) return ... end } } })",
    "Workflow.sequential({ steps: [{ execute: (value) => value }] })",
)
DATA_FLOW = Code(
    'Workflow.from_yaml("steps: [{ tool: calculator }]")',
    'Workflow.fromYaml("steps: [{ tool: calculator }]")',
)
WRITER = Code(
    'Agent.create({ name = "writer", model = "echo" })', 'Agent.create({ name: "writer", model: "echo" });'
)
FOLDER = TemporaryDirectory(prefix=".llmspell-", suffix=".egg-info", dir=".")
"""Where members write to, who may only write where the run is; git looks at no folder of this name."""

MADE: dict[str, Code] = {
    "WorkflowBuilder": Code(
        'Workflow.builder():add_step({ name = "given", execute = function(...) return ... end })',
        'Workflow.builder().addStep({ name: "given", execute: (value) => value })',
    ),
    "WorkflowInstance": FLOW,
    "AgentBuilder": Code('Agent.builder():model("echo")', 'Agent.builder().model("echo")'),
    "AgentInstance": Code(
        'Agent.create({ model = "echo", allowed_tools = { "calculator" } })',
        'Agent.create({ model: "echo", allowedTools: ["calculator"] })',
    ),
    "AgentPool": Code(
        'Agent.pool({ agent = { model = "echo" } })', 'Agent.pool({ agent: { model: "echo" } })'
    ),
    "LogTimer": _same('Logger.timer("work")'),
    "BuiltinHook": _same('Hook.enable("metrics")'),
    "HookHandle": HOOK,
    "LoggerInstance": Code('Logger.new({ name = "a" })', 'Logger.new({ name: "a" })'),
    "PromiseObject": RUNNING,
    "Stream": Code(f"Streaming.create({EMIT.lua})", f"Streaming.create({EMIT.javascript})"),
    "Timer": Code(f"Async.after(0, {GIVE.lua})", f"Async.after(0, {GIVE.javascript})"),
    "PromptTemplate": _same('Prompt.register("made", "A {{ b }}.")'),
    "SessionBuilder": _same("Session.builder()"),
    "ToolHandle": _same('Tool.get("calculator")'),
    "StateTransaction": Code(
        "(function() local made local running = Async.run(function() State.transaction(function(tx) made = tx"
        " Async.sleep(30) end) end) while not made do Async.sleep(0.001) end"
        " Async.after(0, function() running:cancel() end) return made end)()",
        "(await (async () => { let made; const running = Async.run(() => State.transaction(async (tx) => {"
        " made = tx; await Async.sleep(30); })); running.catch(() => {}); while (!made) await"
        " Async.sleep(0.001); Async.after(0, () => Async.cancel(running)); return made; })())",
    ),
    "StateWatch": _same('State.watch("global")'),
}
"""How scripts come by each handle."""
ARGUMENTS: dict[str, list[Any]] = {
    "Workflow.sequential": [{"steps": [STEP]}],
    "Workflow.parallel": [{"steps": [STEP]}],
    "Workflow.conditional": [{"branches": [{"condition": "{{ true }}", "steps": [STEP]}]}],
    "Workflow.loop": [{"iterator": {"collection": [1]}, "body": [STEP]}],
    "Workflow.map_reduce": [{"collection": [1], "map": GIVE}],
    "Workflow.pipeline": [{"stages": [GIVE]}],
    "Workflow.create": [{"type": "sequential", "steps": [STEP]}],
    "Workflow.from_file": [
        Code(
            f"(function() {WRITER.lua} return 'examples/data/quote.yaml' end)()",
            f"(() => {{ {WRITER.javascript} return 'examples/data/quote.yaml'; }})()",
        )
    ],
    "Workflow.from_yaml": ["steps: [{ tool: calculator }]"],
    "Workflow.save": [DATA_FLOW, f"{FOLDER.name}/flow.yaml"],
    "Workflow.register": ["sequential", {"steps": [STEP]}],
    "Workflow.execute": [FLOW],
    "Workflow.get": ["none"],
    "Workflow.remove": ["none"],
    "Workflow.delete": ["none"],
    "WorkflowBuilder.name": ["built"],
    "WorkflowBuilder.description": ["Works."],
    "WorkflowBuilder.error_strategy": ["continue"],
    "WorkflowBuilder.timeout_ms": [1000],
    "WorkflowBuilder.add_step": [STEP],
    "WorkflowBuilder.on_error": [GIVE],
    "WorkflowBuilder.on_step_start": [GIVE],
    "WorkflowBuilder.on_step_complete": [GIVE],
    "WorkflowBuilder.pre_condition": ["{{ true }}"],
    "WorkflowBuilder.batch_size": [2],
    "WorkflowBuilder.add_post_step": [STEP],
    "WorkflowBuilder.add_stage": [GIVE],
    "WorkflowBuilder.condition": ["{{ true }}"],
    "WorkflowBuilder.add_then_step": [STEP],
    "WorkflowBuilder.add_else_step": [STEP],
    "WorkflowBuilder.add_branch": [{"type": "always"}, [STEP]],
    "WorkflowBuilder.with_range": [Code('{ start = 1, ["end"] = 3 }', "{ start: 1, end: 3 }")],
    "WorkflowBuilder.with_collection": [[1, 2]],
    "WorkflowBuilder.with_while": ["{{ false }}"],
    "WorkflowBuilder.loop_condition": ["{{ false }}"],
    "WorkflowBuilder.break_when": [GIVE],
    "WorkflowBuilder.max_iterations": [3],
    "WorkflowBuilder.map": [GIVE],
    "WorkflowBuilder.reduce": [GIVE],
    "WorkflowBuilder.max_concurrency": [2],
    "WorkflowBuilder.add_cleanup_step": [STEP],
    "WorkflowBuilder.shared_data": ["key", 1],
    "WorkflowInstance.execute": ["hello"],
    "WorkflowInstance.set_shared_data": ["key", 1],
    "WorkflowInstance.get_state": ["key"],
    "WorkflowInstance.set_state": ["key", 1],
    "WorkflowInstance.get_output": ["give"],
    "WorkflowInstance.forget_run": ["none"],
    "WorkflowInstance.on_before_execute": [GIVE],
    "WorkflowInstance.on_after_execute": [GIVE],
    "WorkflowInstance.on_error": [GIVE],
    "WorkflowInstance.emit": ["done", {"a": 1}],
    "State.workflow_get": ["none", "step"],
    "State.workflow_list": ["none"],
    "Agent.create": [ECHO],
    "Agent.createAsync": [ECHO],
    "Agent.new": [ECHO],
    "Agent.get": ["nobody"],
    "Agent.register": [{"name": "registered", "agent_type": "basic"}],
    "Agent.execute": [AGENT, "hello"],
    "Agent.pipeline": [{"steps": [AGENT, GIVE]}],
    "Agent.create_composite": ["both", [AGENT], "first"],
    "Agent.pool": [{"agent": ECHO}],
    "Agent.template": ["chat", ECHO],
    "Agent.create_from_template": ["chatting", "chat", ECHO],
    "Agent.wrap_as_tool": [AGENT, {"tool_name": "ask"}],
    "Agent.from_tool": ["uuid-generator"],
    "Agent.get_info": ["llm"],
    "Agent.discover_by_capability": ["sums"],
    "Agent.get_details": [_named("Agent", "detailed")],
    "Agent.get_hierarchy": [_named("Agent", "leading")],
    "Agent.create_child_context": [CONTEXT, "global", "copy"],
    "Agent.update_context": [CONTEXT, "key", 1],
    "Agent.get_context_data": [CONTEXT, "key"],
    "Agent.remove_context": [CONTEXT],
    "Agent.set_shared_memory": [{"type": "user", "id": "ada"}, "key", 1],
    "Agent.get_shared_memory": ["global", "key"],
    "Tool.get": ["calculator"],
    "Tool.execute": ["calculator", SUM],
    "Tool.invoke": ["calculator", SUM],
    "Tool.executeAsync": ["calculator", SUM],
    "Tool.exists": ["calculator"],
    "Tool.search": ["base64"],
    "Tool.get_info": ["calculator"],
    "Tool.get_schema": ["calculator"],
    "Tool.register": [{**TOOL, "name": "registered"}],
    "Tool.create": [{**TOOL, "name": "created"}],
    "Tool.unregister": ["nothing"],
    "Tool.chain": [[ENCODE, "base64-encoder"], {"name": "chained"}],
    "Tool.compose": [{"name": "composed", "mode": "parallel", "steps": [ENCODE]}],
    "Tool.batch": [[{"tool": "calculator", "parameters": SUM}], {"max_concurrency": 2}],
    "Tools.get": ["calculator"],
    "Tools.execute": ["calculator", SUM],
    "Tools.search": ["base64"],
    "Tools.get_by_category": ["utility"],
    "Tools.describe": ["calculator"],
    "Tools.create": ["created-too", {"handler": GIVE}],
    "Tools.register": [{**TOOL, "name": "registered-too"}],
    "Tools.unregister": ["nothing"],
    "Tools.create_pipeline": [[ENCODE]],
    "Provider.get": ["echo"],
    "Provider.get_capabilities": ["echo"],
    "Provider.getCapabilities": ["echo"],
    "Provider.is_available": ["echo"],
    "Provider.isAvailable": ["echo"],
    "LocalLLM.info": ["llama3.2"],
    "LocalLLM.pull": ["llama3.2"],
    "Config.get_section": ["run"],
    "Config.getSection": ["run"],
    "Config.get_provider": ["none"],
    "Config.getProvider": ["none"],
    "Config.get_origin": ["run.max_calls"],
    "Prompt.register": ["greeting", {"text": "Greet {{ name }}."}],
    "Prompt.get": ["nothing"],
    "Prompt.render": ["Greet {{ name }}.", {"name": "Ada"}],
    "PromptTemplate.render": [{"b": "c"}],
    "State.save": ["global", "key", [1]],
    "State.load": ["global", "key"],
    "State.delete": ["global", "key"],
    "State.load_all": ["global"],
    "State.clear": ["custom"],
    "State.get_with_version": ["global", "key"],
    "State.compare_and_set": ["custom", "owner", "other", "me", {"ttl_seconds": 1}],
    "State.save_if_version": ["custom", "owner", 0, "me"],
    "State.increment": ["custom", "count", 2],
    "State.transaction": [GIVE_NOTHING, {"max_attempts": 2}],
    "State.watch": ["global", "k*"],
    "State.export": [{"scope": "global"}],
    "State.import": [_same("State.export()"), {"mode": "keep"}],
    "State.register_schema": ["custom:orders", 1],
    "State.migrate": [1, {"backup": False}],
    "State.restore_backup": [Code("State.create_backup().backup_id", "State.createBackup().backupId")],
    "State.validate_backup": [Code("State.create_backup().backup_id", "State.createBackup().backupId")],
    "State.cleanup_backups": [{"dry_run": True, "keep": 1}],
    "State.read": ["key"],
    "State.write": ["key", 1],
    "StateTransaction.load": ["global", "key"],
    "StateTransaction.save": ["global", "key", 1],
    "StateTransaction.delete": ["global", "key"],
    "StateTransaction.exists": ["global", "key"],
    "StateTransaction.list_keys": ["global"],
    "StateWatch.next": [1],
    "State.exists": ["global", "key"],
    "State.list_keys": ["global"],
    "State.agent_get": ["agent", "key"],
    "State.agent_set": ["agent", "key", 1],
    "State.tool_get": ["tool", "key"],
    "State.tool_set": ["tool", "key", 1],
    "State.get": ["key"],
    "State.set": ["key", 1],
    "Session.create": [{"name": "report", "tags": ["weekly"], "metadata": {"a": 1}}],
    "Session.get": [SESSION],
    "Session.list": [{"tags": ["weekly"], "order": "name", "limit": 1}],
    "Session.save": [SESSION, {"description": "It is saved."}],
    "Session.load": [SESSION],
    "Session.complete": [SESSION],
    "Session.suspend": [SESSION],
    "Session.resume": [
        Code(
            "(function() local made = Session.create() Session.suspend(made) return made end)()",
            "(() => { const made = Session.create(); Session.suspend(made); return made; })()",
        )
    ],
    "Session.delete": [SESSION],
    "Session.checkpoint": [SESSION, "before"],
    "Session.restore": [CHECKPOINT, "1"],
    "Session.list_checkpoints": [CHECKPOINT],
    "Session.set_current": [SESSION],
    "Session.can_replay": [SESSION],
    "Session.get_replay_metadata": [SESSION],
    "Session.replay": [
        Code("Session.create({ record_events = true })", "Session.create({ recordEvents: true })"),
        {"speed": 0, "stop_on_error": True},
    ],
    "SessionBuilder.name": ["report"],
    "SessionBuilder.description": ["It is built."],
    "SessionBuilder.tag": ["weekly"],
    "SessionBuilder.tags": [["weekly"]],
    "Artifact.store": [SESSION, "custom", "a.txt", "A", {"tags": ["b"]}],
    "Artifact.store_file": [SESSION, "README.md", "user_input"],
    "Artifact.get": [ARTIFACTS, STORED],
    "Artifact.list": [SESSION],
    "Artifact.delete": [ARTIFACTS, STORED],
    "Artifact.query": [{"name_pattern": "*.txt", "min_size": 1}],
    "Event.publish": ["a.b", {"c": 1}],
    "Event.emit": ["a.b", {"c": 1}],
    "Event.subscribe": ["a.*"],
    "Event.receive": [_same('Event.subscribe("c.*")'), 1],
    "Event.unsubscribe": [_same('Event.subscribe("d.*")')],
    "Event.publish_and_wait": ["a.b", {"c": 1}],
    "Event.on": ["e.*", GIVE, {"when_full": "drop_newest"}],
    "Event.wait_for": ["f.*", 1],
    "Event.stream": ["g.*"],
    "Event.aggregate": ["h.*", {"count": 2}],
    "Event.history": [{"pattern": "a.*", "limit": 1}],
    "Event.replay": ["i.*", {"handler": GIVE}],
    "Events.emit": ["a.b", {"c": 1}],
    "Events.subscribe": ["e.*", GIVE],
    "Events.unsubscribe": [_same('Event.subscribe("d.*")')],
    "Events.query": ["a.*"],
    "Events.wait_for": ["f.*", 1],
    "Events.sleep": [0],
    **{
        f"{owner}.{name}": given
        for owner in ("Hook", "Hooks")
        for name, given in {
            "register": ["pre_tool", GIVE, {"priority": "high"}],
            "list": ["pre_tool"],
            "unregister": [HOOK],
            "enable": ["metrics"],
            "disable": ["metrics"],
        }.items()
    },
    "Async.run": [GIVE, 1],
    "Async.sleep": [0],
    "Async.timeout": [RUNNING, 30],
    "Async.retry": [GIVE, {"attempts": 1}],
    "Async.all": [[RUNNING, RUNNING]],
    "Async.race": [[RUNNING]],
    "Async.any": [[RUNNING]],
    "Async.all_settled": [[RUNNING]],
    "Async.cancel": [FORGOTTEN],
    "Async.after": [0, GIVE],
    "Async.every": [60, GIVE],
    "Promise.new": [Code("function(resolve) resolve(1) end", "")],
    "Promise.all": [[RUNNING]],
    "Promise.race": [[RUNNING]],
    "Promise.any": [[RUNNING]],
    "Promise.all_settled": [[RUNNING]],
    "PromiseObject.catch": [GIVE],
    "PromiseObject.finally": [GIVE],
    "Streaming.create": [EMIT],
    "JSON.parse": ["[1]"],
    "JSON.decode": ["[1]"],
    "JSON.stringify": [[1]],
    "JSON.encode": [[1]],
    "console.dir": [1],
    "console.table": [1],
    "console.assert": [True],
    "AgentBuilder.name": ["built"],
    "AgentBuilder.description": ["Answers."],
    "AgentBuilder.model": ["echo"],
    "AgentBuilder.provider": ["echo"],
    "AgentBuilder.system_prompt": ["Be brief."],
    "AgentBuilder.temperature": [0.5],
    "AgentBuilder.max_tokens": [10],
    "AgentBuilder.max_conversation_length": [10],
    "AgentBuilder.allow_tool": ["calculator"],
    "AgentBuilder.allowed_tools": [["calculator"]],
    "AgentBuilder.max_execution_time": [10],
    "AgentBuilder.max_tool_calls": [10],
    "AgentBuilder.max_memory_mb": [64],
    "AgentBuilder.max_recursion_depth": [3],
    "AgentBuilder.resource_limits": [{"max_tool_calls": 1}],
    "AgentBuilder.type": ["basic"],
    "AgentBuilder.custom_config": [{"system_prompt": "Be brief."}],
    "AgentBuilder.variables": [{"a": "b"}],
    "AgentBuilder.tool": [TOOL],
    "AgentBuilder.handoffs": [[AGENT]],
    "AgentBuilder.output_schema": [{"type": "object"}],
    "AgentBuilder.timeout": [10],
    "AgentBuilder.base_url": ["http://127.0.0.1:1/v1"],
    "AgentBuilder.api_key": ["key"],
    "AgentBuilder.retries": [{"attempts": 2}],
    "AgentBuilder.capabilities": [["sums"]],
    "AgentBuilder.capability": ["sums"],
    "AgentInstance.execute": [{"text": "hello"}],
    "AgentInstance.complete": ["hello"],
    "AgentInstance.invoke": ["hello"],
    "AgentInstance.stream": ["hello"],
    "AgentInstance.invoke_stream": ["hello", GIVE],
    "AgentInstance.invokeStream": ["hello", GIVE],
    "AgentInstance.handoff": [AGENT, "hello"],
    "AgentInstance.execute_with_context": ["hello", CONTEXT],
    "AgentInstance.set_state": [{"key": 1}],
    "AgentInstance.log_event": ["noted", "hello"],
    "AgentInstance.logEvent": ["noted", "hello"],
    "AgentInstance.has_tool": ["calculator"],
    "AgentInstance.get_tool_metadata": ["calculator"],
    "AgentInstance.invoke_tool": ["calculator", SUM],
    "AgentInstance.invokeTool": ["calculator", SUM],
    "AgentPool.execute": ["hello"],
    "AgentPool.map": [["hello", "bye"]],
    "ToolHandle.execute": [SUM],
    "LoggerInstance.child": ["b", {"a": 1}],
    **{f"Debug.{level}": ["said", "module"] for level in ("trace", "debug", "info", "warn", "error")},
    "Debug.log": ["info", "said", "module"],
    "Debug.logWithData": ["info", "said", [1], "module"],
    "Debug.setLevel": ["error"],
    "Debug.timer": ["work"],
    "Debug.dump": [[1], "it"],
    "Debug.dumpCompact": [[1], "it"],
    "LogTimer.stop": [{"a": 1}],
    "Logger.new": [{"name": "a"}],
    **{
        f"{owner}.{name}": arguments
        for owner in ("Logger", "LoggerInstance")
        for name, arguments in {
            "log": ["info", "said", {"a": 1}],
            "is_enabled": ["info"],
            "set_level": ["error"],
            "timer": ["work"],
            "with_context": [{"a": 1}],
        }.items()
    },
    **{
        f"{owner}.{level}": ["said", {"a": 1}]
        for owner in ("Logger", "LoggerInstance")
        for level in ("trace", "debug", "info", "warn", "error")
    },
}
"""Valid arguments of the members that need some. Keys of tables are snake_case."""
_ENDED = Code(
    "(function() local made = {} made:cancel() return made end)()",
    "(() => { const made = {}; made.cancel(); return made; })()",
)
ENDED: dict[str, Code] = {
    "Async.after": _ENDED,
    "Async.every": _ENDED,
    "Promise.reject": Code(
        "(function() local made = {} made:catch(function() end) return made end)()", "never in JavaScript"
    ),
}
"""What is done, around the call in the place of ``{}``, lest what it begins outlive the test or fail it."""
OF_THE_LANGUAGE = {"console"}
"""Globals that take whatever they are given, as in other engines of the language."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one call: what it gave and what scripts see it to be, or why it failed."""

    value: Any
    named: str
    failure: str | None


def _entities() -> Iterator[Any]:
    for entity in [*CATALOG.globals.values(), *CATALOG.handles.values()]:
        for language in LANGUAGES:
            if language in entity.languages and entity.members:
                yield pytest.param(language, entity, id=f"{entity.name}-{language}")


each_entity = pytest.mark.parametrize(("language", "entity"), list(_entities()))


@each_entity
def test_every_member_gives_what_it_declares(language: Language, entity: Entity) -> None:
    wanted = {member.name: _use(entity, member, language) for member in _members(entity, language)}
    heard = _hear(wanted, language)
    for member in _members(entity, language):
        _check_result(f"{entity.name}.{member.name}", member.result(language), heard[member.name])


@each_entity
def test_every_function_refuses_what_it_does_not_take(language: Language, entity: Entity) -> None:
    if entity.name in OF_THE_LANGUAGE:
        return
    functions = [one for one in _members(entity, language) if one.kind != "field"]
    too_many = {
        one.name: _call(entity, one, [*([True] * len(one.parameters)), True], language)
        for one in functions
        if not any(parameter.variadic for parameter in one.parameters)
    }
    for name, heard in _hear(too_many, language).items():
        where = f"{entity.name}.{spelled(name, language)}"
        assert (heard.failure or "it was taken").startswith(f"{where} takes "), (where, heard)
    wrong = {
        one.name: _call(entity, one, [True, *_arguments(entity, one)[1:]], language)
        for one in functions
        if one.parameters and one.parameters[0].schema
    }
    for name, heard in _hear(wrong, language).items():
        where = f"{entity.name}.{spelled(name, language)}"
        parameter = spelled(entity.members[name].parameters[0].name, language)
        assert (heard.failure or "it was taken").startswith(f"{where}: '{parameter}"), (where, heard)


@each_entity
def test_every_argument_refuses_what_it_does_not_take(language: Language, entity: Entity) -> None:
    """At any depth: the error names the place, what was given, and what is allowed."""
    rows = {
        f"{member.name} {number}": (member, wrong)
        for member in _members(entity, language)
        if entity.name not in OF_THE_LANGUAGE and member.kind != "field"
        for number, wrong in enumerate(_wrong_arguments(member))
    }
    wanted = {name: _spoilt_call(entity, *row, language) for name, row in rows.items()}
    heard = _hear(wanted, language, f"owner = {_owner(entity, language)}") if rows else {}
    missed = [
        f"{wanted[name][:200]}\n    {wrong.about}: {failure or 'it was taken'}"
        for name, (member, wrong) in rows.items()
        if not wrong.is_told(failure := heard[name].failure or "", language)
        or not failure.startswith(f"{entity.name}.{spelled(member.name, language)}: ")
    ]
    assert not missed, "\n".join([f"{len(missed)} of {len(rows)}", *missed])


def _wrong_arguments(member: Member) -> Iterator[Wrong]:
    for parameter in member.parameters:
        if parameter.schema and not parameter.variadic:
            yield from Wrongs.of_argument(parameter.name, parameter.schema, CATALOG.definitions)


def _spoilt_call(entity: Entity, member: Member, wrong: Wrong, language: Language) -> str:
    """A call in which one argument is wrong, those before it are right, and none follows it."""
    names = [one.name for one in member.parameters]
    name = str(wrong.place[0])
    before = names.index(name)
    right = [_written(one, language) for one in _arguments(entity, member)[:before]]
    right += [{"lua": "nil", "javascript": "undefined"}[language]] * (before - len(right))
    given = ", ".join([*right, _written(wrong.table[name], language)])
    return f"owner.{spelled(member.name, language)}({given})"


def _members(entity: Entity, language: Language) -> list[Member]:
    return [one for one in entity.members.values() if language in one.languages]


def _arguments(entity: Entity, member: Member) -> list[Any]:
    name = f"{entity.name}.{member.name}"
    needed = [one for one in member.parameters if not one.optional]
    assert name in ARGUMENTS or not needed, f"nothing is known to call {name} with: see ARGUMENTS"
    return ARGUMENTS.get(name, [])


def _use(entity: Entity, member: Member, language: Language) -> str:
    """Reads a field, or calls a function with valid arguments."""
    if member.kind == "field":
        return f"{_owner(entity, language)}.{spelled(member.name, language)}"
    text = _call(entity, member, _arguments(entity, member), language)
    around = ENDED.get(f"{entity.name}.{member.name}", _same("{}"))
    return _written(around, language).replace("{}", text)


def _call(entity: Entity, member: Member, arguments: list[Any], language: Language) -> str:
    colon = ":" if language == "lua" and entity.kind == "handle" else "."
    given = ", ".join(_written(one, language) for one in arguments)
    return f"{_owner(entity, language)}{colon}{spelled(member.name, language)}({given})"


def _owner(entity: Entity, language: Language) -> str:
    if entity.kind != "handle":
        return entity.name
    assert entity.name in MADE, f"nothing is known to make {entity.name}: see MADE"
    return _written(MADE[entity.name], language)


def _written(value: Any, language: Language) -> str:
    if isinstance(value, Code):
        return value.lua if language == "lua" else value.javascript
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        items = ", ".join(_written(one, language) for one in value)
        return f"{{ {items} }}" if language == "lua" else f"[{items}]"
    if isinstance(value, dict):
        sign = " =" if language == "lua" else ":"
        pairs = (f"{_key(key, language)}{sign} {_written(one, language)}" for key, one in value.items())
        return f"{{ {', '.join(pairs)} }}"
    return repr(value)


def _key(name: str, language: Language) -> str:
    """A key of a table, which Lua wants in brackets where it is one of its own words."""
    return f'["{name}"]' if language == "lua" and name in ("end", "then", "else") else spelled(name, language)


TAKE = {
    "lua": """
        do
          local ok, value = pcall(function() return {text} end)
          if ok then host.heard("{name}", value, tostring(value))
          else host.failed("{name}", value.message) end
        end""",
    "javascript": """
        try {{
          const value = {text};
          host.heard("{name}", await value, value?.constructor?.name ?? "");
        }} catch (error) {{
          host.failed("{name}", error.message);
        }}""",
}


def _hear(wanted: dict[str, str], language: Language, first: str = "") -> dict[str, Heard]:
    """What came of expressions that one program evaluates."""
    heard: dict[str, Heard] = {}

    def take(name: str, value: Any = None, named: str = "") -> None:
        heard[name] = Heard(value, named, None)

    def fail(name: str, message: str) -> None:
        heard[name] = Heard(None, "", message)

    begin = first and f"{'local' if language == 'lua' else 'const'} {first};\n"
    text = begin + "".join(TAKE[language].format(name=name, text=text) for name, text in wanted.items())
    ran = run(Script(language, text, names=host(heard=take, failed=fail)))
    assert (ran.error, heard.keys()) == (None, wanted.keys())
    return heard


def _check_result(name: str, schema: Any, heard: Heard) -> None:
    """What came fits its declared type. An empty list of Lua is an empty table to the host."""
    assert heard.failure is None, (name, heard.failure)
    if schema is not None and "x-promise" in schema:
        assert heard.named == "Promise", (name, heard)
        schema = schema["x-promise"]
    if schema is None:
        assert heard.value is None, (name, heard)
        return

    def is_handle(_: Any, handle: str, value: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
        found = value.name if isinstance(value, HostObject) else heard.named.partition(" ")[0]
        if found != handle:
            yield jsonschema.ValidationError(f"{found} is no {handle}")

    base = jsonschema.Draft202012Validator
    types = base.TYPE_CHECKER.redefine("array", lambda _, value: isinstance(value, list) or value == {})
    kind = jsonschema.validators.extend(base, {"x-handle": is_handle}, type_checker=types)
    validator = kind({**schema, "$defs": CATALOG.definitions})
    assert not [error.message for error in validator.iter_errors(_in_snake_case(heard.value))], (name, heard)


def _in_snake_case(value: Any) -> Any:
    if isinstance(value, dict):
        return {snake(str(key)): _in_snake_case(one) for key, one in value.items() if one is not None}
    return [_in_snake_case(one) for one in value] if isinstance(value, list) else value
