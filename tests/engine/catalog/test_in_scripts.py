"""What the catalog promises is there when a script runs: every name, and every example works."""

from __future__ import annotations

from typing import Any

import pytest
from llmspell_engine.catalog.loader import load, standard
from llmspell_engine.catalog.model import Entity, spelled
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.security.names import NOWHERE
from llmspell_engine.security.profiles import PROFILES
from support.runtime import Script, check_out, run

CATALOG = load()
PRELUDE: dict[Language, str] = {
    "lua": """
        local agent = Agent.create({ name = "given", model = "echo", allowed_tools = { "calculator" } })
        local builder = Agent.builder()
        local releases = Event.subscribe("release.*")
        local tool, log = Tool.get("calculator"), Logger.new({ name = "given" })
        local stream = Streaming.create(function(emit) emit("made") end)
        local promise = Promise.resolve("made")
        local timer = Async.after(0, function() Event.publish("release.given", 1) end)
        local pool = Agent.pool({ agent = { model = "echo" }, size = 2 })
        local template = Prompt.register("review", { text = "Look at {{ files }}.", description = "Review." })
        local flow = Workflow.builder()
        local workflow = Workflow.sequential({ steps = { { execute = function(...) return ... end } } })
    """,
    "javascript": """
        const agent = Agent.create({ name: "given", model: "echo", allowedTools: ["calculator"] });
        const builder = Agent.builder();
        const releases = Event.subscribe("release.*");
        const tool = Tool.get("calculator"), log = Logger.new({ name: "given" });
        const stream = Streaming.create(async (emit) => emit("made"));
        const timer = Async.after(0, () => Event.publish("release.given", 1));
        const pool = Agent.pool({ agent: { model: "echo" }, size: 2 });
        const template = Prompt.register("review", { text: "Look at {{ files }}.", description: "Reviews." });
        const flow = Workflow.builder();
        const workflow = Workflow.sequential({ steps: [{ execute: (value) => value }] });
    """,
}
MADE = {
    "AgentInstance": "agent",
    "AgentBuilder": "builder",
    "AgentPool": "pool",
    "WorkflowBuilder": "flow",
    "WorkflowInstance": "workflow",
    "PromptTemplate": "template",
    "ToolHandle": "tool",
    "LoggerInstance": "log",
    "Stream": "stream",
    "PromiseObject": "promise",
    "Timer": "timer",
}
"""Which variable of the prelude is a handle. What the others have is called in ``test_every_member``."""
OF_INSTANCES = {
    "Map.prototype": "new Map()",
    "Set.prototype": "new Set()",
    "AbortController.prototype": "new AbortController()",
    "AbortSignal.prototype": "AbortSignal.abort(1)",
}
"""Prototypes that cannot be asked for their members themselves."""
UNDEFINED = {"undefined", "Error.prepareStackTrace"}
"""What is known and has no value until a script gives it one."""
CHECKS: dict[Language, str] = {
    "lua": "if {value} == nil then print('{value}') end",
    "javascript": "if (typeof {value} === 'undefined') console.log('{value}');",
}


def _names(entity: Entity, value: str, language: Language) -> list[str]:
    members = [one for one in entity.members.values() if language in one.languages]
    return [value, *(f"{value}.{spelled(one.name, language)}" for one in members)]


def _check_there(names: list[str], language: Language) -> None:
    checks = [CHECKS[language].format(value=name) for name in names if name not in UNDEFINED]
    check_out(language, "\n".join([PRELUDE[language], *checks]), "", arguments=["x"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_member_of_the_api_is_there(language: Language) -> None:
    found = [one for one in CATALOG.globals.values() if language in one.languages]
    names = [name for entity in found for name in _names(entity, entity.name, language)]
    names += [
        name
        for entity in CATALOG.handles.values()
        if language in entity.languages and entity.name in MADE
        for name in _names(entity, MADE[entity.name], language)
    ]
    assert len(names) > 80
    _check_there(names, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_of_the_standard_library_is_there(language: Language) -> None:
    own = standard(language)
    found = [*own.globals.values(), *own.prototypes.values()]
    values = [OF_INSTANCES.get(entity.name, entity.name) for entity in found]
    names = [name for one, value in zip(found, values, strict=True) for name in _names(one, value, language)]
    # What a profile leaves out whole refuses to be asked for its members; the other test asks the engine.
    refused = PROFILES["medium"].refused[language]
    _check_there([name for name in names if name.rpartition(".")[0] not in refused], language)


@pytest.mark.parametrize(
    "library", ["os", "io", "debug", "package", "math", "string", "table", "utf8", "coroutine"]
)
def test_a_library_of_lua_holds_nothing_that_the_catalog_does_not_know(library: str) -> None:
    ran = run(Script("lua", f"for name in pairs({library}) do print(name) end"))
    assert ran.error is None
    left_out = {*PROFILES["medium"].refused["lua"], *NOWHERE["lua"]}
    refused = {name.removeprefix(f"{library}.") for name in left_out}
    assert sorted(set(ran.out.split()) - refused) == sorted(
        set(standard("lua").globals[library].members) - refused
    )


def test_javascript_has_no_global_that_the_catalog_does_not_know() -> None:
    ran = run(Script("javascript", "console.log(Object.getOwnPropertyNames(globalThis).join(' '))"))
    assert set(ran.out.split()) == set(CATALOG.globals_of("javascript"))


def _examples() -> list[Any]:
    entities = [*CATALOG.globals.values(), *CATALOG.handles.values()]
    return [
        pytest.param(language, text, id=f"{entity.name}.{one.name}-{language}")
        for entity in entities
        for one in [*entity.members.values(), *([entity.call] if entity.call else [])]
        for language, text in one.examples.items()
    ]


@pytest.mark.parametrize(("language", "text"), _examples())
def test_every_example_runs(language: Language, text: str) -> None:
    body = text.replace("releases, 1000", "releases, 1")
    inside = f"do\n{body}\nend" if language == "lua" else f"{{\n{body}\n}}"
    assert run(Script(language, PRELUDE[language] + inside)).error is None
