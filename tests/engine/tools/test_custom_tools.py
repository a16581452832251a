"""Tools that scripts make: of functions, of other tools, for themselves, their agents and other scripts."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.providers import standard_providers
from support.globals import Pair, check_pair, check_refused
from support.runtime import Ran, Script, run

ADD = (
    "local add = Tool.register({ name = 'add', description = 'Adds.', parameters = { properties = { a = { type = 'integer' }, b = { type = 'integer', default = 2 }, xs = { type = 'array' } }, required = { 'a' }, additionalProperties = false }, handler = function(g) return g.a + g.b end }) ",
    "const add = Tool.register({ name: 'add', description: 'Adds.', parameters: { properties: { a: { type: 'integer' }, b: { type: 'integer', default: 2 }, xs: { type: 'array' } }, required: ['a'], additionalProperties: false }, handler: (g) => g.a + g.b }); ",
)
WORKS = [
    Pair(
        "a tool is found by its name, with defaults put in",
        ADD[0] + "print(add.name, add.category, add.version, add:execute({ a = 1 }).result, Tool.execute('add', { a = 8 / 2, b = 3, xs = {} }).text, Tool.add == add, Tool.get('add') == add)",
        ADD[1] + "say(add.name, add.category, add.version, (await add.execute({ a: 1 })).result, (await Tool.execute('add', { a: 4, b: 3, xs: [] })).text, Tool.add === add, Tool.get('add') === add)",
        "add\tcustom\t1.0.0\t3\t7\ttrue\ttrue\n",
    ),
    Pair(
        "lists and schemas tell of it",
        ADD[0] + "print(Tool.exists('add'), #Tool.discover({ category = 'custom' }), Tool.get_info('add').description, Tools.describe('add').parameters[1].name, Tools.search('adds')[1].name, Tools.get_by_category('custom')[1].name)",
        ADD[1] + "say(Tool.exists('add'), Tool.discover({ category: 'custom' }).length, Tool.getInfo('add').description, Tools.describe('add').parameters[0].name, Tools.search('adds')[0].name, Tools.getByCategory('custom')[0].name)",
        "true\t1\tAdds.\ta\tadd\tadd\n",
    ),
    Pair(
        "unregistered and registered again",
        ADD[0] + "print(Tool.unregister('add'), Tool.exists('add'), Tool.unregister('add')) Tool.register(add) print(Tool.exists('add'), Tool.execute('add', { a = 1 }).result)",
        ADD[1] + "say(Tool.unregister('add'), Tool.exists('add'), Tool.unregister('add')); Tool.register(add); say(Tool.exists('add'), (await Tool.execute('add', { a: 1 })).result)",
        "true\tfalse\tfalse\ntrue\t3\n",
    ),
    Pair(
        "a table with 'success' is taken by its word, as older scripts write it",
        "local t = Tools.create('soft', { input_schema = {}, execute = function(g) return { success = g.ok, result = { n = 1 }, error = 'no luck' } end }) "
        "local good, bad = t:execute({ ok = true }), t.execute({ ok = false }) print(good.success, good.result.n, good.text, bad.success, bad.error.message, bad.error.code, bad.text)",
        "const t = Tools.create('soft', { inputSchema: {}, execute: (g) => ({ success: g.ok, result: { n: 1 }, error: 'no luck' }) }); "
        "const good = await t.execute({ ok: true }), bad = await t.execute({ ok: false }); say(good.success, good.result.n, good.text, bad.success, bad.error.message, bad.error.code, bad.text)",
        'true\t1\t{"n": 1}\tfalse\tno luck\tfailed\t\n',
    ),
    Pair(
        "a chain feeds each tool with the text of the one before",
        "local c = Tool.chain({ { tool = 'text-manipulator', parameters = { operation = 'uppercase' } }, { tool = 'base64-encoder', parameters = { operation = 'encode' } } }) "
        "local r = c:execute({ input = 'hi' }) print(r.text, r.message, r.result.output, c.name, Tool.exists('chain'))",
        "const c = Tool.chain([{ tool: 'text-manipulator', parameters: { operation: 'uppercase' } }, { tool: 'base64-encoder', parameters: { operation: 'encode' } }]); "
        "const r = await c.execute({ input: 'hi' }); say(r.text, r.message, r.result.output, c.name, Tool.exists('chain'))",
        "SEk=\ttext-manipulator → base64-encoder has run\tSEk=\tchain\tfalse\n",
    ),
    Pair(
        "a function prepares what a step is given",
        ADD[0] + "local c = Tools.create_pipeline({ add, { tool = 'add', prepare = function(before, given) return { a = before.result * 10, b = given.a } end } }, { name = 'sums' }) print(Tool.execute('sums', { a = 1 }).result, c.description)",
        ADD[1] + "const c = Tools.createPipeline([add, { tool: 'add', prepare: (before, given) => ({ a: before.result * 10, b: given.a }) }], { name: 'sums' }); say((await Tool.execute('sums', { a: 1 })).result, c.description)",
        "31\tRuns add then add.\n",
    ),
    Pair(
        "a payload feeds a parameter that takes no text",
        ADD[0] + "local c = Tool.chain({ add, { tool = add, takes = 'a', parameters = { b = 100 } } }) print(c:execute({ a = 1 }).result)",
        ADD[1] + "const c = Tool.chain([add, { tool: add, takes: 'a', parameters: { b: 100 } }]); say((await c.execute({ a: 1 })).result)",
        "103\n",
    ),
    Pair(
        "side by side",
        "local both = Tool.compose({ name = 'both', mode = 'parallel', steps = { { tool = 'hash-calculator', name = 'sha', parameters = { operation = 'hash' } }, { tool = 'base64-encoder', name = 'b', parameters = { operation = 'encode' } } } }) "
        "local r = Tool.execute('both', { input = 'hi' }) print(r.result.b.output, r.result.sha.algorithm, r.message)",
        "const both = Tool.compose({ name: 'both', mode: 'parallel', steps: [{ tool: 'hash-calculator', name: 'sha', parameters: { operation: 'hash' } }, { tool: 'base64-encoder', name: 'b', parameters: { operation: 'encode' } }] }); "
        "const r = await Tool.execute('both', { input: 'hi' }); say(r.result.b.output, r.result.sha.algorithm, r.message)",
        "aGk=\tsha256\t2 tools have run\n",
    ),
    Pair(
        "the first that succeeds",
        ADD[0] + "local f = Tool.compose({ mode = 'fallback', steps = { 'base64-encoder', add } }) local r = f:execute({ a = 5 }) print(r.result, r.message)",
        ADD[1] + "const f = Tool.compose({ mode: 'fallback', steps: ['base64-encoder', add] }); const r = await f.execute({ a: 5 }); say(r.result, r.message)",
        "7\tadd has answered\n",
    ),
    Pair(
        "a batch gives results in order, failures among them",
        ADD[0] + "local b = Tool.batch({ { tool = 'calculator', parameters = { input = '1 + 1' } }, { tool = 'nope' }, { tool = add, parameters = { a = 'x' } } }) print(b[1].text, b[2].success, b[2].error.code, b[3].error.message)",
        ADD[1] + "const b = await Tool.batch([{ tool: 'calculator', parameters: { input: '1 + 1' } }, { tool: 'nope' }, { tool: add, parameters: { a: 'x' } }]); say(b[0].text, b[1].success, b[1].error.code, b[2].error.message)",
        "2\tfalse\tnot_found\tadd: 'a' must be an integer, but \"x\" was given\n",
    ),
    Pair(
        "handlers may wait",
        "Tool.register({ name = 'later', handler = function(g) Async.sleep(0.001) return Tool.execute('calculator', { input = g.sum }).text end }) print(Tool.execute('later', { sum = '2 * 3' }).result)",
        "Tool.register({ name: 'later', handler: async (g) => { await Async.sleep(0.001); return (await Tool.execute('calculator', { input: g.sum })).text; } }); say((await Tool.execute('later', { sum: '2 * 3' })).result)",
        "6\n",
    ),
    Pair(
        "hooks step in around it, and get plain data",
        ADD[0] + "Hook.register('post_tool', function(c) print(c.data.tool, c.data.result.text) end) Hook.register('pre_tool', function(c) return { type = 'modified', data = { parameters = { a = 40 } } } end) print(add:execute({ a = 1 }).result)",
        ADD[1] + "Hook.register('post_tool', (c) => say(c.data.tool, c.data.result.text)); Hook.register('pre_tool', (c) => ({ type: 'modified', data: { parameters: { a: 40 } } })); say((await add.execute({ a: 1 })).result)",
        "add\t42\n42\n",
    ),
    Pair(
        "hooks redirect to it, and from it",
        ADD[0]
        + "Hook.register('pre_tool', function(c) local to = ({ calculator = 'add', add = 'uuid-generator' })[c.data.tool] return { type = 'redirect', target = to } end) "
        "print(Tool.execute('calculator', { a = 40 }).result, add:execute({ operation = 'validate', uuid = 'x' }).text)",
        ADD[1]
        + "Hook.register('pre_tool', (c) => ({ type: 'redirect', target: { calculator: 'add', add: 'uuid-generator' }[c.data.tool] })); "
        "say((await Tool.execute('calculator', { a: 40 })).result, (await add.execute({ operation: 'validate', uuid: 'x' })).text)",
        "42\tinvalid\n",
    ),
    Pair(
        "agents take it by its name and by its handle",
        ADD[0] + "local c = Tool.chain({ add }) local a = Agent.create({ model = 'echo', allowed_tools = { 'add' }, tools = { c, Tool.get('calculator') } }) print(a:has_tool('add'), a:has_tool('chain'), a:has_tool('calculator'), a:invoke_tool('add', { a = 20 }).result)",
        ADD[1] + "const c = Tool.chain([add]); const a = Agent.create({ model: 'echo', allowedTools: ['add'], tools: [c, Tool.get('calculator')] }); say(a.hasTool('add'), a.hasTool('chain'), a.hasTool('calculator'), (await a.invokeTool('add', { a: 20 })).result)",
        "true\ttrue\ttrue\t22\n",
    ),
]  # fmt: skip
LONG = "it took longer than 0.02 s and was stopped; allow more with 'timeout_ms'"
REFUSED = [
    Pair(
        "a parameter of the wrong type, and one that is missing",
        ADD[0] + "add:execute({ b = 'x', c = 3 })",
        ADD[1] + "await add.execute({ b: 'x', c: 3 })",
        "add: there is no 'c'; there is a, b, xs; 'a' is missing; 'b' must be an integer, but \"x\" was given",
    ),
    Pair(
        "a parameter that is spelled wrongly",
        ADD[0] + "add:execute({ a = 1, bb = 1 })",
        ADD[1] + "await add.execute({ a: 1, bb: 1 })",
        "add: there is no 'bb'; did you mean 'b'?",
    ),
    Pair(
        "a name that is taken by the engine",
        "Tool.create({ name = 'calculator', handler = print })",
        "Tool.create({ name: 'calculator', handler: say })",
        "there is a tool 'calculator' already; choose another name",
    ),
    Pair(
        "a name that is taken by the script",
        ADD[0] + "Tool.create({ name = 'add', handler = print })",
        ADD[1] + "Tool.create({ name: 'add', handler: say })",
        "there is a tool 'add' already; choose another name; Tool.unregister forgets it",
    ),
    Pair(
        "a name that no model takes",
        "Tool.create({ name = 'x y', handler = print })",
        "Tool.create({ name: 'x y', handler: say })",
        "Tool.create: 'options.name' must be what it is called: letters, digits, `_` and `-`, but \"x y\" was given",
    ),
    Pair(
        "no handler",
        "Tools.create('lazy', { description = 'x' })",
        "Tools.create('lazy', { description: 'x' })",
        "the tool 'lazy' has no handler: give the function that does its work as 'handler'",
    ),
    Pair(
        "no table after a name",
        "Tools.create('lazy')",
        "Tools.create('lazy')",
        "the tool 'lazy' has no handler: give a table with it after the name",
    ),
    Pair(
        "parameters that are no table",
        "Tool.create({ name = 'xy', handler = print, parameters = { type = 'string' } })",
        "Tool.create({ name: 'xy', handler: say, parameters: { type: 'string' } })",
        "the parameters of the tool 'xy' are a table: the 'type' of their JSON Schema is 'object'",
    ),
    Pair(
        "parameters that are no schema",
        "Tool.create({ name = 'xy', handler = print, parameters = { properties = { a = { type = 'nonsense' } } } })",
        "Tool.create({ name: 'xy', handler: say, parameters: { properties: { a: { type: 'nonsense' } } } })",
        "the parameters of the tool 'xy' are no JSON Schema at 'properties.a.type': 'nonsense' is not valid under any of the given schemas",
    ),
    Pair(
        "a handler that takes too long",
        "local t = Tool.create({ name = 'slow', timeout_ms = 20, handler = function() Async.sleep(60) end }) t:execute({})",
        "const t = Tool.create({ name: 'slow', timeoutMs: 20, handler: () => Async.sleep(60) }); await t.execute({})",
        f"slow: {LONG}",
    ),
    Pair(
        "a call that may take a certain time",
        "Tool.create({ name = 'slow', handler = function() Async.sleep(60) end }) Tool.execute('slow', {}, { timeout_ms = 20 })",
        "Tool.create({ name: 'slow', handler: () => Async.sleep(60) }); await Tool.execute('slow', {}, { timeoutMs: 20 })",
        f"slow: {LONG}",
    ),
    Pair(
        "a step that fails, half-way",
        "Tool.chain({ { tool = 'text-manipulator', parameters = { operation = 'uppercase' } }, { tool = 'base64-encoder', parameters = { operation = 'decode' } } }):execute({ input = '*' })",
        "await Tool.chain([{ tool: 'text-manipulator', parameters: { operation: 'uppercase' } }, { tool: 'base64-encoder', parameters: { operation: 'decode' } }]).execute({ input: '*' })",
        "step 2 of 'chain', 'base64-encoder': base64-encoder: 'input' is not Base64",
    ),
    Pair(
        "a step that nothing can be fed to",
        "Tool.chain({ 'calculator', { tool = 'system-monitor' } }):execute({ input = '1' })",
        "await Tool.chain(['calculator', { tool: 'system-monitor' }]).execute({ input: '1' })",
        "step 2 of 'chain', 'system-monitor': nothing of it takes what the step before gave; name a parameter with 'takes'",
    ),
    Pair(
        "a step of an unknown tool",
        "Tool.chain({ 'calculater' })",
        "Tool.chain(['calculater'])",
        "there is no tool 'calculater'; did you mean 'calculator'?",
    ),
    Pair(
        "a parameter that the step has not",
        "Tool.chain({ { tool = 'calculator', takes = 'text' } })",
        "Tool.chain([{ tool: 'calculator', takes: 'text' }])",
        "the tool 'calculator' has no parameter 'text'; there is operation, input, variables",
    ),
    Pair(
        "two steps of one name",
        "Tool.compose({ mode = 'parallel', steps = { 'calculator', 'calculator' } })",
        "Tool.compose({ mode: 'parallel', steps: ['calculator', 'calculator'] })",
        "two steps are called 'calculator'; results are told apart by 'name', so give one to each",
    ),
    Pair(
        "nobody succeeds",
        "Tool.compose({ mode = 'fallback', steps = { 'uuid-generator' } }):execute({ version = 'v5' })",
        "await Tool.compose({ mode: 'fallback', steps: ['uuid-generator'] }).execute({ version: 'v5' })",
        "no tool of 'fallback' has succeeded: 'uuid-generator': uuid-generator: a UUID of version v5 needs a 'name'",
    ),
    Pair(
        "tools that call each other in a circle",
        "local t t = Tool.create({ name = 'round', handler = function() return t:execute({}).text end }) t:execute({})",
        "const t = Tool.create({ name: 'round', handler: async () => (await t.execute({})).text }); await t.execute({})",
        "more than 32 tools call each other: … round -> round -> round -> round -> round; do they call in a circle?",
    ),
    Pair(
        "a batch that stops",
        "Tool.batch({ { tool = 'nope' } }, { stop_on_error = true })",
        "await Tool.batch([{ tool: 'nope' }], { stopOnError: true })",
        "there is no tool 'nope'; Tool.list() tells what there is",
    ),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", WORKS, ids=lambda pair: pair.name)
def test_made_tools(pair: Pair, language: Language) -> None:
    check_pair(pair, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", REFUSED, ids=lambda pair: pair.name)
def test_refused(pair: Pair, language: Language) -> None:
    check_refused(pair, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_of_a_handler_is_its_own(language: Language) -> None:
    pair = Pair(
        "broken",
        "local t = Tool.create({ name = 't', handler = function() error('broken') end }) t:execute({})",
        "const t = Tool.create({ name: 't', handler: () => { throw new Error('broken'); } }); await t.execute({})",
        "broken",
    )
    ran = check_refused(pair, language)
    assert ran.error is not None


ASKS = """
asks:
  - tool_calls: [{ name: add, arguments: { a: 1 } }]
  - when: '"result": 3'
    text: It is 3.
