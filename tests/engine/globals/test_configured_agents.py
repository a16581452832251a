"""Agents of the configuration, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.assembly import Launch, assemble
from llmspell_engine.language import Language
from support.globals import Pair, check_pair, check_refused
from support.runtime import both

TEXT = """\
[agents.desk]
model = "scripted/desk"
description = "Takes calls."
system_prompt = "You are {{ who }}."
variables = { who = "the desk" }
handoffs = ["repairs"]

[agents.repairs]
model = "scripted/repairs"
handoffs = ["desk"]
allowed_tools = ["calculator"]
resource_limits = { max_tool_calls = 2 }

[agents.echo]
model = "echo"
temperature = 0.5

[agents.broken]
model = "nowhere/nothing"
"""
ANSWERS = """\
desk:
  - tool_calls: [{ name: transfer_to_repairs, arguments: { message: It drips. } }]
  - text: It is repaired.
repairs:
  - tool_calls: [{ name: transfer_to_desk, arguments: { message: Done. } }]
"""
PRINTS = [
    Pair(
        "are found by name and have their options",
        "local a = Agent.get('echo') print(a.name, a:get_config().temperature, Agent.get('nobody'))"
        " print(Agent.get('repairs'):has_tool('calculator'), Agent.get('desk'):get_config().system_prompt)",
        "const a = Agent.get('echo'); say(a.name, a.getConfig().temperature, Agent.get('nobody'));"
        " say(Agent.get('repairs').hasTool('calculator'), Agent.get('desk').getConfig().systemPrompt)",
        "echo\t0.5\tnil\ntrue\tYou are {{ who }}.\n",
    ),
    Pair(
        "are the same each time, and are asked by their name",
        "Agent.get('echo'):execute('1') print(#Agent.get('echo'):get_conversation(),"
        " Agent.execute('echo', 'hello').text)",
        "await Agent.get('echo').execute('1'); say(Agent.get('echo').getConversation().length,"
        " (await Agent.execute('echo', 'hello')).text)",
        "2\thello\n",
    ),
    Pair(
        "hand over to each other in circles",
        "local r = Agent.execute('desk', 'The tap drips.') print(r.text, table.concat(r.path, ' '))",
        "const r = await Agent.execute('desk', 'The tap drips.'); say(r.text, r.path.join(' '))",
        "It is repaired.\tdesk repairs desk\n",
    ),
    Pair(
        "give way to an agent of the script of the same name",
        "Agent.create({ name = 'broken', model = 'echo', description = 'mine' })"
        " for _, each in ipairs(Agent.list()) do print(each.name, each.description) end",
        "Agent.create({ name: 'broken', model: 'echo', description: 'mine' });"
        " for (const each of Agent.list()) say(each.name, each.description)",
        "broken\tmine\ndesk\tTakes calls.\nrepairs\tnil\necho\tnil\n",
    ),
    Pair(
        "are gone when they are destroyed",
        "Agent.get('echo'):destroy() print(Agent.get('echo'))",
        "Agent.get('echo').destroy(); say(Agent.get('echo'))",
        "nil\n",
    ),
    Pair(
        "are steps of pipelines",
        "print(Agent.pipeline({ steps = { 'echo', 'echo' } }):execute('again').text)",
        "say((await Agent.pipeline({ steps: ['echo', 'echo'] }).execute('again')).text)",
        "again\n",
    ),
]


def services(folder: Path) -> dict[str, object]:
    (folder / "llmspell.toml").write_text(TEXT)
    (folder / "answers.yaml").write_text(ANSWERS)
    return {"services": assemble(Launch(folder, scripted=folder / "answers.yaml")).services}


@both
@pytest.mark.parametrize("pair", PRINTS, ids=lambda pair: pair.name)
def test_agents_of_the_configuration(pair: Pair, language: Language, tmp_path: Path) -> None:
    check_pair(pair, language, **services(tmp_path))


BROKEN = Pair(
    "",
    "Agent.get('broken')",
    "Agent.get('broken')",
    "there is no provider 'nowhere' for the model 'nowhere/nothing'; providers are {providers}",
)


@both
def test_what_is_wrong_with_one_is_told_when_it_is_made(language: Language, tmp_path: Path) -> None:
    given = services(tmp_path)
    names = assemble(Launch(tmp_path, scripted=tmp_path / "answers.yaml")).services.providers.names()
    expect = BROKEN.expect.replace("{providers}", ", ".join(f"'{name}'" for name in names))
    check_refused(Pair("", BROKEN.lua, BROKEN.javascript, expect), language, **given)
