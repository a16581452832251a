"""Finding a model's provider, and the echo."""

from __future__ import annotations

import subprocess
import sys

import pytest
from llmspell_engine.providers import Message, ModelRequest, ProviderError, standard_providers
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
            "there is no provider 'openia' for the model 'openia/gpt'; providers are 'anthropic', 'cohere',"
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


def test_settings_of_an_unknown_type_are_told() -> None:
    with pytest.raises(ProviderError, match=r"'office' has no type; set type in \[providers\.office\]"):
        standard_providers(settings={"office": ProviderSettings()}).resolve("office/llama")


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
