"""Finding a model's provider, and the echo."""

from __future__ import annotations

import subprocess
import sys

import pytest
from llmspell_engine.providers import Message, ModelRequest, ProviderError, standard_providers
from llmspell_engine.providers.resilience import ResilientProvider
from llmspell_engine.providers.settings import ProviderSettings


@pytest.mark.parametrize(
    ("model", "provider"), [("echo", None), ("echo/echo", None), ("echo", "echo"), ("echo/echo", "echo")]
)
def test_a_model_is_found(model: str, provider: str | None) -> None:
    found, name = standard_providers().resolve(model, provider)
    assert (found.name, name) == ("echo", "echo")


@pytest.mark.parametrize(
    ("model", "provider", "message"),
    [
        ("no-such", None, "there is no model 'no-such'; known models are 'echo/echo'"),
        (
            "openia/gpt",
            None,
            "there is no provider 'openia' for the model 'openia/gpt'; did you mean 'openai/gpt'?",
        ),
        (
            "nobody/gpt",
            None,
            "there is no provider 'nobody' for the model 'nobody/gpt'; providers are 'anthropic', 'cohere',"
            " 'deepseek', 'echo', 'google', 'groq', 'mistral', 'ollama', 'openai', 'openai-compatible',"
            " 'openrouter', 'xai'",
        ),
        ("echo/gpt", None, "the provider 'echo' has no model 'gpt'; known models are 'echo/echo'"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(
    model: str, provider: str | None, message: str
) -> None:
    with pytest.raises(ProviderError) as raised:
        standard_providers().resolve(model, provider)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("model", "provider", "name"),
    [
        ("openai/gpt-5", "openai", "gpt-5"),
        ("gpt-5", "openai", "gpt-5"),
        ("claude-opus-4-1", "anthropic", "claude-opus-4-1"),
        ("gemini/gemini-2.5-pro", "google", "gemini-2.5-pro"),
        ("local/llama3", "ollama", "llama3"),
        ("grok/grok-4", "xai", "grok-4"),
        ("openrouter/meta/llama", "openrouter", "meta/llama"),
        ("office/llama", "office", "llama"),
    ],
)
def test_services_are_known_by_name_and_by_their_models(model: str, provider: str, name: str) -> None:
    office = ProviderSettings(type="openai-compatible", base_url="http://127.0.0.1:9/v1")
    providers = standard_providers(settings={"office": office})
    assert not providers.is_open
    found, own = providers.resolve(model)
    assert (found.name, own, providers.is_open) == (provider, name, True)
    assert providers.resolve(model)[0] is found


def test_a_provider_that_is_set_up_by_a_name_has_it() -> None:
    settings = ProviderSettings(type="openai-compatible", base_url="http://127.0.0.1:9/v1")
    assert standard_providers(settings={"local": settings}).resolve("local/llama3")[0].name == "local"


def test_a_configured_list_of_models_is_the_only_one() -> None:
    providers = standard_providers(settings={"openai": ProviderSettings(models=("gpt-5",))})
    assert providers.resolve("openai/gpt-5")[1] == "gpt-5"
    with pytest.raises(ProviderError, match="the provider 'openai' has no model 'gpt-4'"):
        providers.resolve("openai/gpt-4")


async def test_new_settings_limit_providers_in_use_and_make_further_ones() -> None:
    providers = standard_providers()
    used, _ = providers.resolve("openai/gpt-5")
    providers.limit({"openai": ProviderSettings(max_concurrent=2), "groq": ProviderSettings(models=("a",))})
    assert providers.resolve("openai/gpt-5")[0] is used
    assert isinstance(used, ResilientProvider)
    assert used.settings.max_concurrent == 2
    assert providers.resolve("groq/a")[0].models == ("a",)
    await providers.close()


def test_settings_of_an_unknown_type_are_told() -> None:
    with pytest.raises(ProviderError, match=r"'office' has no type; set type in \[providers\.office\]"):
        standard_providers(settings={"office": ProviderSettings()}).resolve("office/llama")


async def test_an_address_or_key_of_its_own_gives_a_provider_shared_by_value() -> None:
    providers = standard_providers()
    common, _ = providers.resolve("openai/gpt-5")
    one, name = providers.resolve("openai/gpt-5", base_url="http://127.0.0.1:9/v1", api_key="k1")
    assert (one.name, name) == ("openai", "gpt-5")
    assert one is not common
    assert providers.resolve("gpt-5", "openai", base_url="http://127.0.0.1:9/v1", api_key="k1")[0] is one
    assert providers.resolve("gpt-5", base_url="http://127.0.0.1:9/v1", api_key="k2")[0] is not one
    assert providers.resolve("openai/gpt-5")[0] is common
    assert providers.resolve("llama", base_url="http://127.0.0.1:9/v1")[0].name == "openai-compatible"
    await providers.close()
    assert not providers.is_open


def test_an_address_of_its_own_needs_a_service() -> None:
    with pytest.raises(ProviderError, match="the provider 'echo' takes no base_url and no api_key"):
        standard_providers().resolve("echo/echo", base_url="http://127.0.0.1:9/v1")


def test_nothing_is_imported_for_the_echo() -> None:
    code = (
        "import sys; from llmspell_engine.providers import standard_providers;"
        "standard_providers().resolve('echo');"
        "print(*{'pydantic', 'pydantic_ai', 'openai', 'httpx', 'anyio', 'keyring'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == ""


async def test_the_echo_repeats_the_last_prompt_and_counts_words() -> None:
    provider, model = standard_providers().resolve("echo")
    messages = [Message("system", "be brief"), Message("user", "one"), Message("assistant", "one"),
                Message("user", "two three")]  # fmt: skip
    answer = await provider.complete(ModelRequest(model, messages))
    assert (answer.text, answer.usage.input_tokens, answer.usage.output_tokens) == ("two three", 6, 2)
    assert answer.details == {"system_prompt": "be brief"}
    assert (await provider.complete(ModelRequest(model, messages, max_tokens=1))).text == "two"
