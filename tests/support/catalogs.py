"""A small catalog written by hand, so that tests of analysis say in one screen what they rely on."""

from __future__ import annotations

from typing import Any

from llmspell_engine.catalog.model import Catalog, Entity, Member, Model, Parameter, Schema, Standard, Tool
from llmspell_engine.language import LANGUAGES, Language

STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}


def parameter(
    name: str, schema: Schema, *, optional: bool = False, variadic: bool = False, doc: str = ""
) -> Parameter:
    return Parameter(name, schema, optional, variadic, doc or f"The {name}.")


def function(
    name: str,
    *parameters: Parameter,
    returns: Schema | None = None,
    kind: Any = "function",
    deprecated: str | None = None,
    languages: tuple[Language, ...] = LANGUAGES,
) -> Member:
    doc = f"Documentation of {name}."
    return Member(name, kind, doc, parameters, returns, languages, deprecated, waits=False, examples={})


def method(name: str, *parameters: Parameter, returns: Schema | None = None) -> Member:
    return function(name, *parameters, returns=returns, kind="method")


def entity(
    name: str,
    *members: Member,
    kind: Any = "namespace",
    call: Member | None = None,
    schema: Schema | None = None,
    languages: tuple[Language, ...] = LANGUAGES,
) -> Entity:
    by_name = {member.name: member for member in members}
    return Entity(name, kind, f"Documentation of {name}.", by_name, call, schema, languages)


def handle(name: str) -> Schema:
    return {"x-handle": name}


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _object(*required: str, closed: bool = True, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": not closed,
    }


