"""Waiting where it is easily got wrong: callbacks given up, errors on their way, long chains."""

from __future__ import annotations

import pytest
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.runtime.report import report
from support.globals import Pair, check_pair
from support.runtime import Script, host, run

_AGENT = {
    "lua": "local a = Agent.create({ model = 'echo' }) ",
    "javascript": "const a = Agent.create({ model: 'echo' }); ",
}

OR_IN_JAVASCRIPT = "\0"
"""Between two expectations where the languages differ."""

PAIRS = [
    Pair(
        "a callback whose caller was cancelled is cancelled where it waits, and keeps no program alive",
        "local p = Async.run(function() a:invoke_stream('x y', function()"
        " local ok, e = pcall(Async.sleep, 600) print(e.kind, e.message) error(e) end) end)"
        " Async.sleep(0.05) p:cancel('enough') local _, e = pcall(p.await)"
        " Async.sleep(0.05) print(e.message)",
        "const p = Async.run(() => a.invokeStream('x y', async () => { try { await Async.sleep(600) }"
        " catch (e) { say(e.name, e.message); throw e } }));"
        " await Async.sleep(0.05); Async.cancel(p, 'enough'); const e = await p.catch((e) => e);"
        " await Async.sleep(0.05); say(e.message)",
        "Cancelled\twho asked for it was cancelled\nenough\n",
    ),
    Pair(
        "what a callback throws comes back as it is",
        "local t = { code = 5 } local ok, e = pcall(a.invoke_stream, 'x', function() error(t) end)"
        " print(ok, e == t) ok, e = pcall(a.invoke_stream, 'x', function() error() end) print(ok, e)",
        "for (const v of [{ code: 5 }, null, new TypeError('x')])"
        " try { await a.invokeStream('x', () => { throw v }) } catch (e) { say(false, e === v) }",
        "false\ttrue\nfalse\tnil\n" + OR_IN_JAVASCRIPT + "false\ttrue\n" * 3,
    ),
    Pair(
        "an error has the stack of where it was thrown, also when the host has led it on",
        "local function inner() error('x') end"
        " local ok, e = pcall(a.invoke_stream, 'x', function() inner() end) print(e)",
        "const inner = () => { throw new Error('x') };"
        " try { await a.invokeStream('x', () => inner()) } catch (e) { say(e.stack.includes('inner')) }",
        "main.lua:1: x\n" + OR_IN_JAVASCRIPT + "true\n",
    ),
    Pair(
        "a promise is settled once",
        "print(Promise.new(function(yes, no) yes(1) yes(2) no('x') end):await())",
        "say(await new Promise((yes, no) => { yes(1); yes(2); no('x') }))",
        "1\n",
    ),
    Pair(
        "a stream that has ended stays ended",
        "local s = a:stream('x') for c in s do print(c.text) end for c in s do print('again') end"
        " print(s:next()) s:close() s:close() print(s:is_done())",
        "const s = a.stream('x'); for await (const c of s) say(c.text); for await (const c of s)"
        " say('again'); say(await s.next()); s.close(); s.close(); say(s.isDone())",
        "x\nnil\ntrue\n",
    ),
    Pair(
        "calls of a timer do not overlap",
        "local n, most = 0, 0 local t = Async.every(0.001, function() n = n + 1 most = math.max(most, n)"
        " Async.sleep(0.02) n = n - 1 end) Async.sleep(0.1) t:cancel() print(most)",
        "let n = 0, most = 0; const t = Async.every(0.001, async () => { most = Math.max(most, ++n);"
        " await Async.sleep(0.02); n-- }); await Async.sleep(0.1); t.cancel(); say(most)",
        "1\n",
    ),
    Pair(
        "a chain of 20,000 promises, and 10,000 timers",
        "local p = Promise.resolve(0) for i = 1, 20000 do p = p:and_then(function(v) return v + 1 end) end"
        " local n = 0 for i = 1, 10000 do Async.after(0, function() n = n + 1 end) end"
        " print(p:await()) while n < 10000 do Async.sleep(0.01) end",
        "let p = Promise.resolve(0); for (let i = 0; i < 20000; i++) p = p.then((v) => v + 1);"
        " let n = 0; for (let i = 0; i < 10000; i++) Async.after(0, () => n++);"
        " say(await p); while (n < 10000) await Async.sleep(0.01)",
        "20000\n",
    ),
    Pair(
        "promises settle one another through 20,000 hands",
        "local first local p = Promise.new(function(yes) first = yes end)"
        " for i = 1, 20000 do local before = p p = Promise.new(function(yes) yes(before) end) end"
        " first('end') print(p:await())",
        "let first; let p = new Promise((yes) => first = yes);"
        " for (let i = 0; i < 20000; i++) { const before = p; p = new Promise((yes) => yes(before)) }"
        " first('end'); say(await p)",
        "end\n",
    ),
]


# Forty thousand promises and timers take a second, and half a minute on a machine that is busy.
@pytest.mark.timeout(120)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_edges(pair: Pair, language: Language) -> None:
    lua, _, javascript = pair.expect.partition(OR_IN_JAVASCRIPT)
    expect = javascript if javascript and language == "javascript" else lua
    check_pair(
        Pair(pair.name, _AGENT["lua"] + pair.lua, _AGENT["javascript"] + pair.javascript, expect), language
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_output_that_is_closed_while_a_timer_prints_ends_the_script(language: Language) -> None:
    """As ``llmspell run script | head -1`` does: it is told to end from within the script's own call."""
    text = {
        "lua": "Async.every(0, function() host.stop() end)",
        "javascript": "setInterval(() => host.stop(), 0)",
    }[language]
    runtimes = []

    def stop() -> None:
        runtimes[0].interrupt()

    ran = run(Script(language, text, names=host(stop=stop), started=runtimes.append))
    assert ran.interrupted


UNSEEN = [
    Pair(
        "several of promises, oldest first",
        "Async.run(function() error('one', 0) end) Async.run(function() Async.sleep(0) error('three', 0) end)"
        " Async.run(function() error('two', 0) end)",
        "Async.run(() => { throw new Error('one') });"
        " Async.run(async () => { await Async.sleep(0); throw new Error('three') });"
        " Promise.reject(new Error('two'))",
        "one two three",
    ),
    Pair(
        "one beside that of the program",
        "Async.run(function() error('one', 0) end) Async.sleep(0) error('two', 0)",
        "Async.run(() => { throw new Error('one') }); await Async.sleep(0); throw new Error('two')",
        "two one",
    ),
    Pair(
        "one beside that of a timer",
        "Async.run(function() error('one', 0) end) Async.after(0, function() error('two', 0) end)",
        "Async.run(() => { throw new Error('one') }); Async.after(0, () => { throw new Error('two') })",
        "two one",
    ),
    Pair(
        "none that somebody has looked at, and none of what was cancelled",
        "local p = Async.run(function() error('seen', 0) end) pcall(p.await, p)"
        " Async.run(function() Async.sleep(60) end):cancel() Async.sleep(0.01) error('one', 0)",
        "await Async.run(() => { throw new Error('seen') }).catch(() => {});"
        " Async.cancel(Async.run(() => Async.sleep(60))); await Async.sleep(0.01); throw new Error('one')",
        "one",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", UNSEEN, ids=lambda pair: pair.name)
def test_every_error_that_nobody_has_looked_at_is_told(pair: Pair, language: Language) -> None:
    error = run(Script(language, pair.text(language))).error
    assert error is not None
    told = [error, *error.besides]
    assert " ".join(str(one) for one in told) == pair.expect
    assert all(one.frames for one in told)
    assert all(str(one) in report(error) for one in told)
