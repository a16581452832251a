"""What a configuration does to a run: each section of it, with a script that sees the effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.assembly import AssemblyError, Launch, assemble
from llmspell_engine.language import Language
from llmspell_engine.runtime.base import ScriptError, Streams
from llmspell_engine.runtime.create import create
from support.globals import SAY
from support.runtime import SUFFIX, both


@dataclass(frozen=True)
class Case:
    name: str
    config: str
    lua: str
    javascript: str
    expect: str
    """What is printed, or how the script fails."""
    files: Mapping[str, str] = field(default_factory=dict)
    launch: Mapping[str, Any] = field(default_factory=dict)


def ran(case: Case, language: Language, folder: Path) -> str:
    """What a script of a folder prints, on either stream, and its error."""
    for name, text in {"llmspell.toml": case.config, **case.files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    text = case.lua if language == "lua" else f"{SAY} {case.javascript}"
    main = folder / f"main{SUFFIX[language]}"
    main.write_text(text)
    assembly = assemble(Launch(folder, **case.launch))
    heard: list[str] = []
    context = assembly.context(language, Streams(heard.append, heard.append))
    runtime = create(language, context, assembly.services)
    try:
        runtime.run(str(main), text)
    except ScriptError as error:
        heard.append(f"{error.kind}: {error}")
    finally:
        runtime.close()
        assembly.services.close()
    return "".join(heard).replace(f"{folder}/", "")


CASES = [
    Case(
        "named arguments have values, which the command line may replace",
        "[run.params]\nwho = 'world'\ncount = 2\n",
        "print(ARGS.who, ARGS.count)",
        "say(ARGS.who, ARGS.count)",
        "you\t2\n",
        launch={"parameters": {"who": "you"}},
    ),
    Case(
        "a run has limits",
        "[run]\nmax_calls = 1\n",
        "local a = Agent.create({ model = 'echo' }) a:execute('1')"
        " print(select(2, pcall(a.execute, a, '2')).kind)",
        "const a = Agent.create({ model: 'echo' }); await a.execute('1');"
        " try { await a.execute('2') } catch (error) { say(error.name) }",
        "BudgetError\n",
    ),
    Case(
        "limits of the launch win",
        "[run]\nmax_calls = 0\n",
        "print(Agent.create({ model = 'echo' }):execute('1').success)",
        "say((await Agent.create({ model: 'echo' }).execute('1')).success)",
        "true\n",
        launch={"max_calls": 1},
    ),
    Case(
        "model calls are answered from a cassette",
        "[run]\ncassette = 'tapes/one.jsonl'\n",
        "print(Agent.create({ model = 'far/away' }):execute('hello').text)",
        "say((await Agent.create({ model: 'far/away' }).execute('hello')).text)",
        "from afar\n",
        files={
            "tapes/one.jsonl": '{"llmspell_cassette": 1}\n{"request": {"provider": "far", "model": "away",'
            ' "messages": [{"role": "user", "text": "hello"}]}, "answer": {"text": "from afar"}}\n'
        },
    ),
    Case(
        "modules come from further folders",
        "[engine.lua]\npath = ['shared/lua']\n[engine.javascript]\npath = ['shared/js']\n",
        "print(require('names').first)",
        "const { first } = await import('names'); say(first)",
        "Ada\n",
        files={
            "shared/lua/names.lua": "return { first = 'Ada' }",
            "shared/js/names.js": "export const first = 'Ada';",
        },
    ),
    Case(
        "tools read and write in their root",
        "[tools]\nroot = 'data'\n",
        "print(Tool.execute('file-operations', { operation = 'read', path = 'a.txt' }).text)",
        "say((await Tool.execute('file-operations', { operation: 'read', path: 'a.txt' })).text)",
        "in data\n",
        files={"data/a.txt": "in data"},
    ),
    Case(
        "tools that are disabled are not found",
        "[tools]\ndisabled = ['calculator']\n",
        "print(Tool.exists('calculator'), Tool.get('calculator'), Tool.calculator)"
        " print(Tool.exists('json-processor'))"
        " Tool.execute('calculator', { operation = 'evaluate', input = '1' })",
        "say(Tool.exists('calculator'), Tool.get('calculator'), Tool.calculator);"
        " say(Tool.exists('json-processor'));"
        " await Tool.execute('calculator', { operation: 'evaluate', input: '1' })",
        "false\tnil\tnil\ntrue\nToolError: the tool 'calculator' is not to be used: [tools] of the"
        " configuration has it in 'disabled'",
    ),
    Case(
        "agents do not get tools that are disabled",
        "[tools]\ndisabled = ['calculator']\n",
        "Agent.create({ model = 'echo', allowed_tools = { 'calculator' } })",
        "Agent.create({ model: 'echo', allowedTools: ['calculator'] })",
        "ToolError: the tool 'calculator' is not to be used: [tools] of the"
        " configuration has it in 'disabled'",
    ),
    Case(
        "events wait in buffers of a size",
        "[events]\nbuffer_size = 2\n[log]\nlevel = 'error'\n",
        "local id = Event.subscribe('a') for n = 1, 3 do Event.publish('a', n) end"
        " print(Event.receive(id).data, Event.receive(id).data,"
        " Event.get_stats().event_bus_stats.buffer_size)",
        "const id = Event.subscribe('a'); for (const n of [1, 2, 3]) Event.publish('a', n);"
        " say((await Event.receive(id)).data, (await Event.receive(id)).data,"
        " Event.getStats().eventBusStats.bufferSize)",
        "2\t3\t2\n",
    ),
    Case(
        "prompts are templates in texts and files",
        "[prompts]\nhi = 'Hello {{ name }}.'\n[prompts.bye]\nfile = 'bye.txt'\n"
        "variables = { name = 'you' }\n",
        "print(Prompt.render('hi', { name = 'Ada' }), Prompt.render('bye'))",
        "say(Prompt.render('hi', { name: 'Ada' }), Prompt.render('bye'))",
        "Hello Ada.\tBye you.\n",
        files={"bye.txt": "Bye {{ name }}."},
    ),
    Case(
        "memory has a limit",
        "[engine.lua]\nmemory_mb = 16\n[engine.javascript]\nmemory_mb = 16\n",
        "print('before') local all = {} while true do all[#all + 1] = string.rep('x', 100000) .. #all end",
        "say('before'); const all = []; while (true) all.push('x'.repeat(100000) + all.length)",
        "before\nResourceLimitError: the script used up its memory of 16 MB, the most that the profile"
        " 'medium' gives it; raise memory_mb in [engine.{language}]",
    ),
]


@both
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_section_has_its_effect(case: Case, language: Language, tmp_path: Path) -> None:
    assert ran(case, language, tmp_path) == case.expect.replace("{language}", language)


@both
def test_state_outlives_a_run(language: Language, tmp_path: Path) -> None:
    case = Case(
        "",
        "[state]\nfile = 'kept/state.db'\n",
        "State.save('global', 'n', (State.load('global', 'n') or 0) + 1) print(State.load('global', 'n'))",
        "State.save('global', 'n', (State.load('global', 'n') ?? 0) + 1); say(State.load('global', 'n'))",
        "",
    )
    assert [ran(case, language, tmp_path) for _ in range(2)] == ["1\n", "2\n"]
    assert (tmp_path / "kept/state.db").exists()


@both
def test_logs_go_where_they_are_to(language: Language, tmp_path: Path) -> None:
    case = Case(
        "",
        "[log]\nlevel = 'info'\nfile = 'run.log'\nformat = 'json'\n[log.levels]\nquiet = 'error'\n"
        "[providers.openai]\napi_key = 'a-secret-of-the-file'\n",
        "Logger.info('key a-secret-of-the-file') Logger.debug('no')"
        " Logger.new({ name = 'quiet' }):warn('no')",
        "Logger.info('key a-secret-of-the-file'); Logger.debug('no');"
        " Logger.new({ name: 'quiet' }).warn('no')",
        "",
    )
    heard = ran(case, language, tmp_path)
    assert heard == (tmp_path / "run.log").read_text()
    assert '"message": "key [secret]"' in heard
    assert len(heard.splitlines()) == 1


@both
def test_secrets_of_the_configuration_are_in_nothing_that_is_written(
    language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = ("a-key-of-the-file", "an-own-variable")
    monkeypatch.setenv("LLMSPELL_TEST_OWN", secrets[1])
    asked = " ".join(secrets)
    case = Case(
        "",
        f"[providers.openai]\napi_key = '{secrets[0]}'\n"
        "[security]\nsecret_variables = ['LLMSPELL_TEST_OWN']\n"
        "[log.otel]\ncontent = true\n",
        f"Agent.create({{ model = 'echo', name = '{secrets[0]}' }}):execute('{asked}')"
        f" Logger.error('{asked}')",
        f"await Agent.create({{ model: 'echo', name: '{secrets[0]}' }}).execute('{asked}');"
        f" Logger.error('{asked}')",
        "",
        launch={
            "cassette": tmp_path / "tape.jsonl",
            "cassette_mode": "record",
            "trace_file": tmp_path / "trace.jsonl",
        },
    )
    heard = ran(case, language, tmp_path)
    written = [heard, *((tmp_path / name).read_text() for name in ("tape.jsonl", "trace.jsonl"))]
    assert not [text for text in written for secret in secrets if secret in text]
    assert all("[secret] [secret]" in text for text in written)


@dataclass(frozen=True)
class Refused:
    name: str
    config: str
    expect: str
    launch: Mapping[str, Any] = field(default_factory=dict)


REFUSED = [
    Refused(
        "an unknown key",
        "[run]\nmax_cals = 1\n",
        "llmspell.toml:2: there is no 'run.max_cals'; did you mean 'max_calls'?",
    ),
    Refused(
        "an unknown tool",
        "[tools]\ndisabled = ['calculater']\n",
        "llmspell.toml:2: 'tools.disabled[0]': there is no tool 'calculater'; did you mean 'calculator'?",
    ),
    Refused(
        "a prompt without its file",
        "[prompts.a]\nfile = 'none.txt'\n",
        "the prompt 'a': 'none.txt' cannot be read: No such file or directory",
    ),
    Refused(
        "a prompt that is no template",
        "[prompts]\na = '{{ b'\n",
        "the prompt 'a': line 1: unexpected end of template, expected 'end of print statement'.",
    ),
    Refused(
        "a cassette that is not there",
        "[run]\ncassette = 'none.jsonl'\n",
        "there is no cassette 'none.jsonl'; record one with --record",
    ),
    Refused(
        "recording without a file",
        "",
        "recording needs a file; name it with --cassette FILE",
        {"cassette_mode": "record"},
    ),
    Refused(
        "a log file that cannot be written",
        "[log]\nfile = 'none/run.log'\n",
        "the log file cannot be written: [Errno 2] No such file or directory: 'none/run.log'",
    ),
]


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: refused.name)
def test_what_keeps_a_script_from_starting(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text(refused.config)
    with pytest.raises(AssemblyError) as caught:
        assemble(Launch(tmp_path, **refused.launch))
    assert str(caught.value).replace(f"{tmp_path}/", "") == refused.expect
