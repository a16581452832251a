"""Waiting without standing still, in both languages: order, errors, cancelling, streams, starvation."""

from __future__ import annotations

import threading
import time

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from support.globals import Pair, check_pair
from support.runtime import Ran, Script, both, run

PAIRS = [
    Pair(
        "a promise of what runs beside",
        'local p = Async.run(function(n) Async.sleep(0.001) return n + 1 end, 41) print("first")'
        " print(p:await())",
        "const p = Async.run(async (n) => { await Async.sleep(0.001); return n + 1 }, 41);"
        ' say("first"); say(await p)',
        "first\n42\n",
    ),
    Pair(
        "results in the order of the work, which ends in its own",
        "local order = '' local r = Async.all({ function() Async.sleep(0.03) order = order .. 'a'"
        " return 1 end,"
        " function() Async.sleep(0.001) order = order .. 'b' return 2 end }) print(r[1], r[2], order)",
        "let order = ''; const r = await Async.all([async () => { await Async.sleep(0.03); order +="
        " 'a'; return 1 },"
        " async () => { await Async.sleep(0.001); order += 'b'; return 2 }]); say(r[0], r[1], order)",
        "1\t2\tba\n",
    ),
    Pair(
        "the first error cancels the rest, whose clean-up runs",
        "local ok, e = pcall(Async.all, { function() Async.sleep(0.001) error('boom', 0) end, function()"
        " local ok, e = pcall(Async.sleep, 60) print('cleaned up', e.kind) end }) Async.sleep(0.02)"
        " print(ok, e)",
        "let e; try { await Async.all([async () => { await Async.sleep(0.001); throw 'boom' }, async () => {"
        " try { await Async.sleep(60) } catch (e) { say('cleaned up', e.name) } }]) } catch (x) { e = x }"
        " await Async.sleep(0.02); say(false, e)",
        "cleaned up\tCancelled\nfalse\tboom\n",
    ),
    Pair(
        "what takes too long",
        "local ok, e = pcall(Async.timeout, function() Async.sleep(60) end, 0.01) print(ok, e.kind)",
        "try { await Async.timeout(() => Async.sleep(60), 0.01) } catch (e) { say(false, e.name) }",
        "false\tTimeoutError\n",
    ),
    Pair(
        "what fails is tried again",
        "local n = 0 print(Async.retry(function() n = n + 1 if n < 3 then error('x') end return n end,"
        " { attempts = 5, base_delay = 0.001 }))",
        "let n = 0; say(await Async.retry(() => { n++; if (n < 3) throw Error('x'); return n },"
        " { attempts: 5, baseDelay: 0.001 }))",
        "3\n",
    ),
    Pair(
        "combinators of promises",
        "local function later(s, v) return Async.run(function() Async.sleep(s) return v end) end "
        "local slow = later(30, 'slow') print(Promise.race({ slow, later(0.001, 'quick') }):await()) "
        "print(Promise.any({ Promise.reject('no'), later(0.001, 'yes') }):await()) "
        "slow:cancel() local r = Promise.all_settled({ slow, 7 }):await() print(r[1].status, r[2].value)",
        "const later = (s, v) => Async.run(async () => { await Async.sleep(s); return v }); "
        "const slow = later(30, 'slow'); say(await Promise.race([slow, later(0.001, 'quick')])); "
        "say(await Promise.any([Promise.reject('no'), later(0.001, 'yes')])); "
        "Async.cancel(slow); const r = await Promise.allSettled([slow, 7]); say(r[0].status, r[1].value)",
        "quick\nyes\nrejected\t7\n",
    ),
    Pair(
        "callbacks of promises",
        "print(Promise.reject('a'):catch(function(e) return e .. 'b' end):and_then(function(v) return v"
        " .. 'c'"
        " end):finally(function() print('end') end):await())",
        "say(await Promise.reject('a').catch((e) => e + 'b').then((v) => v + 'c').finally(() => say('end')))",
        "end\nabc\n",
    ),
    Pair(
        "a producer waits for who takes",
        "local made = 0 local s = Streaming.create(function(emit) for n = 1, 1000 do made = n emit(n)"
        " end end,"
        " { buffer = 2 }) local sum = 0 for n in s:iter() do sum = sum + n if n == 4 then break end end"
        " print(sum, made < 10, s:is_done())",
        "let made = 0; const s = Streaming.create(async (emit) => { for (let n = 1; n <= 1000; n++) {"
        " made = n; await emit(n) } }, { buffer: 2 }); let sum = 0;"
        " for await (const n of s) { sum += n; if (n === 4) break } say(sum, made < 10, s.isDone())",
        "10\ttrue\ttrue\n",
    ),
    Pair(
        "the error of a producer comes where it is taken",
        "local s = Streaming.create(function(emit) emit(1) error('dry', 0) end) print(s:next())"
        " print(pcall(s.next))",
        "const s = Streaming.create(async (emit) => { await emit(1); throw 'dry' }); say(await s.next());"
        " try { await s.next() } catch (e) { say(false, e) }",
        "1\nfalse\tdry\n",
    ),
    Pair(
        "timers keep the program alive",
        "local n = 0 local t t = Async.every(0.001, function() n = n + 1 if n == 3 then t:cancel()"
        " print('three') end"
        " end) Async.after(0.001, function() end) print('last statement')",
        "let n = 0; const t = Async.every(0.001, () => { n++; if (n === 3) { t.cancel(); say('three') } });"
        " Async.after(0.001, () => {}); say('last statement')",
        "last statement\nthree\n",
    ),
    Pair(
        "an agent's answer as it comes",
        "local a = Agent.create({ model = 'echo' }) for c in a:stream('a b') do print(c.text) end"
        " print(a:invoke_stream('a b c', function(c) return c.text ~= 'b ' end))",
        "const a = Agent.create({ model: 'echo' }); for await (const c of a.stream('a b')) say(c.text);"
        " say(await a.invokeStream('a b c', (c) => c.text !== 'b '))",
        "a \nb\nnil\n",
    ),
    Pair(
        "wrong arguments",
        "print((select(2, pcall(Async.sleep, 'x')).message)) print(select(2, pcall(Async.cancel,"
        " 1)).message)",
        "for (const f of [() => Async.sleep('x'), () => Async.cancel(1)]) try { await f() } catch (e)"
        " { say(e.message) }",
        "Async.sleep: 'seconds' must be a number of at least 0, but \"x\" was given\n"
        "Async.cancel: 'promise' must be a promise, but 1 was given\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_async(pair: Pair, language: Language) -> None:
    check_pair(pair, language)


REJECTIONS = {
    "lua": "local function deep() Async.sleep(0) error('lost') end\nAsync.run(deep)\nprint('on')",
    "javascript": "async function deep() { await Async.sleep(0); throw Error('lost') }\nAsync.run(deep);\n"
    "console.log('on')",
}


@both
def test_an_error_that_nobody_looks_at_ends_the_program_with_its_stack(language: Language) -> None:
    ran = run(Script(language, REJECTIONS[language]))
    assert ran.out == "on\n"
    assert ran.error is not None
    assert "lost" in str(ran.error)
    assert ran.frames()[0].split()[0].endswith(":1")


NEVER = {
    "lua": "Promise.new(function() end):await()",
    "javascript": "await new Promise(() => {})",
}


@both
def test_a_wait_that_nothing_ends_is_an_error(language: Language) -> None:
    ran = run(Script(language, NEVER[language]))
    assert ran.error is not None
    assert "nothing will ever settle" in str(ran.error)


def test_a_wait_inside_a_generator_of_a_task_suspends_the_task_alone() -> None:
    text = """
        local lines = {}
        local function numbers() for n = 1, 2 do Async.sleep(0.005) coroutine.yield(n) end end
        Async.all({
          function() for n in coroutine.wrap(numbers) do lines[#lines + 1] = "slow" .. n end end,
          function() lines[#lines + 1] = "quick" end,
        })
        print(table.concat(lines, " "))
    """
    assert run(Script("lua", text)).out == "quick slow1 slow2\n"


def test_a_wait_where_no_coroutine_can_be_left() -> None:
    text = """
        local list = { 3, 1, 2 }
        Async.run(function() table.sort(list, function(a, b) Async.sleep(0) return a < b end) end):await()
        print(table.concat(list, " "))
    """
    assert run(Script("lua", text)).out == "1 2 3\n"


BUSY = {"lua": "while not host.is_over() do end", "javascript": "while (!host.isOver()) {}"}
PATIENT = {
    "lua": "local a = Agent.create({ model = 'echo' }) for n = 1, 5 do Async.sleep(0.001) a:execute('x') end",
    "javascript": "const a = Agent.create({ model: 'echo' }); for (let n = 0; n < 5; n++) {"
    " await Async.sleep(0.001); await a.execute('x') }",
}


@both
def test_a_script_that_never_waits_holds_up_no_other(language: Language) -> None:
    from support.runtime import host

    over = threading.Event()
    services = Services()
    names = host(is_over=over.is_set, isOver=over.is_set)
    busy = threading.Thread(
        target=run, args=(Script(language, BUSY[language], names=names, services=services),)
    )
    busy.start()
    found: list[Ran] = []
    try:
        begin = time.monotonic()
        found.append(run(Script(language, PATIENT[language], services=services)))
        assert time.monotonic() - begin < 20
    finally:
        over.set()
        busy.join(20)
    assert found[0].error is None
    services.close()
