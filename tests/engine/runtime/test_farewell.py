"""What a script has called when it has ended, in each way in which it may: bounded, and changing nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.runtime import farewell
from llmspell_engine.runtime.base import ScriptRuntime
from llmspell_engine.security.limits import Limits
from llmspell_engine.security.permissions import Permissions
from llmspell_engine.security.profiles import PROFILES
from support.globals import Pair
from support.runtime import Ran, Script, both, host, run

REGISTERED = {
    "lua": "Hook.register('SystemShutdown', function(c)"
    " print(c.data.reason, c.data.code, c.data.error) end) ",
    "javascript": "Hook.register('SystemShutdown', (c) =>"
    " console.log([c.data.reason, c.data.code, c.data.error].map((one) => one ?? 'nil').join('\\t'))); ",
}

NONE = Limits()


@dataclass(frozen=True)
class End:
    """A way to end, and what the hook is told."""

    about: str
    lua: str
    javascript: str
    told: str
    limits: Limits = NONE

    def text(self, language: Language) -> str:
        return self.lua if language == "lua" else self.javascript


ENDS = [
    End("by itself", "", "", "finished\tnil\tnil\n"),
    End("an exit", "os.exit(3)", "process.exit(3);", "exit\t3\tnil\n"),
    End("an exit that is caught", "pcall(os.exit, 3)", "try { process.exit(3); } catch {}", "exit\t3\tnil\n"),
    End(
        "an exit in a task",
        "Async.run(function() os.exit(3) end) Async.sleep(30)",
        "Async.run(() => process.exit(3)); await Async.sleep(30);",
        "exit\t3\tnil\n",
    ),
    End("an error", "error('no', 0)", "throw new Error('no');", "error\tnil\tno\n"),
    End(
        "an error of a timer",
        "Async.after(0, function() error('no', 0) end) Async.sleep(30)",
        "Async.after(0, () => { throw new Error('no'); }); await Async.sleep(30);",
        "error\tnil\tno\n",
    ),
    End(
        "ended while it loops", "stop() while true do end", "stop(); while (true);", "interrupted\tnil\tnil\n"
    ),
    End(
        "ended while it catches all",
        "stop() while true do pcall(function() while true do end end) end",
        "stop(); while (true) { try { while (true); } catch {} }",
        "interrupted\tnil\tnil\n",
    ),
    End(
        "ended while it waits",
        "stop() Async.sleep(30)",
        "stop(); await Async.sleep(30);",
        "interrupted\tnil\tnil\n",
    ),
    End(
        "too long",
        "while true do end",
        "while (true);",
        "limit\tnil\tthe script ran longer than 0.1 s, the most that the profile 'medium' gives it;"
        " raise seconds in [security.limits]\n",
        Limits(seconds=0.1),
    ),
    End(
        "too many instructions",
        "while true do end",
        "while (true);",
        "limit\tnil\tthe script took more than 100000 instructions, the most that the profile 'medium'"
        " gives it; raise instructions in [security.limits]\n",
        Limits(instructions=100_000),
    ),
]


def _run(text: str, language: Language, limits: Limits = NONE) -> Ran:
    made: list[ScriptRuntime] = []

    def stop() -> None:
        threading.Thread(target=made[0].interrupt).start()

    rules = replace(PROFILES["medium"], limits=limits)
    return run(
        Script(
            language,
            text,
            names={"stop": stop},
            permissions=Permissions(rules=rules),
            started=made.append,
        )
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.about)
def test_a_script_hears_that_it_has_ended(end: End, language: Language) -> None:
    with_words = _run(REGISTERED[language] + end.text(language), language, end.limits)
    without = _run(end.text(language), language, end.limits)
    assert with_words.out == end.told
    assert (with_words.exit, with_words.interrupted) == (without.exit, without.interrupted)
    assert str(with_words.error) == str(without.error)


WORDS = [
    (
        Pair(
            "one fails, the next is called",
            "Hook.register('SystemShutdown', function() error('broken') end, { priority = 'high' })"
            " os.exit(3)",
            "Hook.register('SystemShutdown', () => { throw new Error('broken'); }, { priority: 'high' });"
            " process.exit(3);",
            "exit\t3\tnil\n",
        ),
        "broken",
    ),
    (
        Pair(
            "one exits otherwise",
            "Hook.register('SystemShutdown', function() os.exit(9) end, { priority = 'low' }) os.exit(3)",
            "Hook.register('SystemShutdown', () => process.exit(9), { priority: 'low' }); process.exit(3);",
            "exit\t3\tnil\n",
        ),
        "",
    ),
    (
        Pair(
            "one never ends",
            "Hook.register('SystemShutdown', function() while true do end end, { priority = 'low' })"
            " os.exit(3)",
            "Hook.register('SystemShutdown', () => { while (true); }, { priority: 'low' }); process.exit(3);",
            "exit\t3\tnil\n",
        ),
        "took longer than 0.2 s and was stopped",
    ),
    (
        Pair(
            "one registers another",
            "Hook.register('SystemShutdown', function() Hook.register('SystemShutdown', print) end)"
            " os.exit(3)",
            "Hook.register('SystemShutdown', () => { Hook.register('SystemShutdown', console.log); });"
            " process.exit(3);",
            "exit\t3\tnil\n",
        ),
        "",
    ),
]


@both
@pytest.mark.parametrize(("pair", "err"), WORDS, ids=[pair.name for pair, _ in WORDS])
def test_last_words_are_bounded_and_change_nothing(
    pair: Pair, err: str, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(farewell, "SECONDS", 0.2)
    ran = _run(REGISTERED[language] + (pair.lua if language == "lua" else pair.javascript), language)
    assert (ran.out, ran.exit, ran.error) == (pair.expect, 3, None)
    assert err in ran.err


KEEPING = {
    "lua": "Hook.register('SystemShutdown', function() State.save('global', 'k', 7)"
    " host.kept(State.load('global', 'k')) end) os.exit(0)",
    "javascript": "Hook.register('SystemShutdown', () => { State.save('global', 'k', 7);"
    " host.kept(State.load('global', 'k')); }); process.exit(0);",
}


@both
def test_last_words_may_keep_state(language: Language) -> None:
    kept: list[Any] = []
    keep: Callable[[Any], None] = kept.append
    ran = run(Script(language, KEEPING[language], names=host(kept=keep)))
    assert (kept, ran.exit, ran.err) == ([7], 0, "")
