"""Whoever calls a tool, a script, a model, a workflow, a handler: it may touch what the run may."""

# ruff: noqa: E501 - a script is easier to read in one line

from __future__ import annotations

import json
from pathlib import Path

import pytest
from llmspell_engine.assembly import Launch, assemble
from llmspell_engine.language import Language
from llmspell_engine.runtime.base import ScriptError, Streams
from llmspell_engine.runtime.create import create
from support.runtime import SUFFIX, both

SECRET = "the secret of somebody else"
MODEL = """
spy:
  - tool_calls: [{ name: file-operations, arguments: { operation: read, path: "{outside}" } }]
  - { text: done }
"""
ASKED_LUA = "{ operation = 'read', path = '{outside}' }"
ASKED = "{ operation: 'read', path: '{outside}' }"
WAYS = {
    "a script": (
        f"print(Tool.execute('file-operations', {ASKED_LUA}).text)",
        f"console.log((await Tool.execute('file-operations', {ASKED})).text);",
    ),
    "a batch": (
        f"print(JSON.stringify(Tool.batch({{ {{ tool = 'file-operations', parameters = {ASKED_LUA} }} }})))",
        f"console.log(JSON.stringify(await Tool.batch([{{ tool: 'file-operations', parameters: {ASKED} }}])));",
    ),
    "a model": (
        "print(Agent.create({ model = 'scripted/spy', allowed_tools = { 'file-operations' } }):execute('go').text)",
        "console.log((await Agent.create({ model: 'scripted/spy', allowedTools: ['file-operations'] }).execute('go')).text);",
    ),
    "a workflow": (
        f"print(JSON.stringify(Workflow.sequential({{ name = 'w', steps = {{ {{ name = 's', tool = 'file-operations', input = {ASKED_LUA} }} }} }}):execute({{}})))",
        f"console.log(JSON.stringify(await Workflow.sequential({{ name: 'w', steps: [{{ name: 's', tool: 'file-operations', input: {ASKED} }}] }}).execute({{}})));",
    ),
    "a handler of a hook": (
        f"Hook.register('BeforeAgentExecution', function() print(pcall(Tool.execute, 'file-operations', {ASKED_LUA})) end)"
        " Agent.create({ model = 'echo' }):execute('go')",
        f"Hook.register('BeforeAgentExecution', async () => {{ console.log(await Tool.execute('file-operations', {ASKED}).catch((e) => e.name)) }});"
        " await Agent.create({ model: 'echo' }).execute('go');",
    ),
    "a tool of the script": (
        f"Tool.register({{ name = 'own', description = 'own', handler = function() return Tool.execute('file-operations', {ASKED_LUA}) end }})"
        " print(Tool.execute('own', {}).text)",
        f"Tool.register({{ name: 'own', description: 'own', handler: async () => await Tool.execute('file-operations', {ASKED}) }});"
        " console.log((await Tool.execute('own', {})).text);",
    ),
    "a task": (
        f"print(Async.run(function() return Tool.execute('file-operations', {ASKED_LUA}).text end):await())",
        f"console.log((await Async.run(() => Tool.execute('file-operations', {ASKED}))).text);",
    ),
}


EXPORTS = (
    "print(pcall(State.export, { file = '{file}' })) print(pcall(State.import, '{file}'))",
    "for (const one of [() => State.export({ file: '{file}' }), () => State.import('{file}')])"
    " try { one(); console.log(true) } catch (error) { console.log(error.message) }",
)
ANYWHERE = [("none", {"elsewhere.json", "here.json"}), ("medium", {"here.json"}), ("high", set())]


@both
@pytest.mark.parametrize(("profile", "written"), ANYWHERE)
def test_state_goes_only_where_the_run_may_write(
    profile: str, written: set[str], language: Language, tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "llmspell.toml").write_text(f"[tools]\nroot = '{folder}'\n[state]\nfile = 'state.db'\n")
    script = folder / f"main{SUFFIX[language]}"
    files = folder / "here.json", tmp_path / "elsewhere.json"
    for file in files:
        text = EXPORTS[0 if language == "lua" else 1].replace("{file}", str(file))
        told = ran(script, text, Launch(folder=folder, script=script, profile=profile))
        assert (told.count(f"the profile '{profile}' does not allow writing '{file}'") == 1) == (
            file.name not in written
        ), told
        assert ("true" in told) == (file.name in written), told
    assert {file.name for file in files if file.exists()} == written


FORGED = (
    "State.save('global', 'a', 1)"
    " print(pcall(Tool.execute, 'database-connector', { operation = 'query', database = '{file}',"
    " query = 'DELETE FROM state', query_type = 'DELETE' }))",
    "State.save('global', 'a', 1);"
    " await Tool.execute('database-connector', { operation: 'query', database: '{file}',"
    " query: 'DELETE FROM state', queryType: 'DELETE' }).catch((error) => console.log(error.message))",
)


@both
@pytest.mark.parametrize("file", ["state.db", "state.db-wal", "state.db-journal"])
@pytest.mark.parametrize("profile", ["low", "medium"])
def test_the_file_of_state_is_not_written_by_tools(
    profile: str, file: str, language: Language, tmp_path: Path
) -> None:
    (tmp_path / "llmspell.toml").write_text("[state]\nfile = 'state.db'\n[tools]\nroot = '.'\n")
    script = tmp_path / f"main{SUFFIX[language]}"
    text = FORGED[0 if language == "lua" else 1].replace("{file}", file)
    told = ran(script, text, Launch(folder=tmp_path, script=script, profile=profile))
    assert f"the profile '{profile}' does not allow writing '{file}'" in told


def ran(script: Path, text: str, launch: Launch) -> str:
    """What a script prints, and how it fails."""
    assembly = assemble(launch)
    printed: list[str] = []
    streams = Streams(printed.append, printed.append)
    language: Language = "lua" if script.suffix == ".lua" else "javascript"
    runtime = create(language, assembly.context(language, streams), assembly.services)
    try:
        runtime.run(str(script), text)
    except ScriptError as error:
        printed.append(str(error))
    finally:
        runtime.close()
        assembly.services.close()
    return "".join(printed)


@both
@pytest.mark.parametrize("profile", ["low", "medium", "high"])
@pytest.mark.parametrize("way", WAYS)
def test_a_call_has_the_permissions_of_its_run(
    way: str, profile: str, language: Language, tmp_path: Path
) -> None:
    folder, outside = tmp_path / "project", tmp_path / "secret.txt"
    folder.mkdir()
    outside.write_text(SECRET)
    (folder / "llmspell.toml").write_text(f"[security]\naudit = 'audit.jsonl'\n[tools]\nroot = '{folder}'\n")
    (folder / "answers.yaml").write_text(MODEL.replace("{outside}", str(outside)))
    script = folder / f"main{SUFFIX[language]}"
    text = WAYS[way][0 if language == "lua" else 1].replace("{outside}", str(outside))
    printed = ran(
        script, text, Launch(folder=folder, script=script, profile=profile, scripted=folder / "answers.yaml")
    )
    audited = [json.loads(line) for line in (folder / "audit.jsonl").read_text().splitlines()]
    assert [(one["decision"], one["rule"], str(outside) in one["what"]) for one in audited] == [
        ("refused", "read", True)
    ], printed
    assert SECRET not in printed
