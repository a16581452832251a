"""The global ``Provider`` in both languages."""

from __future__ import annotations

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.providers import standard_providers
from llmspell_engine.providers.settings import ProviderSettings
from pydantic import SecretStr
from support.globals import Pair, check_pair
from support.ollama_server import serving
from support.runtime import both

KEY = SecretStr("the-key-of-a-provider")


def services(url: str = "http://127.0.0.1:9/v1") -> Services:
    settings = {
        "mine": ProviderSettings(
            type="openai-compatible", base_url=url, api_key=KEY, models=("small", "large")
        ),
        "openai": ProviderSettings(api_key_env="LLMSPELL_TEST_NO_SUCH_KEY"),
        "google": ProviderSettings(api_key_env="LLMSPELL_TEST_GOOGLE"),
    }
    return Services(providers=standard_providers(settings=settings))


PRINTS = [
    Pair(
        "a provider that is set up",
        "local p = Provider.get('mine')"
        " print(p.name, p.type, p.enabled, p.has_key, p.base_url, table.concat(p.models, ','))",
        "const p = Provider.get('mine');"
        " say(p.name, p.type, p.enabled, p.hasKey, p.baseUrl, p.models.join(','))",
        "mine\topenai-compatible\ttrue\ttrue\thttp://127.0.0.1:9/v1\tsmall,large\n",
    ),
    Pair(
        "a provider without its key, and one whose key is in the environment",
        "print(Provider.get('openai').enabled, Provider.is_available('openai'),"
        " Provider.get('google').enabled, Provider.get('gemini').name)",
        "say(Provider.get('openai').enabled, await Provider.isAvailable('openai'),"
        " Provider.get('google').enabled, Provider.get('gemini').name)",
        "false\tfalse\ttrue\tgoogle\n",
    ),
    Pair(
        "what a provider can do",
        "local c = Provider.get_capabilities('echo') print(c.supports_streaming, c.supports_tools,"
        " c.available_models[1], Provider.get_capabilities('mine').supports_multimodal)",
        "const c = Provider.getCapabilities('echo'); say(c.supportsStreaming, c.supportsTools,"
        " c.availableModels[0], Provider.getCapabilities('mine').supportsMultimodal)",
        "true\tfalse\techo\ttrue\n",
    ),
    Pair(
        "providers that need no key",
        "print(Provider.is_available('echo', { ping = true }), Provider.get('ollama').enabled,"
        " Provider.get('echo').base_url)",
        "say(await Provider.isAvailable('echo', { ping: true }), Provider.get('ollama').enabled,"
        " Provider.get('echo').baseUrl)",
        "true\ttrue\tnil\n",
    ),
    Pair(
        "a provider that does not exist",
        "print(Provider.get('x'), Provider.get_capabilities('x'), Provider.is_available('x'))",
        "say(Provider.get('x'), Provider.getCapabilities('x'), await Provider.isAvailable('x'))",
        "nil\tnil\tfalse\n",
    ),
    Pair(
        "all of them, by name",
        "local names, keys = {}, 0 for _, p in ipairs(Provider.list()) do names[p.name] = true"
        " for k, v in pairs(p) do if v == 'the-key-of-a-provider' then keys = keys + 1 end end end"
        " print(names.echo, names.mine, names.anthropic, names.nobody, keys)",
        "const names = Object.fromEntries(Provider.list().map((p) => [p.name, true]));"
        " const keys = JSON.stringify(Provider.list()).split('the-key-of-a-provider').length - 1;"
        " say(names.echo, names.mine, names.anthropic, names.nobody, keys)",
        "true\ttrue\ttrue\tnil\t0\n",
    ),
]


@both
@pytest.mark.parametrize("pair", PRINTS, ids=lambda pair: pair.name)
def test_providers(pair: Pair, language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMSPELL_TEST_GOOGLE", "a-key-of-google")
    check_pair(pair, language, services=services())


PING = Pair(
    "",
    "print(Provider.is_available('mine', { ping = true }), Provider.is_available('mine'))",
    "say(await Provider.isAvailable('mine', { ping: true }), await Provider.isAvailable('mine'))",
    "{answer}\ttrue\n",
)


@both
@pytest.mark.parametrize(("path", "answer"), [("/v1", "true"), ("/elsewhere", "false"), (None, "false")])
def test_a_ping_asks_the_server(path: str | None, answer: str, language: Language) -> None:
    pair = Pair(PING.name, PING.lua, PING.javascript, PING.expect.replace("{answer}", answer))
    with serving() as server:
        if path is not None:
            check_pair(pair, language, services=services(server.url + path))
            assert server.asked == [(f"{path}/models", None)]
    if path is None:
        check_pair(pair, language, services=services(server.url))