"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_calls_it(language: Language, tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text(ASKS)
    services = Services(providers=standard_providers(tmp_path / "answers.yaml"))
    pair = Pair(
        "asks",
        ADD[0]
        + "print(Agent.create({ model = 'scripted/asks', allowed_tools = { 'add' } }):execute('x').text)",
        ADD[1]
        + "say((await Agent.create({ model: 'scripted/asks', allowedTools: ['add'] }).execute('x')).text)",
        "It is 3.\n",
    )
    check_pair(pair, language, services=services)


SHARES = {
    "lua": "Tool.register({ name = 'shared-add', shared = true, handler = function(g) return g.a + 1 end }) local s = Event.subscribe('done') Event.publish('ready', 1) Event.receive(s, 20000)",
    "javascript": "Tool.register({ name: 'shared-add', shared: true, handler: (g) => g.a + 1 }); const s = Event.subscribe('done'); Event.publish('ready', 1); await Event.receive(s, 20000);",
}
USES = {
    "lua": "print(Tool.execute('shared-add', { a = 41 }).result, Tool.get_info('shared-add').category) Event.publish('done', 1)",
    "javascript": "console.log((await Tool.execute('shared-add', { a: 41 })).result + '\\t' + Tool.getInfo('shared-add').category); Event.publish('done', 1);",
}


@pytest.mark.parametrize("maker", LANGUAGES)
@pytest.mark.parametrize("user", LANGUAGES)
def test_a_shared_tool_is_found_by_other_scripts_while_its_script_runs(
    maker: Language, user: Language
) -> None:
    services = Services()
    ready = threading.Event()
    ran: list[Ran] = []
    services.events.subscribe("ready", arrived=ready.set)
    thread = threading.Thread(target=lambda: ran.append(run(Script(maker, SHARES[maker], services=services))))
    thread.start()
    try:
        assert ready.wait(20)
        used = run(Script(user, USES[user], services=services))
    finally:
        thread.join(30)
    assert (used.out, used.error) == ("42\tcustom\n", None)
    assert ran[0].error is None
    assert services.shared_tools.all == ()
    services.close()
