"""``Hook`` and ``Hooks`` in scripts: what handlers see and do at every kind of work, in both languages."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import json
from pathlib import Path

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.hooks import HOOK_POINTS
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.providers.metering import Budget
from support.globals import Pair, check_pair, check_refused
from support.runtime import Script, both, run

SUM = 'Tool.execute("calculator", { operation = "evaluate", input = "1 + 1" })'
SUM_JS = 'await Tool.execute("calculator", { operation: "evaluate", input: "1 + 1" })'
PAIRS = [
    Pair(
        "what a handler sees",
        "Hook.register('pre_tool', function(c) print(c.point, c.component_id.type, c.component_id.name,"
        " c.language, c.data.parameters.input, c.metadata.attempt, #c.correlation_id) end) " + SUM,
        "Hook.register('pre_tool', (c) => say(c.point, c.componentId.type, c.componentId.name,"
        " c.language === 'javascript' ? 'lua' : '?', c.data.parameters.input, c.metadata.attempt,"
        " c.correlationId.length)); " + SUM_JS,
        "BeforeToolExecution\ttool\tcalculator\tlua\t1 + 1\t1\t36\n",
    ),
    Pair(
        "parameters are changed and the result is seen",
        "Hook.register('pre-tool', function(c) return { type = 'modified', data = { parameters ="
        " { operation = 'evaluate', input = '20 + 1' } } } end)"
        " Hook.register('post_tool', function(c) print(c.metadata.input.parameters.input,"
        " c.data.result.text) end)"
        f" print({SUM}.text)",
        "Hook.register('pre-tool', (c) => ({ type: 'modified', data: { parameters:"
        " { operation: 'evaluate', input: '20 + 1' } } }));"
        " Hook.register('post_tool', (c) => say(c.metadata.input.parameters.input, c.data.result.text));"
        f" say(({SUM_JS}).text)",
        "20 + 1\t21\n21\n",
    ),
    Pair(
        "a result is taken in the place of the tool's",
        "Hook.register('pre_tool', function(c) return { type = 'replace', data = { result = 'none' } } end)"
        f" print({SUM}.text)",
        "Hook.register('pre_tool', () => ({ type: 'replace', data: { result: 'none' } }));"
        f" say(({SUM_JS}).text)",
        "none\n",
    ),
    Pair(
        "a table that says whether it went well is a result by its word",
        "local said = { { success = true, text = 'R' }, { success = false, error = 'sold out' },"
        " { result = { success = false, error = 'no' } }, { result = { total = 3 } } }"
        " for _, data in ipairs(said) do local h = Hook.register('pre_tool', function() return { type ="
        f" 'replace', data = data }} end) local r = {SUM} h:unregister()"
        " print(r.success, r.text, r.error and r.error.message) end",
        "const said = [{ success: true, text: 'R' }, { success: false, error: 'sold out' },"
        " { result: { success: false, error: 'no' } }, { result: { total: 3 } }];"
        " for (const data of said) { const h = Hook.register('pre_tool', () => ({ type: 'replace', data }));"
        f" const r = {SUM_JS}; h.unregister();"
        " say(r.success, r.text, r.error?.message ?? null) }",
        'true\tR\tnil\nfalse\t\tsold out\nfalse\t\tno\ntrue\t{"total": 3}\tnil\n',
    ),
    Pair(
        "an event gets another name, however it is published",
        "Hook.register('before_event_emit', function(c) return { type = 'redirect', target = 'other.' .. c.data.data } end)"
        " local s = Event.subscribe('**') Event.publish('a', 'x') Event.publish_and_wait('a', 'y')"
        " print(Event.receive(s, 1000).event_type, Event.receive(s, 1000).event_type)",
        "Hook.register('before_event_emit', (c) => ({ type: 'redirect', target: 'other.' + c.data.data }));"
        " const s = Event.subscribe('**'); Event.publish('a', 'x'); await Event.publishAndWait('a', 'y');"
        " say((await Event.receive(s, 1000)).eventType, (await Event.receive(s, 1000)).eventType)",
        "other.x\tother.y\n",
    ),
    Pair(
        "another tool does it",
        "Hook.register('pre_tool', function(c) return { type = 'redirect', target = 'text-manipulator',"
        " data = {} } end, { filter = 'calc*' })"
        " Hook.register('tool_validation', function(c) return { type = 'modified', data = { parameters ="
        " { operation = 'uppercase', input = 'abc' } } } end)"
        f" print({SUM}.text)",
        "Hook.register('pre_tool', (c) => ({ type: 'redirect', target: 'text-manipulator' }), { filter:"
        " 'calc*' });"
        " Hook.register('tool_validation', (c) => ({ type: 'modified', data: { parameters:"
        " { operation: 'uppercase', input: 'abc' } } }));"
        f" say(({SUM_JS}).text)",
        "ABC\n",
    ),
    Pair(
        "a handler that waits, and uses what it listens to",
        "Hook.register('pre_tool', function(c) Async.sleep(0.01)"
        " local r = Tool.execute('calculator', { operation = 'evaluate', input = '6 * 7' })"
        " return { type = 'replace', data = { result = r.text } } end)"
        f" print({SUM}.text)",
        "Hook.register('pre_tool', async (c) => { await Async.sleep(0.01);"
        " const r = await Tool.execute('calculator', { operation: 'evaluate', input: '6 * 7' });"
        " return { type: 'replace', data: { result: r.text } }; });"
        f" say(({SUM_JS}).text)",
        "42\n",
    ),
    Pair(
        "priorities, and skipping what follows",
        "local function add(word, p) Hook.register('pre_tool', function() print(word)"
        " if word == 'b' then return 'skip' end end, p) end"
        f" add('c', 'low') add('b') add('a', 'highest') add('a2', -5) {SUM}",
        "const add = (word, p) => Hook.register('pre_tool', () => { say(word);"
        " if (word === 'b') return 'skip'; }, p);"
        f" add('c', 'low'); add('b'); add('a', 'highest'); add('a2', -5); {SUM_JS}",
        "a\na2\nb\n",
    ),
    Pair(
        "an answer of a model, changed on its way",
        "Hook.register('post_llm', function(c) return { type = 'modified', data = { text = c.data.text .."
        " '!' } } end)"
        " Hook.register('before_agent_execution', function(c)"
        " return { type = 'modified', data = { text = 'oh ' .. c.data.text } } end, { filter = { type ="
        " 'agent' } })"
        " print(Agent.create({ model = 'echo' }):execute({ text = 'hello' }).text)",
        "Hook.register('post_llm', (c) => ({ type: 'modified', data: { text: c.data.text + '!' } }));"
        " Hook.register('before_agent_execution', (c) => ({ type: 'modified', data: { text: 'oh ' +"
        " c.data.text } }),"
        " { filter: { type: 'agent' } });"
        " say((await Agent.create({ model: 'echo' }).execute({ text: 'hello' })).text)",
        "oh hello!\n",
    ),
    Pair(
        "a failed tool is tried again, then answered for",
        "local n = 0 Hook.register('tool_error', function(c) n = n + 1"
        " if c.metadata.attempt < 3 then return { type = 'retry', delay_ms = 1 } end"
        " return { type = 'replace', data = { result = c.data.kind } } end)"
        " print(Tool.execute('json-processor', { operation = 'query', input = '{', query = '.' }).text, n)",
        "let n = 0; Hook.register('tool_error', (c) => { n++;"
        " if (c.metadata.attempt < 3) return { type: 'retry', delayMs: 1 };"
        " return { type: 'replace', data: { result: c.data.kind } }; });"
        " say((await Tool.execute('json-processor', { operation: 'query', input: '{', query: '.' })).text,"
        " n)",
        "ToolError\t3\n",
    ),
    Pair(
        "state is read and written through handlers",
        "Hook.register('before_state_write', function(c) return { type = 'modified',"
        " data = { value = c.data.value + 1 } } end)"
        " Hook.register('after_state_read', function(c) print(c.component_id.name, c.data.value) end)"
        " State.save('global', 'k', 1) print(State.load('global', 'k'))",
        "Hook.register('before_state_write', (c) => ({ type: 'modified', data: { value: c.data.value + 1 }"
        " }));"
        " Hook.register('after_state_read', (c) => say(c.componentId.name, c.data.value));"
        " State.save('global', 'k', 1); say(State.load('global', 'k'))",
        "global:k\t2\n2\n",
    ),
    Pair(
        "an event is changed before it is published",
        "local id = Event.subscribe('*') Hook.register('before_event_emit', function(c)"
        " return { type = 'modified', data = { data = c.data.event_type } } end)"
        " Event.publish('a.b', 1) print(Event.receive(id).data)",
        "const id = Event.subscribe('*'); Hook.register('before_event_emit', (c) =>"
        " ({ type: 'modified', data: { data: c.data.event_type } }));"
        " Event.publish('a.b', 1); say((await Event.receive(id)).data)",
        "a.b\n",
    ),
    Pair(
        "the failure of an event's handler is told",
        "Logger.set_level('error')"
        " Hook.register('EventHandlerError', function(c) print(c.component_id.name, c.data.pattern) end)"
        " Event.on('a.*', function() error('broken') end) Event.publish('a.b')",
        "Logger.setLevel('error');"
        " Hook.register('EventHandlerError', (c) => say(c.componentId.name, c.data.pattern));"
        " Event.on('a.*', () => { throw new Error('broken'); }); Event.publish('a.b')",
        "a.b\ta.*\n",
    ),
    Pair(
        "tools that are not to be found",
        "Hook.register('AfterToolDiscovery', function(c) return { type = 'modified',"
        " data = { tools = { 'calculator' } } } end)"
        " local found = Tool.discover({ category = 'utility' }) print(#found, found[1].name)",
        "Hook.register('AfterToolDiscovery', (c) => ({ type: 'modified', data: { tools: ['calculator'] } }));"
        " const found = Tool.discover({ category: 'utility' }); say(found.length, found[0].name)",
        "1\tcalculator\n",
    ),
    Pair(
        "what a tool may not do is told, raised or not",
        "Hook.register('SecurityViolation', function(c) print(c.component_id.name) end)"
        " print((pcall(Tool.execute, 'file-operations', { operation = 'read', path = '/etc/hosts' })))"
        " print(Tool.execute('file-operations', { operation = 'write', path = '/etc/hosts', input = ''"
        " }).success)",
        "Hook.register('SecurityViolation', (c) => say(c.componentId.name));"
        " say(await Tool.execute('file-operations', { operation: 'read', path: '/etc/hosts' })"
        ".then(() => true, () => false));"
        " say((await Tool.execute('file-operations', { operation: 'write', path: '/etc/hosts', input: ''"
        " })).success)",
        "file-operations\nfalse\nfile-operations\nfalse\n",
    ),
    Pair(
        "a filter that is a function, and one call only",
        "Hook.register('pre_tool', function() print('called') end,"
        " { once = true, filter = function(c) return c.data.parameters.input ~= '1 + 1' end })"
        f" {SUM} Tool.execute('calculator', {{ operation = 'evaluate', input = '2' }})"
        " Tool.execute('calculator', { operation = 'evaluate', input = '3' }) print(#Hook.list())",
        "Hook.register('pre_tool', () => say('called'),"
        " { once: true, filter: (c) => c.data.parameters.input !== '1 + 1' });"
        f" {SUM_JS}; await Tool.execute('calculator', {{ operation: 'evaluate', input: '2' }});"
        " await Tool.execute('calculator', { operation: 'evaluate', input: '3' }); say(Hook.list().length)",
        "called\n0\n",
    ),
    Pair(
        "lists and counters",
        "local h = Hook.register('pre_tool', function() end, { name = 'mine', tags = { 'x' }, priority ="
        " 'high',"
        " description = 'd' }) Hooks.register('post_llm', function() end)"
        f" {SUM} local i = Hook.list({{ tag = 'x' }})[1]"
        " print(i.name, i.priority, i.hook_point, i.description, #Hook.list(), #Hooks.list('post_llm'))"
        " local s = Hooks.get_stats() print(s.hooks, s.calls, s.points.BeforeToolExecution,"
        " h:get_stats().calls)"
        " print(Hook.unregister(h), h:unregister())",
        "const h = Hook.register('pre_tool', () => {}, { name: 'mine', tags: ['x'], priority: 'high',"
        " description: 'd' }); Hooks.register('post_llm', () => {});"
        f" {SUM_JS}; const i = Hook.list({{ tag: 'x' }})[0];"
        " say(i.name, i.priority, i.hookPoint, i.description, Hook.list().length,"
        " Hooks.list('post_llm').length);"
        " const s = Hooks.getStats(); say(s.hooks, s.calls, s.points.BeforeToolExecution,"
        " h.getStats().calls);"
        " say(Hook.unregister(h), h.unregister())",
        "mine\t-100\tBeforeToolExecution\td\t2\t1\n2\t1\t1\t1\ntrue\tfalse\n",
    ),
    Pair(
        "the start is told at once, the end at the end",
        "Hook.register('SystemShutdown', function(c) print(c.point) end)"
        " Hook.register('SystemStartup', function(c) print(c.point) end) print('main')",
        "Hook.register('SystemShutdown', (c) => say(c.point));"
        " Hook.register('SystemStartup', (c) => say(c.point)); say('main')",
        "SystemStartup\nmain\nSystemShutdown\n",
    ),
    Pair(
        "a built-in is enabled, tells, and is disabled",
        f"local m = Hooks.create_metrics_collector() {SUM} {SUM} print(m:report().tool.calculator.calls)"
        " print(m:disable(), m:disable(), Hook.disable('metrics'), #Hook.list())"
        " local c = Hook.enable('caching', { ttl_seconds = 5 })"
        f" {SUM} {SUM} print(c:report().hits, c:get_name())",
        f"const m = Hooks.createMetricsCollector(); {SUM_JS}; {SUM_JS};"
        f" say(m.report().tool.calculator.calls);"
        " say(m.disable(), m.disable(), Hook.disable('metrics'), Hook.list().length);"
        " const c = Hook.enable('caching', { ttlSeconds: 5 });"
        f" {SUM_JS}; {SUM_JS}; say(c.report().hits, c.getName())",
        "2\ntrue\tfalse\tfalse\t0\n1\tcaching\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_hooks(pair: Pair, language: Language) -> None:
    check_pair(pair, language)


REFUSED = [
    Pair(
        "a cancelled tool",
        f"Hook.register('pre_tool', function() return 'no sums today' end, {{ name = 'guard' }}) {SUM}",
        f"Hook.register('pre_tool', () => 'no sums today', {{ name: 'guard' }}); {SUM_JS}",
        "the tool 'calculator' was cancelled by the hook 'guard' at BeforeToolExecution: no sums today",
    ),
    Pair(
        "a cancelled write",
        "Hook.register('before_state_write', function() return false end, { name = 'guard' })"
        " State.save('global', 'k', 1)",
        "Hook.register('before_state_write', () => false, { name: 'guard' }); State.save('global', 'k', 1)",
        "the state 'global:k' was cancelled by the hook 'guard' at BeforeStateWrite",
    ),
    Pair(
        "a cancelled event",
        "Hook.register('before_event_emit', function() return 'quiet' end, { name = 'guard' })"
        " Event.publish('a')",
        "Hook.register('before_event_emit', () => 'quiet', { name: 'guard' }); Event.publish('a')",
        "the event 'a' was cancelled by the hook 'guard' at BeforeEventEmit: quiet",
    ),
    Pair(
        "a scope that is the engine's own",
        "Hook.register('before_state_write', function() return { type = 'modified', data = { scope = '.schemas' } } end)"
        " State.save('global', 'k', 1)",
        "Hook.register('before_state_write', () => ({ type: 'modified', data: { scope: '.schemas' } })); State.save('global', 'k', 1)",
        "a hook changed the scope to '.schemas'; it is one of global, custom, session, workflow, agent, tool, alone or with a name behind a colon",
    ),
    Pair(
        "a category that there is not",
        "Hook.register('before_tool_discovery', function() return { type = 'modified', data = { category = 'zzz' } } end)"
        " Tool.discover({})",
        "Hook.register('before_tool_discovery', () => ({ type: 'modified', data: { category: 'zzz' } })); Tool.discover({})",
        "a hook asked for tools of the category 'zzz'; there is filesystem, web, api, analysis, data, system, media, utility, custom",
    ),
    Pair(
        "a built-in without what it needs",
        "Hook.enable('security')",
        "Hook.enable('security')",
        "the built-in hook 'security' needs the option 'path'",
    ),
    Pair(
        "a built-in with what is another's",
        "Hook.enable('metrics', { path = 'x' })",
        "Hook.enable('metrics', { path: 'x' })",
        "'path' is no option of the built-in hook 'metrics'; it takes points",
    ),
    Pair(
        "a file that may not be written",
        "Hook.enable('security', { path = '/no/audit.jsonl' })",
        "Hook.enable('security', { path: '/no/audit.jsonl' })",
        "the profile 'medium' does not allow writing '/no/audit.jsonl' (rule `write`); allow it with"
        ' --allow-write /no/audit.jsonl or write = ["/no/audit.jsonl"] in [security]',
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", REFUSED, ids=lambda pair: pair.name)
def test_what_is_refused(pair: Pair, language: Language) -> None:
    check_refused(pair, language)


POINT = {"lua": "hook_point", "javascript": "hookPoint"}


@both
def test_an_unknown_point_is_refused_with_one_that_is_near(language: Language) -> None:
    function = {"lua": "function() end", "javascript": "() => {}"}[language]
    ran = run(Script(language, f'Hook.register("pre_tol", {function})'))
    assert str(ran.error) == (
        f"Hook.register: '{POINT[language]}' must be the name of a hook point, such as"
        f" 'BeforeToolExecution' or"
        " 'pre_tool', but \"pre_tol\" was given; did you mean 'pre_tool'?"
    )


FAILING = {
    "lua": "Hook.register('pre_tool', function() error('broken') end, { name = 'bad', breaker ="
    f" {{ failures = 2, pause_ms = 60000 }} }}) for _ = 1, 3 do {SUM} end"
    " local s = Hook.get_stats().details[1] print(s.errors, s.refused, s.breaker)",
    "javascript": "Hook.register('pre_tool', () => { throw new Error('broken'); }, { name: 'bad', breaker:"
    f" {{ failures: 2, pauseMs: 60000 }} }}); for (let i = 0; i < 3; i++) {SUM_JS};"
    " const s = Hook.getStats().details[0]; console.log([s.errors, s.refused, s.breaker].join('\\t'))",
}


@both
def test_a_handler_that_keeps_failing_is_told_and_left_alone(language: Language) -> None:
    ran = run(Script(language, FAILING[language]))
    assert (ran.out, ran.error) == ("2\t1\topen\n", None)
    first, second = ran.err.splitlines()
    assert "WARN  llmspell.hooks: a hook handler failed; the work goes on without it hook=bad" in first
    assert "paused_seconds=60" not in first
    assert "paused_seconds=60" in second


SLOW = {
    "lua": f"Hook.register('pre_tool', function() Async.sleep(30) end, {{ timeout_ms = 20 }})"
    f" print({SUM}.text)",
    "javascript": "Hook.register('pre_tool', async () => { await Async.sleep(30); }, { timeoutMs: 20 });"
    f" console.log(({SUM_JS}).text); process.exit(0)",
}


@both
def test_a_handler_that_takes_too_long_holds_nothing_up(language: Language) -> None:
    text = SLOW[language] + (" os.exit(0)" if language == "lua" else "")
    ran = run(Script(language, text))
    assert (ran.out, ran.error, ran.exit) == ("2\n", None, 0)
    assert "it took longer than 0.02 s" in ran.err


ASYNC_AT_STATE = (
    "Hook.register('before_state_write', async () => 'no', { name: 'late' }); State.save('global', 'k', 1);"
    " console.log(State.load('global', 'k'))"
)


def test_a_handler_that_waits_where_nothing_can_is_told() -> None:
    ran = run(Script("javascript", ASYNC_AT_STATE))
    assert (ran.out, ran.error) == ("1\n", None)
    assert "a handler of this point cannot wait" in ran.err


BUDGET = {
    "lua": "Hook.register('ResourceLimitExceeded', function(c) print(c.component_id.type) end)"
    " local a = Agent.create({ model = 'echo' }) a:execute({ text = 'a' })"
    " print(pcall(a.execute, a, { text = 'b' }) == false)",
    "javascript": "Hook.register('ResourceLimitExceeded', (c) => console.log(c.componentId.type));"
    " const a = Agent.create({ model: 'echo' }); await a.execute({ text: 'a' });"
    " console.log(await a.execute({ text: 'b' }).then(() => false, () => true))",
}


@both
def test_a_budget_that_is_used_up_is_told(language: Language) -> None:
    ran = run(Script(language, BUDGET[language], services=Services(budget=Budget(max_calls=1))))
    assert (ran.out, ran.error) == ("model\ntrue\n", None)


AUDIT = {
    "lua": "Hook.enable('security', { path = 'audit.jsonl' }) State.save('global', 'api_key', 'sk-"
    + "a" * 24
    + f"') {SUM}",
    "javascript": "Hook.enable('security', { path: 'audit.jsonl' }); State.save('global', 'api_key', 'sk-"
    + "a" * 24
    + f"'); {SUM_JS}",
}


@both
def test_the_audit_of_a_script_masks_secrets(language: Language, tmp_path: Path) -> None:
    ran = run(Script(language, AUDIT[language], services=Services(root=tmp_path)))
    assert (ran.err, ran.error) == ("", None)
    text = (tmp_path / "audit.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["point"] for line in lines] == ["BeforeStateWrite", "BeforeToolExecution"]
    assert "aaaa" not in text


@both
def test_the_points_are_listed(language: Language) -> None:
    count = {"lua": "print(#Hook.points())", "javascript": "console.log(Hook.points().length)"}
    assert run(Script(language, count[language])).out == f"{len(HOOK_POINTS)}\n"
