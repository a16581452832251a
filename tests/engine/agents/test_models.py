"""An agent's own server and key, its own retries, and its limits of time; in both languages."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.providers import Providers, standard_providers
from llmspell_engine.providers.base import (
    Capabilities,
    Chunk,
    Media,
    ModelAnswer,
    ModelRequest,
    ProviderError,
    Usage,
)
from llmspell_engine.providers.metering import Budget
from support.agents import scripted
from support.globals import Pair, check_pair, check_refused
from support.model_server import Reply, serving
from support.runtime import Script, run

KEY = "sk-of-one-agent-alone"
HELLO = {
    "id": "1", "object": "chat.completion", "created": 1, "model": "llama",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}  # fmt: skip


def _own(url: str) -> Pair:
    """An agent with a server and a key of its own, by builder and by options."""
    return Pair(
        "its own",
        f"local a = Agent.builder():model('openai-compatible/llama'):base_url('{url}'):api_key('{KEY}'):build() print(a:execute('hi').text, a:get_config().base_url) "
        f"print(Agent.create({{ model = 'openai-compatible/llama', base_url = '{url}', api_key = '{KEY}' }}):execute('hi').text)",
        f"const a = Agent.builder().model('openai-compatible/llama').baseUrl('{url}').apiKey('{KEY}').build(); say((await a.execute('hi')).text, a.getConfig().baseUrl); "
        f"say((await Agent.create({{ model: 'openai-compatible/llama', baseUrl: '{url}', apiKey: '{KEY}' }}).execute('hi')).text)",
        f"hello\t{url}\nhello\n",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_server_and_a_key_of_its_own(language: Language) -> None:
    with serving(Reply(HELLO), Reply(HELLO)) as server:
        services = Services(providers=standard_providers())
        check_pair(_own(f"{server.url}/v1"), language, services=services)
        assert [one.headers["authorization"] for one in server.received] == [f"Bearer {KEY}"] * 2
        services.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_key_is_never_shown(language: Language) -> None:
    """Not in the settings, not in events and hooks, not in an error that the server writes it into."""
    with serving(Reply({"error": {"message": f"the key {KEY} is wrong"}}, 401)) as server:
        made = f"model = 'openai-compatible/m', base_url = '{server.url}', api_key = '{KEY}'"
        lua = (
            "Hook.register('pre_llm', function(c) print(JSON.stringify(c.data)) end) local s = Event.subscribe('agent.*') "
            f"local a = Agent.create({{ {made} }}) print(JSON.stringify(a:get_config()), a) "
            "local ok, e = pcall(a.execute, 'hi') print(ok, e.message, JSON.stringify(Event.receive(s, 1000).data), JSON.stringify(Event.receive(s, 1000).data)) error(e)"
        )
        javascript = (
            "Hook.register('pre_llm', (c) => { console.log(JSON.stringify(c.data)) }); const s = Event.subscribe('agent.*'); "
            f"const a = Agent.create({{ {made.replace(' =', ':').replace('base_url', 'baseUrl').replace('api_key', 'apiKey')} }}); console.log(JSON.stringify(a.getConfig()), a); "
            "try { await a.execute('hi') } catch (e) { console.log(e.message, JSON.stringify(await Event.receive(s, 1000)), JSON.stringify(await Event.receive(s, 1000))); throw e }"
        )
        ran = run(Script(language, lua if language == "lua" else javascript))
        assert ran.error is not None
        told = ran.out + ran.err + str(ran.error)
        assert "does not accept the key" in told
        assert '"agent":"' in told.replace(" ", "")
        assert KEY not in told


@dataclass
class Failing:
    """A provider that fails so often before it answers; a stream may fail after its first piece."""

    failures: int
    is_passing: bool = True
    is_late: bool = False
    asked: int = 0
    name: str = "failing"
    models: Sequence[str] = ("m",)
    capabilities: Capabilities = field(default_factory=Capabilities)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        self.asked += 1
        if self.asked <= self.failures:
            raise ProviderError("it is busy", is_passing=self.is_passing)
        return ModelAnswer(f"after {self.asked}", Usage(1, 1, 0.0))

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        if self.is_late:
            yield Chunk("piece ")
        answer = await self.complete(request)
        yield Chunk(answer.text)
        yield Chunk(answer=answer)

    async def close(self) -> None:
        """There is nothing to let go of."""


MADE_LUA = "local a = Agent.create({ name = 'a', model = 'failing/m', retries = { attempts = 3, backoff_seconds = 0.001 } }) "
MADE_JS = "const a = Agent.create({ name: 'a', model: 'failing/m', retries: { attempts: 3, backoffSeconds: 0.001 } }); "
ASKED = Pair(
    "asked",
    MADE_LUA + "local ok, r = pcall(a.execute, 'x') print(r.text or r.message)",
    MADE_JS + "try { say((await a.execute('x')).text) } catch (e) { say(e.message) }",
    "",
)
STREAMED = Pair(
    "streamed",
    MADE_LUA
    + "local texts = {} local ok, r = pcall(a.invoke_stream, 'x', function(c) texts[#texts + 1] = c.text end) print(table.concat(texts) .. '|' .. (r.text or r.message))",
    MADE_JS
    + "const texts = []; let r; try { r = (await a.invokeStream('x', (c) => { texts.push(c.text) })).text } catch (e) { r = e.message } say(texts.join('') + '|' + r)",
    "",
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("pair", "provider", "expect", "asked"),
    [
        (ASKED, Failing(2), "after 3", 3),
        (ASKED, Failing(3), "it is busy", 3),
        (ASKED, Failing(1, is_passing=False), "it is busy", 1),
        (STREAMED, Failing(2), "after 3|after 3", 3),
        (STREAMED, Failing(1, is_late=True), "piece |it is busy", 1),
    ],
    ids=["passing", "too often", "not passing", "a stream", "a stream that has begun"],
)
def test_retries(pair: Pair, provider: Failing, expect: str, asked: int, language: Language) -> None:
    used = Failing(provider.failures, provider.is_passing, provider.is_late)
    check_pair(
        Pair(pair.name, pair.lua, pair.javascript, f"{expect}\n"),
        language,
        services=Services(providers=Providers([used])),
    )
    assert used.asked == asked


@dataclass
class Drawing(Failing):
    """A provider that answers with a picture."""

    failures: int = 0
    name: str = "drawing"

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        return ModelAnswer("drawn", media=[Media("image", "image/png", b"\x89PNG\xff")])


DRAWN = Pair(
    "a picture",
    "local r = Agent.create({ model = 'drawing/m' }):execute('x') local m = r.media[1] print(#r.media, m.type, m.media_type, #m.data, m.data:byte(1), m.url)",
    "const r = await Agent.create({ model: 'drawing/m' }).execute('x'); const m = r.media[0]; say(r.media.length, m.type, m.mediaType, m.data.length, m.data[0], m.url)",
    "1\timage\timage/png\t5\t137\tnil\n",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_answers_with_a_picture(language: Language) -> None:
    check_pair(DRAWN, language, services=Services(providers=Providers([Drawing()])))


REFUSED = [
    Pair(
        "an address that is none",
        "Agent.create({ model = 'openai-compatible/m', base_url = 'nowhere' })",
        "Agent.create({ model: 'openai-compatible/m', baseUrl: 'nowhere' })",
        "Agent.create: 'options.base_url' must be the address of the model's server, `http://…` or `https://…`, with the version in its path; for this agent alone, but \"nowhere\" was given",
    ),
    Pair(
        "a provider that is not reached over a wire",
        "Agent.create({ model = 'echo', provider = 'echo', api_key = 'k' })",
        "Agent.create({ model: 'echo', provider: 'echo', apiKey: 'k' })",
        "the provider 'echo' takes no base_url and no api_key for the model 'echo'; name a service of models, for instance 'openai-compatible/echo'",
    ),
    Pair(
        "no attempts",
        "Agent.create({ model = 'echo', retries = { attempts = 0 } })",
        "Agent.create({ model: 'echo', retries: { attempts: 0 } })",
        "Agent.create: 'options.retries.attempts' must be at least 1, but 0 was given",
    ),
    Pair(
        "a turn that is waited for too long",
        "local a a = Agent.create({ name = 'a', model = 'scripted/tool', resource_limits = { max_execution_time_secs = 1 }, tools = { { name = 'double', handler = function() Async.sleep(30) end } } }) "
        "local first = Async.run(function() return a:execute('x') end) first:await()",
        "const a = Agent.create({ name: 'a', model: 'scripted/tool', resourceLimits: { maxExecutionTimeSecs: 1 }, tools: [{ name: 'double', handler: () => Async.sleep(30) }] }); "
        "await a.execute('x')",
        "the agent 'a' took longer than 1 seconds; raise max_execution_time_secs",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", REFUSED, ids=lambda pair: pair.name)
def test_refused(pair: Pair, language: Language, tmp_path: Path) -> None:
    spelled = {"lua": pair.expect, "javascript": pair.expect.replace("options.base_url", "options.baseUrl")}
    told = Pair(pair.name, pair.lua, pair.javascript, spelled[language])
    check_refused(told, language, services=scripted(tmp_path))


PARALLEL = Pair(
    "calls at the same time stay within the budget",
    "local work = {} for i = 1, 20 do work[i] = function() return Agent.create({ model = 'echo' }):execute('x').text end end local ok = 0 "
    "for _, one in ipairs(Async.all_settled(work)) do if one.status == 'fulfilled' then ok = ok + 1 end end print(ok, Agent.usage().calls)",
    "const work = Array.from({ length: 20 }, () => async () => (await Agent.create({ model: 'echo' }).execute('x')).text); "
    "const settled = await Async.allSettled(work); say(settled.filter((one) => one.status === 'fulfilled').length, Agent.usage().calls)",
    "5\t5\n",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_budget_holds_for_calls_at_the_same_time(language: Language) -> None:
    check_pair(PARALLEL, language, services=Services(budget=Budget(max_calls=5)))
