"""What scripts no longer hold is let go of by the host; what they do hold stays usable."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from weakref import WeakSet

import pytest
from llmspell_engine.globals.agent_instance import AgentInstance
from llmspell_engine.globals.stream import Stream
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.runtime.lua_calls import Raised
from llmspell_engine.runtime.values import HostObject
from llmspell_engine.tools.error import ToolError
from support.globals import Pair, check_pair
from support.runtime import Script, host, run

MADE = 300
LEFT = 10
"""How many may be there still: those that clean up use a few themselves."""

LOOPS = [
    Pair(
        "agents",
        "for i = 1, N do local a = Agent.create({ model = 'echo' }) a:execute('x') a:destroy() end",
        "for (let i = 0; i < N; i++) { const a = Agent.create({ model: 'echo' });"
        " await a.execute('x'); a.destroy() }",
        "",
    ),
    Pair(
        "streams",
        "local a = Agent.create({ model = 'echo' }) for i = 1, N do a:stream('x'):next() end",
        "const a = Agent.create({ model: 'echo' }); for (let i = 0; i < N; i++) await a.stream('x').next()",
        "",
    ),
]


@pytest.fixture
def only_what_is_new() -> Iterator[None]:
    """What other tests have left behind, which may be millions of objects, is not looked through."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def _alive() -> int:
    gc.collect()
    return sum(isinstance(one, AgentInstance | Stream | HostObject) for one in gc.get_objects())


@pytest.mark.usefixtures("only_what_is_new")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", LOOPS, ids=lambda pair: pair.name)
def test_handles_that_a_script_drops_do_not_pile_up(pair: Pair, language: Language) -> None:
    before, after = [], []
    collect = {
        "lua": "collectgarbage() Async.sleep(0) collectgarbage() Agent.create({ model = 'echo' })",
        "javascript": "await Async.sleep(0); Agent.create({ model: 'echo' });",
    }[language]
    number = {"lua": f"local N = {MADE} ", "javascript": f"const N = {MADE};"}[language]
    names = host(before=lambda: before.append(_alive()), after=lambda: after.append(_alive()))
    # Each part in a block of its own, so that nothing of it stays on the stack.
    block = {"lua": f"do {pair.lua} end ", "javascript": f"{{ {pair.javascript} }} "}[language]
    ran = run(Script(language, f"{number} host.before(); {block} {collect} host.after()", names=names))
    assert ran.error is None
    assert after[0] - before[0] < LEFT


KEPT = [
    Pair(
        "a method outlives what holds its object",
        "local execute = Agent.create({ model = 'echo', name = 'a' }).execute Agent.get('a'):destroy()"
        " collectgarbage() collectgarbage() local ok, e = pcall(execute, 'x') print(ok, e.message)",
        "const { execute } = Agent.create({ model: 'echo', name: 'a' }); Agent.get('a').destroy();"
        " try { await execute('x') } catch (e) { say(false, e.message) }",
        "false\tthe agent 'a' was destroyed\n",
    ),
    Pair(
        "an object that comes again after it was dropped",
        "Agent.create({ model = 'echo', name = 'a' }) collectgarbage() collectgarbage()"
        " print(Agent.get('a') == Agent.get('a'), Agent.get('a'):execute('again').text)",
        "Agent.create({ model: 'echo', name: 'a' }); await Async.sleep(0);"
        " say(Agent.get('a') === Agent.get('a'), (await Agent.get('a').execute('again')).text)",
        "true\tagain\n",
    ),
    Pair(
        "a method is the same each time, and the names of all can be listed",
        "local a, b = Agent.create({ model = 'echo' }), Agent.create({ model = 'echo' })"
        " local names = {} for name in pairs(a) do names[name] = true end"
        " print(a.execute == a.execute, a.execute == b.execute, names.execute, names.get_config, a.nothing)",
        "const a = Agent.create({ model: 'echo' }), b = Agent.create({ model: 'echo' });"
        " say(a.execute === a.execute, a.execute === b.execute, 'execute' in a, 'getConfig' in a, a.nothing)",
        "true\tfalse\ttrue\ttrue\tnil\n",
    ),
    Pair(
        "a stream that is dropped ends what produces it",
        "Agent.create({ model = 'echo' }):stream('a b c'):next() collectgarbage() collectgarbage()"
        " print('end')",
        "await Agent.create({ model: 'echo' }).stream('a b c').next(); say('end')",
        "end\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", KEPT, ids=lambda pair: pair.name)
def test_handles_live_as_long_as_a_script_uses_them(pair: Pair, language: Language) -> None:
    check_pair(pair, language)


FAILING = {
    "lua": "for i = 1, N do pcall(host.fail, { i }) end collectgarbage() collectgarbage() host.count()",
    "javascript": "for (let i = 0; i < N; i++) { try { host.fail([i]) } catch {} } host.count()",
}


@pytest.fixture
def without_collector() -> Iterator[None]:
    """Nothing goes but what nobody holds."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_go_with_what_a_script_has_of_them(language: Language) -> None:
    made: WeakSet[ToolError] = WeakSet()
    left: list[int] = []

    def fail(_: object) -> None:
        error = ToolError("no")
        made.add(error)
        try:
            raise error
        finally:
            del error

    text = FAILING[language].replace("N", str(MADE))
    ran = run(Script(language, text, names=host(fail=fail, count=lambda: left.append(_held()))))
    assert (ran.error, len(made) < LEFT, left[0] < LEFT) == (None, True, True)


def _held() -> int:
    """How many errors are on their way to Lua, or were and are held still."""
    return sum(isinstance(one, Raised) for one in gc.get_objects())


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_went_on_after_an_error_goes_on_when_a_script_gets_it(language: Language) -> None:
    caught: list[ToolError] = []

    def work() -> None:
        raise ToolError("no")

    def going_on() -> Iterator[str]:
        try:
            work()
        except ToolError as error:
            caught.append(error)
        yield "waits"
        yield "went on"

    def fail(_: object) -> None:
        raise caught[0]

    steps = going_on()
    assert next(steps) == "waits"
    run(Script(language, FAILING[language].replace("N", "1"), names=host(fail=fail, count=list)))
    assert next(steps) == "went on"
