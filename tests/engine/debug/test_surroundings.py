"""What surrounds a debugged script as it does one that is run: its span, and its changing configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.collector import Collector
from support.debugging import launched, write

BOTH = pytest.mark.parametrize("language", ["lua", "javascript"])
ASKS = {
    "lua": 'Agent.create({ name = "a", model = "echo" }):execute("hi")',
    "javascript": 'await Agent.create({ name: "a", model: "echo" }).execute("hi")',
}
WAITS = {
    "lua": "print(Prompt.render('hi'))\n"
    "while Prompt.render('hi') == 'old' do Async.sleep(0.05) end\nprint(Prompt.render('hi'))\n",
    "javascript": "console.log(Prompt.render('hi'));\n"
    "while (Prompt.render('hi') === 'old') await Async.sleep(0.05);\nconsole.log(Prompt.render('hi'));\n",
}


@BOTH
async def test_a_debugged_script_has_a_span_of_its_own(language: str, tmp_path: Path) -> None:
    with Collector() as collector:
        settings = f'[log.otel]\nenabled = true\nendpoint = "{collector.address}"\n'
        (tmp_path / "llmspell.toml").write_text(settings)
        program = write(tmp_path, language, ASKS[language])
        async with launched(program) as session:
            await session.debuggee.start()
            await session.ends()
        spans = {span.name: span for span in collector.spans()}
    assert not spans[program.name].parent_span_id
    assert spans["invoke_agent a"].parent_span_id == spans[program.name].span_id
    assert {span.trace_id for span in spans.values()} == {spans[program.name].trace_id}


@BOTH
async def test_a_change_of_the_configuration_holds_while_a_script_is_debugged(
    language: str, tmp_path: Path
) -> None:
    config, new = tmp_path / "llmspell.toml", tmp_path / "new"
    config.write_text('[log]\nlevel = "info"\n[prompts]\nhi = "old"\n')
    new.write_text('[log]\nlevel = "info"\n[prompts]\nhi = "new"\n')
    async with launched(write(tmp_path, language, WAITS[language])) as session:
        await session.break_at(1)
        await session.debuggee.start()
        await session.stop()
        await session.go("next")
        await session.stop()
        assert session.output == "old\n"
        new.replace(config)
        await session.go()
        await session.ends()
    assert session.output == "old\nnew\n"
    assert 'llmspell.config: taken over keys=["prompts.hi.text"]' in session.transcript


ENDS = {
    "lua": "Hook.register('SystemShutdown', function(c) print(c.data.reason, c.data.code) end)\nos.exit(3)\n",
    "javascript": "Hook.register('SystemShutdown', (c) => console.log(c.data.reason, c.data.code));\n"
    "process.exit(3);\n",
}


@BOTH
async def test_a_debugged_script_has_its_last_words(language: str, tmp_path: Path) -> None:
    async with launched(write(tmp_path, language, ENDS[language])) as session:
        await session.debuggee.start()
        await session.ends(3)
    assert session.output.split() == ["exit", "3"]
