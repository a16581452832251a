"""Finding a model's provider, and the echo."""

from __future__ import annotations

import pytest
from llmspell_engine.providers import Message, ModelRequest, ProviderError, standard_providers


@pytest.mark.parametrize(
    ("model", "provider"), [("echo", None), ("echo/echo", None), ("echo", "echo"), ("echo/echo", "echo")]
)
def test_a_model_is_found(model: str, provider: str | None) -> None:
    found, name = standard_providers().resolve(model, provider)
    assert (found.name, name) == ("echo", "echo")


@pytest.mark.parametrize(
    ("model", "provider", "message"),
    [
        ("gpt", None, "there is no model 'gpt'; known models are 'echo/echo'"),
        (
            "openai/gpt",
            None,
            "there is no provider 'openai' for the model 'openai/gpt'; providers are 'echo'",
        ),
        ("gpt", "openai", "there is no provider 'openai' for the model 'openai/gpt'; providers are 'echo'"),
        ("echo/gpt", None, "the provider 'echo' has no model 'gpt'; known models are 'echo/echo'"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(
    model: str, provider: str | None, message: str
) -> None:
    with pytest.raises(ProviderError) as raised:
        standard_providers().resolve(model, provider)
    assert str(raised.value) == message


async def test_the_echo_repeats_the_last_prompt_and_counts_words() -> None:
    provider, model = standard_providers().resolve("echo")
    messages = [Message("system", "be brief"), Message("user", "one"), Message("assistant", "one"),
                Message("user", "two three")]  # fmt: skip
    answer = await provider.complete(ModelRequest(model, messages))
    assert (answer.text, answer.usage.input_tokens, answer.usage.output_tokens) == ("two three", 6, 2)
    assert answer.details == {"system_prompt": "be brief"}
    assert (await provider.complete(ModelRequest(model, messages, max_tokens=1))).text == "two"
