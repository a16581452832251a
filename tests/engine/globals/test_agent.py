"""The global Agent: making agents, asking them, and what goes wrong."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.globals import Pair, check_pair, check_refused

WORKS = [
    Pair(
        "create and execute",
        'local a = Agent.create({ name = "w", model = "echo" }) '
        'print(a.name, a:execute({ text = "hi there" }).text)',
        'const a = Agent.create({ name: "w", model: "echo" }); '
        'say(a.name, (await a.execute({ text: "hi there" })).text)',
        "w\thi there\n",
    ),
    Pair(
        "the builder chains",
        'local a = Agent.builder():name("w"):model("echo/echo"):max_tokens(2):temperature(1):build()\n'
        'print(a.execute({ text = "one two three" }).text)',
        'const a = Agent.builder().name("w").model("echo/echo").maxTokens(2).temperature(1).build();\n'
        'say((await a.execute({ text: "one two three" })).text)',
        "one two\n",
    ),
    Pair(
        "results tell model, tokens and system prompt",
        'local r = Agent.create({ model = "echo", system_prompt = "be brief" }):execute({ text = "a b" })\n'
        "print(r.metadata.model, r.metadata.token_count, r.metadata.response.system_prompt, r.success)",
        'const r = await Agent.create({ model: "echo", systemPrompt: "be brief" }).execute({ text: "a b" });\n'
        "say(r.metadata.model, r.metadata.tokenCount, r.metadata.response.system_prompt, r.success)",
        "echo/echo\t6\tbe brief\ttrue\n",
    ),
    Pair(
        "agents are found by name, and are the same",
        'local a = Agent.create({ name = "w", model = "echo" })\n'
        'print(Agent.get("w") == a, Agent.get("x"), #Agent.list(), Agent.list()[1].name)',
        'const a = Agent.create({ name: "w", model: "echo" });\n'
        'say(Agent.get("w") === a, Agent.get("x"), Agent.list().length, Agent.list()[0].name)',
        "true\tnil\t1\tw\n",
    ),
    Pair(
        "a destroyed agent frees its name",
        'local a = Agent.create({ name = "w", model = "echo" }) a:destroy()\n'
        'print(a:get_state(), Agent.get("w"), (pcall(a.execute, { text = "x" })))',
        'const a = Agent.create({ name: "w", model: "echo" }); a.destroy();\n'
        "let ok = true; try { await a.execute({ text: 'x' }) } catch { ok = false }\n"
        'say(a.getState(), Agent.get("w"), ok)',
        "destroyed\tnil\tfalse\n",
    ),
    Pair(
        "the settings",
        'local c = Agent.create({ model = "echo", allowed_tools = {}, max_tokens = 10 / 2 }):get_config()\n'
        "print(c.provider, c.model, c.max_tokens, c.resource_limits.max_tool_calls, #c.allowed_tools)",
        'const c = Agent.create({ model: "echo", allowedTools: [], maxTokens: 10 / 2 }).getConfig();\n'
        "say(c.provider, c.model, c.maxTokens, c.resourceLimits.maxToolCalls, c.allowedTools.length)",
        "echo\techo\t5\t100\t0\n",
    ),
    Pair(
        "an agent runs its tools",
        'local a = Agent.create({ model = "echo", allowed_tools = { "uuid-generator" } })\n'
        'print(a:has_tool("uuid-generator"), a:invoke_tool("uuid-generator", {}).success, '
        "a:discover_tools()[1])",
        'const a = Agent.create({ model: "echo", allowedTools: ["uuid-generator"] });\n'
        'say(a.hasTool("uuid-generator"), (await a.invokeTool("uuid-generator", {})).success, '
        "a.discoverTools()[0])",
        "true\ttrue\tuuid-generator\n",
    ),
    Pair(
        "the names of older scripts",
        'print(Agent.createAsync({ model = "echo" }):execute({ text = "x" }).text, Agent.new ~= nil)',
        'say((await Agent.createAsync({ model: "echo" }).execute({ text: "x" })).text, Agent.new !== undefined)',
        "x\ttrue\n",
    ),
    Pair(
        "a basic agent needs no model's answer",
        'print(Agent.builder():model("echo"):type("basic"):build():execute({ text = "x" }).text)',
        'say((await Agent.builder().model("echo").type("basic").build().execute({ text: "x" })).text)',
        "x\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", WORKS, ids=lambda pair: pair.name)
def test_agents(pair: Pair, language: Language) -> None:
    check_pair(pair, language)


REFUSED = [
    Pair(
        "no model",
        'Agent.create({ name = "w" })',
        'Agent.create({ name: "w" })',
        "Agent.create: 'options.model' is missing",
    ),
    Pair(
        "an unknown option",
        'Agent.create({ model = "echo", temprature = 1 })',
        'Agent.create({ model: "echo", temprature: 1 })',
        "Agent.create: there is no 'options.temprature'; did you mean 'temperature'?",
    ),
    Pair(
        "a value out of range",
        "Agent.builder():temperature(5)",
        "Agent.builder().temperature(5)",
        "AgentBuilder.temperature: 'value' must be at most 2, but 5 was given",
    ),
    Pair(
        "no provider",
        'Agent.create({ model = "openia/gpt" })',
        'Agent.create({ model: "openia/gpt" })',
        "there is no provider 'openia' for the model 'openia/gpt'; did you mean 'openai/gpt'?",
    ),
    Pair(
        "no such model",
        'Agent.create({ model = "gpt" })',
        'Agent.create({ model: "gpt" })',
        "there is no model 'gpt'; known models are 'echo/echo'",
    ),
    Pair(
        "a name that is taken",
        'for _ = 1, 2 do Agent.create({ name = "w", model = "echo" }) end',
        'for (const _ of [1, 2]) Agent.create({ name: "w", model: "echo" })',
        "there is an agent 'w' already; destroy it or choose another name",
    ),
    Pair(
        "a tool that does not exist",
        'Agent.create({ model = "echo", allowed_tools = { "uuid-generater" } })',
        'Agent.create({ model: "echo", allowedTools: ["uuid-generater"] })',
        "there is no tool 'uuid-generater'; did you mean 'uuid-generator'?",
    ),
    Pair(
        "a tool that is not allowed",
        'Agent.create({ name = "w", model = "echo" }):invoke_tool("uuid-generator", {})',
        'Agent.create({ name: "w", model: "echo" }).invokeTool("uuid-generator", {})',
        "the agent 'w' may not call the tool 'uuid-generator'; allow it first",
    ),
    Pair(
        "too many arguments",
        'Agent.get("a", "b")',
        'Agent.get("a", "b")',
        "Agent.get takes 1 argument (name), but 2 were given",
    ),
    Pair(
        "a missing argument",
        "Agent.get()",
        "Agent.get()",
        "Agent.get: 'name' is missing; it takes 1 argument (name)",
    ),
    Pair(
        "an argument of another type",
        "Agent.get(42)",
        "Agent.get(42)",
        "Agent.get: 'name' must be a string, but 42 was given",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", REFUSED, ids=lambda pair: pair.name)
def test_what_agents_refuse(pair: Pair, language: Language) -> None:
    check_refused(pair, language)


def test_a_prompt_is_checked_with_the_names_of_the_language() -> None:
    check_refused(
        Pair(
            "",
            'Agent.create({ model = "echo", max_tokens = 0 })',
            'Agent.create({ model: "echo", maxTokens: 0 })',
            "Agent.create: 'options.maxTokens' must be at least 1, but 0 was given",
        ),
        "javascript",
    )