AGENT_OPTIONS = _object(
    "name",
    "model",
    name={"type": "string", "description": "The agent's name.", "minLength": 1},
    model={"type": "string", "description": "Which model answers.", "x-complete": "model"},
    system_prompt=STRING,
    temperature={
        "type": "number",
        "minimum": 0,
        "maximum": 2,
        "default": 0.7,
        "description": "How freely it answers.",
    },
    max_tokens={"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}], "default": None},
    stream={"type": "boolean", "default": False},
    mode={"enum": ["fast", "careful"], "description": "How it works."},
    tools={"type": "array", "items": {"type": "string", "x-complete": "tool"}},
    retry=ref("RetryOptions"),
    steps={"type": "array", "items": ref("Step")},
    on_done={
        "x-function": {"parameters": [{"name": "output", "schema": ref("AgentOutput")}], "returns": None}
    },
    api_key={"type": "string", "x-sensitive": True, "deprecated": True},
)
DEFINITIONS: dict[str, Schema] = {
    "AgentOptions": AGENT_OPTIONS,
    "RetryOptions": _object("attempts", attempts=INTEGER, backoff={"enum": ["linear", "exponential"]}),
    "ToolStep": _object(
        "type", "tool", type={"const": "tool"}, tool={"type": "string", "x-complete": "tool"}
    ),
    "AgentStep": _object("type", "agent", type={"const": "agent"}, agent=STRING, max_turns=INTEGER),
    "Step": {"oneOf": [ref("ToolStep"), ref("AgentStep")]},
    "AgentInput": _object("text", text=STRING),
    "AgentOutput": _object("text", "metadata", closed=False, text=STRING, metadata=ref("AgentMetadata")),
    "AgentMetadata": _object("execution_time_ms", "model", execution_time_ms=INTEGER, model=STRING),
    "ToolResult": _object("success", "result", success={"type": "boolean"}, result={}, error=STRING),
    "ToolInfo": _object("name", name=STRING, security_level=STRING),
}
TOOLS = {
    "calculator": Tool(
        "calculator", "utility", "Evaluates an expression.", "safe",
        _object("input", input=STRING, operation={"enum": ["evaluate", "validate"], "default": "evaluate"}),
        _object("result", result={"type": "number"}),
        ("calc_tool",),
    ),
    "text-manipulator": Tool(
        "text-manipulator", "utility", "Changes a text.", "safe",
        _object(
            "input", "operation", input=STRING,
            operation={"enum": ["uppercase", "lowercase", "trim"]}, max_length=INTEGER,
        ),
        _object("result", result=STRING, original_length=INTEGER),
        (),
    ),
}  # fmt: skip
MODELS = {
    "echo/echo": Model("echo/echo", "Answers with the question.", None),
    "openai/gpt-4o": Model("openai/gpt-4o", "A model.", 128000),
}


def _builder() -> Entity:
    builder = handle("AgentBuilder")
    return entity(
        "AgentBuilder",
        method("name", parameter("name", STRING), returns=builder),
        method("model", parameter("model", {"type": "string", "x-complete": "model"}), returns=builder),
        method("system_prompt", parameter("prompt", STRING), returns=builder),
        method("build", returns=handle("Agent")),
        kind="handle",
    )


def _globals() -> list[Entity]:
    tool_name = parameter("name", {"type": "string", "x-complete": "tool"})
    scope = parameter(
        "scope",
        {"type": "string", "x-complete": "stateScope", "pattern": "^(global|session|agent)(:.+)?$"},
    )
    parameters = parameter("parameters", {"type": "object"}, optional=True)
    options = parameter("options", ref("AgentOptions"), doc="How the agent is made.")
    event = parameter("name", {"type": "string", "x-complete": "event"})
    topic = parameter("pattern", {"type": "string", "x-complete": "event"})
    lua: tuple[Language, ...] = ("lua",)
    javascript: tuple[Language, ...] = ("javascript",)
    return [
        entity(
            "Agent",
            function("create", options, returns=handle("Agent")),
            function("create_async", options, returns=handle("Agent"), deprecated="Agent.create"),
            function("builder", returns=handle("AgentBuilder")),
            function("list", returns={"type": "array", "items": STRING}),
        ),
        entity(
            "Tool",
            function("list", returns={"type": "array", "items": ref("ToolInfo")}),
            function("get", tool_name, returns=handle("Tool")),
            function("execute", tool_name, parameters, returns=ref("ToolResult")),
        ),
        entity(
            "State",
            function("save", scope, parameter("key", STRING), parameter("value", {})),
            function("load", scope, parameter("key", STRING), returns={}),
            function("list_keys", scope, returns={"type": "array", "items": STRING}),
        ),
        entity(
            "Event",
            function("publish", event, parameter("data", {})),
            function("subscribe", topic, returns=STRING),
        ),
        entity("ARGS", kind="value", schema={"type": "object", "additionalProperties": {}}),
        entity(
            "print",
            kind="function",
            languages=lua,
            call=function("print", parameter("values", {}, optional=True, variadic=True)),
        ),
        *(
            entity(
                name,
                kind="function",
                languages=lua,
                call=function(name, parameter("value", {}, variadic=True)),
            )
            for name in ("require", "pairs", "ipairs", "pcall", "type", "setmetatable", "assert")
        ),
        entity("_G", kind="value", languages=lua, schema={"type": "object"}),
        entity(
            "string",
            function("upper", parameter("s", STRING), returns=STRING),
            function("rep", parameter("s", STRING), parameter("n", INTEGER), returns=STRING),
            languages=lua,
        ),
        entity("math", function("floor", parameter("x", {"type": "number"}), returns=INTEGER), languages=lua),
        entity(
            "console",
            function("log", parameter("values", {}, optional=True, variadic=True)),
            languages=javascript,
        ),
        entity("globalThis", kind="value", languages=javascript, schema={"type": "object"}),
    ]


def small_catalog() -> Catalog:
    """Agents, tools and state enough to try every question on."""
    agent = entity(
        "Agent",
        method("execute", parameter("input", ref("AgentInput")), returns=ref("AgentOutput")),
        function("name", returns=STRING, kind="field"),
        kind="handle",
    )
    tool = entity(
        "Tool",
        method(
            "execute", parameter("parameters", {"type": "object"}, optional=True), returns=ref("ToolResult")
        ),
        function("name", returns=STRING, kind="field"),
        kind="handle",
    )
    promise = entity("Promise.prototype", function("then", parameter("done", {})), languages=("javascript",))
    return Catalog(
        globals={one.name: one for one in _globals()},
        handles={"Agent": agent, "Tool": tool, "AgentBuilder": _builder()},
        definitions=DEFINITIONS,
        tools=TOOLS,
        models=MODELS,
        standards={"javascript": Standard({}, prototypes={promise.name: promise})},
    )
