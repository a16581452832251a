"""Workflows as data: from files and texts, back into tables and files, and what is wrong told with its line."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import json
from pathlib import Path

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.globals import SAY
from support.runtime import Script, check_out, run

GOOD = """\
name: quote
type: sequential
error_strategy: continue
shared_data: { tier: gold }
steps:
  - { name: sum, tool: calculator, input: { input: "{{ chairs }} * 29" }, retry: { attempts: 2 } }
  - name: both
    workflow:
      type: parallel
      steps:
        - { name: left, tool: calculator, input: { input: "{{ input.chairs }} + 1" } }
        - { name: right, tool: calculator, condition: { type: shared_data_exists, key: x } }
  - name: letter
    agent: writer
    input: "{{ sum.text }} for {{ state.tier }}, {{ both.output.left.text }}, {{ day }}"
    output_key: letter
"""
KINDS = {
    "conditional": "branches: [{ condition: '{{ input == 1 }}', steps: [{ tool: calculator }] }]\n"
    "default_branch: { steps: [{ tool: calculator }] }\n",
    "loop": "iterator: { range: { start: 1, end: 3 } }\nbody: [{ tool: calculator }]\n"
    "break_conditions: [{ type: and, conditions: ['{{ false }}', { type: never }] }]\n",
    "map_reduce": "collection: [1, 2]\nmap: { tool: calculator }\nmax_concurrency: 1\n",
    "pipeline": "stages: [{ tool: calculator, compensate: { tool: calculator } }]\ncleanup: [{ tool: calculator }]\n",
    "parallel": "branches: [{ name: a, steps: [{ tool: calculator }] }]\nfail_fast: false\n",
    "sequential": "steps: [{ tool: calculator, skip_if: '{{ true }}', input: { input: 1 + 1 } }]\ntimeout_ms: 5\n",
}
DO = {
    "lua": 'Agent.create({{ name = "writer", model = "echo" }}) local w = Workflow.from_file("{0}") '
    'print(w:execute({{ chairs = 4, day = "May" }}).output) Workflow.save(w, "{1}") '
    'local again = Workflow.from_file("{1}") print(again:execute({{ chairs = 4, day = "May" }}).output) '
    "print(JSON.stringify(again:to_table()) == JSON.stringify(w:to_table())) "
    "print(Workflow.create(w:to_table()):execute({{ chairs = 2, day = 1 }}).output)",
    "javascript": 'Agent.create({{ name: "writer", model: "echo" }}); const w = Workflow.fromFile("{0}"); '
    'say((await w.execute({{ chairs: 4, day: "May" }})).output); Workflow.save(w, "{1}"); '
    'const again = Workflow.fromFile("{1}"); say((await again.execute({{ chairs: 4, day: "May" }})).output); '
    "say(JSON.stringify(again.toTable()) === JSON.stringify(w.toTable())); "
    "say((await Workflow.create(w.toTable()).execute({{ chairs: 2, day: 1 }})).output);",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which scripts may read and write."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _text(language: Language, text: str) -> str:
    return text if language == "lua" else f"{SAY} {text}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("saved", ["out.yaml", "out.yml", "out.json", "out.toml"])
def test_from_a_file_into_a_file(language: Language, saved: str, folder: Path) -> None:
    (folder / "flow.yaml").write_text(GOOD)
    expect = "116 for gold, 5, May\n116 for gold, 5, May\ntrue\n58 for gold, 3, 1\n"
    check_out(language, _text(language, DO[language].format("flow.yaml", saved)), expect)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_the_same_again(language: Language, kind: str, folder: Path) -> None:
    (folder / "flow.yaml").write_text(f"type: {kind}\n{KINDS[kind]}")
    text = {
        "lua": 'local w = Workflow.from_file("flow.yaml") Workflow.save(w, "out.json") print(w.type) '
        'print(JSON.stringify(Workflow.from_file("out.json"):to_table()) == JSON.stringify(w:to_table()))',
        "javascript": 'const w = Workflow.fromFile("flow.yaml"); Workflow.save(w, "out.json"); say(w.type); '
        'say(JSON.stringify(Workflow.fromFile("out.json").toTable()) === JSON.stringify(w.toTable()));',
    }[language]
    check_out(language, _text(language, text), f"{kind}\ntrue\n")
    assert json.loads((folder / "out.json").read_text())["type"] == kind


WRONG = {
    "unknown keys and values, each with its line": (
        "a.yaml",
        "type: sequential\nsteps:\n  - name: sum\n    tol: calculator\n    timeout_ms: -5\n  - { name: b, tool: 5 }\n",
        "a.yaml:4: there is no 'steps[1].tol'; did you mean 'tool'?\n"
        "a.yaml:5: 'steps[1].timeout_ms' must be greater than 0, but -5 was given\n"
        "a.yaml:6: 'steps[2].tool' must be a string, but 5 was given",
    ),
    "the spelling of JavaScript": (
        "a.yaml",
        "type: sequential\nsteps:\n  - tool: calculator\n    timeoutMs: -5\n",
        "a.yaml:4: 'steps[0].timeoutMs' must be greater than 0, but -5 was given",
    ),
    "both spellings": (
        "a.yaml",
        "type: sequential\ntimeoutMs: 5\nsteps:\n  - tool: calculator\n    on_error: fial\n",
        "a.yaml:5: 'steps[1].on_error' must be \"fail\", \"continue\", \"compensate\" or a function,",
    ),
    "an unknown kind": ("a.yaml", "name: x\ntype: paralel\n", "a.yaml:2: there is no kind 'paralel'; did you mean 'parallel'?"),
    "a kind that is no text": ("a.yaml", "type: [1]\n", "a.yaml:1: there is no kind '[1]'; there is sequential, parallel,"),
    "an unknown tool, inside": (
        "a.yaml",
        "steps:\n  - name: in\n    workflow:\n      type: parallel\n      steps:\n        - name: x\n          tool: calc\n",
        "a.yaml:6: the step 'x': 'tool': there is no tool 'calc'",
    ),
    "an unknown key, inside": (
        "a.yaml",
        "steps:\n  - name: in\n    workflow:\n      type: parallel\n      steps:\n        - nam: x\n          tool: calculator\n",
        "a.yaml:6: there is no 'steps[1].nam'; did you mean 'name'?",
    ),
    "an unknown agent": ("a.toml", 'type = "pipeline"\n[[stages]]\ntool = "calculator"\n[[stages]]\nagent = "no"\n', "a.toml:4: the step 'stage_2': 'agent': there is no agent"),
    "a function": ("a.json", '{\n "type": "sequential",\n "steps": [\n  { "execute": "x" }\n ]\n}', "a.json:4: 'steps[1].execute' must be a function, but \"x\" was given"),
    "a condition": ("a.yaml", "steps:\n  - tool: calculator\n    condition: { type: step_failed }\n", "a.yaml:2: the step 'step_1': condition: 'step' is missing; a condition 'step_failed' needs it"),
    "a template": ("a.yaml", "steps:\n  - tool: calculator\n    input: '{{ x '\n", "a.yaml:2: the step 'step_1': input: the template cannot be read"),
    "no steps": ("a.yaml", "type: sequential\nsteps: []\n", "a.yaml:2: 'steps' must be at least 1 element long, but a list was given"),
    "nothing": ("a.yaml", "", "a.yaml:1: 'steps' is missing"),
    "a list": ("a.yaml", "- a\n", "a.yaml:1: a workflow is a table with its type and its steps, not a list"),
    "broken YAML": ("a.yaml", "steps: [\n", "a.yaml:2: expected the node content, but found '<stream end>'"),
    "broken JSON": ("a.json", '{\n"steps": }', "a.json:2: expecting value"),
    "broken TOML": ("a.toml", "a = 1\nb = \n", "a.toml:2: invalid value"),
    "a key twice": ("a.yaml", "type: loop\ntype: loop\n", "a.yaml:2: 'type' is there twice"),
    "aliases without end": ("a.yaml", "steps: &a\n  - *a\n", "a.yaml: has more than 100,000 parts where its aliases are written out"),
    "many aliases": (
        "a.yaml",
        "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(f"{one}: &{one} [{', '.join([f'*{before}'] * 10)}]\n" for before, one in zip("abcdefgh", "bcdefghi", strict=True)),
        "a.yaml: has more than 100,000 parts where its aliases are written out",
    ),
    "too deep": ("a.json", '{"steps": ' + "[" * 5000 + "]" * 5000 + "}", "a.json: is nested too deeply"),
    "another format": ("a.lua", "x", "a.lua: a workflow is kept in a file .toml, .yaml, .yml or .json"),
    "no text": ("a.yaml", "\udcff", "a.yaml: is not UTF-8 text (byte 0); save it as UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_told_with_its_line(language: Language, wrong: str, folder: Path) -> None:
    file, text, expect = WRONG[wrong]
    (folder / file).write_bytes(text.encode("utf-8", "surrogateescape"))
    name = {"lua": "from_file", "javascript": "fromFile"}[language]
    ran = run(Script(language, f'Workflow.{name}("{file}")'))
    assert ran.error is not None
    assert str(ran.error).startswith(expect)
    assert ran.error.kind == "WorkflowError"


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_anchors_and_dates(language: Language) -> None:
    text = "shared_data: &all { day: 2026-05-01 }\\ntype: sequential\\nsteps:\\n  - { name: a, tool: template-creator, input: { input: '{{ state.day }}', context: *all } }\\n"
    script = {
        "lua": f'local r = Workflow.from_yaml("{text}"):execute() print(r.outputs.a.text) print((select(2, pcall(Workflow.from_yaml, "a:\\n  - [1")).message:gsub("_yaml", "Yaml")))',
        "javascript": f'const r = await Workflow.fromYaml("{text}").execute(); say(r.outputs.a.text); try {{ Workflow.fromYaml("a:\\n  - [1") }} catch (e) {{ say(e.message) }}',
    }[language]
    check_out(
        language,
        _text(language, script),
        "2026-05-01\nWorkflow.fromYaml:2: expected ',' or ']', but got '<stream end>'\n",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_what_may_be_read_and_written(language: Language) -> None:
    script = {
        "lua": 'print(select(2, pcall(Workflow.from_file, "/etc/hosts.yaml")).kind) print(select(2, pcall(Workflow.save, Workflow.from_yaml("steps: [{ tool: calculator }]"), "/etc/x.yaml")).kind)',
        "javascript": 'try { Workflow.fromFile("/etc/hosts.yaml") } catch (e) { say(e.name) } try { Workflow.save(Workflow.fromYaml("steps: [{ tool: calculator }]"), "/etc/x.yaml") } catch (e) { say(e.name) }',
    }[language]
    check_out(language, _text(language, script), "SecurityError\nSecurityError\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_keep_functions_and_files_refuse_them(language: Language) -> None:
    script = {
        "lua": "local inner = Workflow.sequential({ name = 'inner', steps = { { tool = 'calculator', input = { input = '1 + 1' } } } }) "
        "local w = Workflow.pipeline({ name = 'w', stages = { inner, function(value) return value.text .. '!' end } }) "
        "print(Workflow.create(w:to_table()):execute(1).output) "
        "print(select(2, pcall(Workflow.save, w, 'w.yaml')).message) print(select(2, pcall(Workflow.save, 'none', 'w.yaml')).message) "
        "Workflow.save(Workflow.sequential({ name = 'o', steps = { { name = 's', workflow = inner } } }), 'o.json') print(Workflow.from_file('o.json'):execute().output.text)",
        "javascript": "const inner = Workflow.sequential({ name: 'inner', steps: [{ tool: 'calculator', input: { input: '1 + 1' } }] }); "
        "const w = Workflow.pipeline({ name: 'w', stages: [inner, (value) => value.text + '!'] }); "
        "say((await Workflow.create(w.toTable()).execute(1)).output); "
        "for (const one of [w, 'none']) try { Workflow.save(one, 'w.yaml') } catch (e) { say(e.message) } "
        "Workflow.save(Workflow.sequential({ name: 'o', steps: [{ name: 's', workflow: inner }] }), 'o.json'); say((await Workflow.fromFile('o.json').execute()).output.text)",
    }[language]
    check_out(
        language,
        _text(language, script),
        "2!\nWorkflow.save: 'stages[2]' is a function, which no file can have; name a tool or an agent\n"
        "there is no workflow 'none'; there is 'inner', 'w', 'w'\n2\n",
    )
