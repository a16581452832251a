"""A script asks a model over real HTTP, in both languages; a passing error is tried again."""

from __future__ import annotations

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.providers import standard_providers
from llmspell_engine.providers.settings import ProviderSettings
from support.globals import Pair, check_pair
from support.model_server import Reply, serving

ASK = Pair(
    "an agent of a configured provider",
    'print(Agent.create({ model = "office/llama" }):execute({ text = "hi" }).text)',
    'console.log((await Agent.create({ model: "office/llama" }).execute({ text: "hi" })).text)',
    "hello\n",
)
HELLO = {
    "id": "1", "object": "chat.completion", "created": 1, "model": "llama",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_script_asks_a_model_over_a_wire(language: Language) -> None:
    with serving(Reply({"error": "busy"}, 503), Reply(HELLO)) as server:
        office = ProviderSettings(
            type="openai-compatible",
            base_url=f"{server.url}/v1",
            backoff_seconds=0.001,
            headers={"x-team": "red"},
        )
        services = Services(providers=standard_providers(settings={"office": office}))
        check_pair(ASK, language, services=services)
        assert [one.body["messages"][-1]["content"] for one in server.received] == ["hi", "hi"]
        assert server.received[1].headers["x-team"] == "red"
        services.close()
        assert not services.providers.is_open
