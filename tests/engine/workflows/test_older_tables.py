"""Tables of workflows as older scripts write them."""

from __future__ import annotations

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.runtime import Script, run

ROWS: dict[str, tuple[str, str, str]] = {
    "outputs in older templates": (
        'local w = Workflow.sequential({ name = "w", steps = {\n'
        '  { name = "sum", type = "tool", tool = "calculator", input = { input = "6 * 7" } },\n'
        '  { name = "say", type = "tool", tool = "text-manipulator", input = { operation = "uppercase",\n'
        '    input = "step.a.result {{step:sum:output}} {{step.sum.result}} {{step:sum:output.result}}"\n'
        "  } },\n"
        "} })\nprint(w:execute().output.text)",
        'const w = Workflow.sequential({ name: "w", steps: [\n'
        '  { name: "sum", type: "tool", tool: "calculator", input: { input: "6 * 7" } },\n'
        '  { name: "say", type: "tool", tool: "text-manipulator", input: { operation: "uppercase",\n'
        '    input: "step.a.result {{step:sum:output}} {{step.sum.result}} {{step:sum:output.result}}" } },\n'
        "] });\nconsole.log((await w.execute()).output.text);",
        "STEP.A.RESULT 42 42 42\n",
    ),
    "items in older templates": (
        'local w = Workflow.loop({ name = "w", iterator = { collection = { { n = 2 }, { n = 3 } } },\n'
        "  body = {\n"
        '  { name = "square", tool = "calculator", input = { input =\n'
        '    "{{loop:current_item.n}} * {{loop:current_value.n}} + {{loop:current_index}}" } },\n'
        '  { name = "tell", type = "custom", execute = function(context)\n'
        '    local output = context.steps.square.output .. "/" .. context.current_item.n\n'
        "    return { success = true, output = output }\n"
        "  end },\n"
        '} })\nprint(table.concat(w:execute().output, " "))',
        'const w = Workflow.loop({ name: "w", iterator: { collection: [{ n: 2 }, { n: 3 }] }, body: [\n'
        '  { name: "square", tool: "calculator", input: { input:\n'
        '    "{{loop:current_item.n}} * {{loop:current_value.n}} + {{loop:current_index}}" } },\n'
        '  { name: "tell", type: "custom", execute: (context) =>\n'
        "    ({ success: true, output: `${context.steps.square.output}/${context.currentItem.n}` }) },\n"
        '] });\nconsole.log((await w.execute()).output.join(" "));',
        "5/2 11/3\n",
    ),
    "a template of the tool is left to the tool": (
        'local w = Workflow.sequential({ name = "w", steps = {\n'
        '  { name = "t", tool = "template_engine", input = {\n'
        '  template = "Dear {{ name }}", variables = { name = "{{ input.who }}" } } } } })\n'
        'print(w:execute({ who = "Ann" }).output.text)',
        'const w = Workflow.sequential({ name: "w", steps: [{ name: "t", tool: "template_engine", input: {\n'
        '  template: "Dear {{ name }}", variables: { name: "{{ input.who }}" } } }] });\n'
        'console.log((await w.execute({ who: "Ann" })).output.text);',
        "Dear Ann\n",
    ),
    "a template that asks for none of its own values has those of the workflow": (
        'local w = Workflow.sequential({ name = "w", steps = { { name = "t", tool = "template-creator",\n'
        '  input = { input = "Dear {{ input.who }}", context = { day = 1 } } } } })\n'
        'print(w:execute({ who = "Ann" }).output.text)',
        'const w = Workflow.sequential({ name: "w", steps: [{ name: "t", tool: "template-creator",\n'
        '  input: { input: "Dear {{ input.who }}", context: { day: 1 } } }] });\n'
        'console.log((await w.execute({ who: "Ann" })).output.text);',
        "Dear Ann\n",
    ),
    "a template without values of its own has those of the workflow": (
        'local w = Workflow.sequential({ name = "w", steps = { { name = "t", tool = "template-creator",\n'
        '  input = { input = "Dear {{ input.who }}" } } } })\nprint(w:execute({ who = "Ann" }).output.text)',
        'const w = Workflow.sequential({ name: "w", steps: [{ name: "t", tool: "template-creator",\n'
        '  input: { input: "Dear {{ input.who }}" } }] });\n'
        'console.log((await w.execute({ who: "Ann" })).output.text);',
        "Dear Ann\n",
    ),
    "steps before a choice, and a kind as the type of a step": (
        'local inner = Workflow.sequential({ name = "i", steps = { { name = "x", execute = function()\n'
        '  return "in" end } } })\n'
        'local w = Workflow.builder():name("w"):conditional()\n'
        '  :add_step({ name = "look", execute = function() return "big" end })\n'
        "  :condition(\"{{ look.output == 'big' }}\")\n"
        '  :add_then_step({ name = "run", type = "sequential", workflow = inner })\n'
        '  :add_else_step({ name = "no", execute = function() return "out" end }):build()\n'
        "print(w:execute().output)",
        'const inner = Workflow.sequential({ name: "i", steps: [{ name: "x", execute: () => "in" }] });\n'
        'const w = Workflow.builder().name("w").conditional()\n'
        '  .addStep({ name: "look", execute: () => "big" })\n'
        "  .condition(\"{{ look.output == 'big' }}\")\n"
        '  .addThenStep({ name: "run", type: "sequential", workflow: inner })\n'
        '  .addElseStep({ name: "no", execute: () => "out" }).build();\n'
        "console.log((await w.execute()).output);",
        "in\n",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ROWS)
def test_an_older_table_runs(name: str, language: Language) -> None:
    lua, javascript, expected = ROWS[name]
    ran = run(Script(language, lua if language == "lua" else javascript))
    assert (ran.error, ran.out) == (None, expected)
