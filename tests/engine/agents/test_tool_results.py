"""What a model reads of a tool's result: the same in each run, so that recordings replay."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.agents.tools import as_read
from llmspell_engine.api.output import OutputMetadata
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.providers import standard_providers
from llmspell_engine.providers.cassette import CassetteProviders, Mode, open_cassette
from llmspell_engine.tools import base
from support.globals import Pair, check_pair

ANSWERS = """
sums:
  - tool_calls: [{ name: calculator, arguments: { input: 6 * 7 } }, { name: again, arguments: {} }]
  - text: It is 42.
"""
PAIR = Pair(
    "tools of the engine, and a function that hands on what one gave",
    "local function again() return Tool.execute('calculator', { input = '1 + 1' }) end "
    "print(Agent.create({ model = 'scripted/sums', allowed_tools = { 'calculator' }, tools = { { name = 'again', handler = again } } }):execute('x').text)",
    "const again = () => Tool.execute('calculator', { input: '1 + 1' }); "
    "say((await Agent.create({ model: 'scripted/sums', allowedTools: ['calculator'], tools: [{ name: 'again', handler: again }] }).execute('x')).text)",
    "It is 42.\n",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_recording_replays_however_long_tools_take(
    language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, tape = tmp_path / "answers.yaml", tmp_path / "calls.jsonl"
    answers.write_text(ANSWERS)
    modes: tuple[tuple[Mode, int], ...] = (("record", 7), ("replay", 7000))
    for mode, milliseconds in modes:
        slow = OutputMetadata(execution_time_ms=milliseconds, operation="evaluate")
        monkeypatch.setattr(base, "_elapsed", lambda operation, begin, slow=slow: slow)
        cassette = open_cassette(tape, mode)
        services = Services(providers=CassetteProviders(standard_providers(answers), cassette))
        check_pair(PAIR, language, services=services)
        answers.write_text("{}")
    assert "execution_time_ms" not in tape.read_text()


MEASURED = {
    "success": True,
    "operation": "get",
    "result": {"elapsed_ms": 3, "status": 200},
    "metadata": {"execution_time_ms": 9, "operation": "get"},
}
READ = '{"metadata": {"operation": "get"}, "operation": "get", "result": {"status": 200}, "success": true}'


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(MEASURED, READ, id="what a tool measured"),
        pytest.param({"steps": [MEASURED]}, f'{{"steps": [{READ}]}}', id="within the results of others"),
        pytest.param({"execution_time_ms": 9}, '{"execution_time_ms": 9}', id="data of a function"),
        pytest.param(
            {"success": True, "operation": "parse", "result": {"output": {"elapsed_ms": 3}}},
            '{"operation": "parse", "result": {"output": {"elapsed_ms": 3}}, "success": true}',
            id="data that a tool found",
        ),
        pytest.param("took 9 ms", "took 9 ms", id="text"),
    ],
)
def test_a_model_reads_no_time_that_a_tool_took(given: object, expected: str) -> None:
    assert as_read(given) == expected
