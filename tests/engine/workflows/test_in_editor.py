"""What editor and linter know of workflows, from the shipped catalog."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import pytest
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.catalog.loader import load
from llmspell_engine.language import Language
from llmspell_engine.lint.check import check

SUFFIX: dict[Language, str] = {"lua": "lua", "javascript": "js"}
CHAIN = "Workflow.builder():name('w'):sequential():add_step({ name = 'a', tool = 'calculator' })"
RUN = (
    "local w = Workflow.sequential({ steps = { { name = 's', execute = function(given, run) run.$0 end } } })"
)


@pytest.mark.parametrize(
    ("language", "text", "includes"),
    [
        ("lua", "Workflow.$0", ["sequential", "parallel", "map_reduce", "builder"]),
        ("lua", f"{CHAIN}:$0", ["add_step", "with_collection", "build"]),
        ("lua", f"{CHAIN}:build():$0", ["execute", "get_last_result", "set_shared_data"]),
        ("lua", f"local r = {CHAIN}:build():execute()\nr.$0", ["output", "step_results", "branch_taken"]),
        ("lua", "Workflow.sequential({ steps = { { $0 } } })", ["name", "tool", "on_error", "compensate"]),
        ("lua", "Workflow.sequential({ error_strategy = '$0' })", ["fail_fast", "compensate"]),
        ("lua", "Workflow.sequential({ steps = { { tool = '$0' } } })", ["calculator"]),
        ("lua", "Workflow.conditional({ branches = { { condition = { type = '$0' } } } })", ["step_failed"]),
        ("javascript", "Workflow.builder().mapReduce().$0", ["withCollection", "map", "reduce"]),
        ("javascript", "const r = await Workflow.loop({}).execute();\nr.$0", ["iterationOutputs", "outputs"]),
        ("lua", RUN, ["steps", "previous", "attempt"]),
    ],
)
def test_completion(language: Language, text: str, includes: list[str]) -> None:
    path = f"/scripts/main.{SUFFIX[language]}"
    workspace = Workspace(load())
    workspace.open(path, text.replace("$0", "", 1), language)
    found = [one.label for one in workspace.snapshot().completions_at(path, text.index("$0")).items]
    assert not set(includes) - set(found), found


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Workflow.sequential({})", ["missing-option"]),
        ("Workflow.sequential({ steps = { { tol = 'calculator' } } })", ["unknown-option"]),
        ("Workflow.sequential({ steps = { { tool = 'calculater' } } })", ["unknown-tool"]),
        ("Workflow.sequential({ steps = {}, error_strategy = 'panic' })", ["invalid-option-value"]),
        ("Workflow.builder():sequental()", ["unknown-member"]),
        ("Workflow.discover_types()", ["deprecated"]),
        (
            "Workflow.sequential({ steps = { { tool = 'calculator', parameters = { input = '1' }, setup = print } } })",
            ["deprecated"] * 2,
        ),
        (
            "Workflow.sequential({ steps = { { tool = 'calculator', retry = { max_attempts = 2 } } } })",
            ["deprecated"],
        ),
        (
            "Workflow.parallel({ steps = { { tool = 'calculator' } }, merge_strategy = 'combine' })",
            ["deprecated"],
        ),
        ("Workflow.sequential({ steps = { { tool = 'calculator', on_error = function() end } } })", []),
        (
            "Workflow.sequential({ steps = { { tool = 'calculator', on_error = 'panic' } } })",
            ["invalid-option-value"],
        ),
        (
            "Workflow.loop({ iterator = { collection = {} }, body = { { tool = 'calculator' } }, batch_size = 2 })",
            [],
        ),
        (f"{CHAIN}:build():execute({{ a = 1 }}, {{ run_id = 'r' }})", []),
    ],
)
def test_lint(text: str, codes: list[str]) -> None:
    workspace = Workspace(load())
    workspace.open("/scripts/main.lua", text, "lua")
    snapshot = workspace.snapshot()
    found = check(snapshot, "/scripts/main.lua")
    assert [one.name for one in found] == codes
