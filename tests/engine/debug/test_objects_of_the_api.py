"""Objects of the API in a stopped script: their fields, and in Lua, which has methods there, their class."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from support.debugging import stopped_at, write

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = {
    "lua": """\
local function f()
local agent = Agent.create({ name = "a", model = "echo" })
local workflow = Workflow.sequential({ name = "w", steps = { { name = "s", tool = "calculator" } } })
local nested = { agent }
local _ = agent:execute("hi"), workflow:to_table()
local own = setmetatable({ x = 1 }, { __name = "Own" })
print("stop")
end
f()
""",
    "javascript": """\
async function f() {
const agent = Agent.create({ name: "a", model: "echo" });
const workflow = Workflow.sequential({ name: "w", steps: [{ name: "s", tool: "calculator" }] });
const nested = [agent];
await agent.execute("hi"), workflow.toTable();
const own = new (class Own { x = 1 })();
console.log("stop");
}
await f();
""",
}


SHOWN = {
    "lua": {
        "agent": 'AgentInstance {id = ID, name = "a"}',
        "workflow": 'WorkflowInstance {id = ID, name = "w", …}',
        "nested": "{AgentInstance {…}}",
        "own": "{x = 1}",
    },
    "javascript": {
        "agent": '{id: ID, name: "a"}',
        "workflow": '{id: ID, name: "w", type: "sequential"}',
        "nested": "(1) [{…}]",
        "own": "Own {x: 1}",
    },
}


@pytest.mark.parametrize("language", SCRIPTS)
async def test_an_object_is_told_by_its_fields(language: str, tmp_path: Path) -> None:
    async with stopped_at(write(tmp_path, language, SCRIPTS[language]), 7) as session:
        shown = await session.shown()
    found = {
        name: re.sub(r'"[0-9a-f-]{16,20}"… \(36 bytes\)|"[0-9a-f-]{36}"', "ID", shown[name])
        for name in SHOWN[language]
    }
    assert found == SHOWN[language]
