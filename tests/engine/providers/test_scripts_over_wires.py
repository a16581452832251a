"""Scripts ask models over real HTTP, in both languages and on each wire; a passing error is tried again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.providers import standard_providers
from llmspell_engine.providers.settings import ProviderSettings
from support.globals import Pair, check_pair
from support.model_server import Reply, serving
from support.reaching import KEY, formats
from support.wire_formats import Format

ASK = Pair(
    "an agent of a configured provider",
    'print(Agent.create({ model = "office/MODEL" }):execute({ text = "hi" }).text)',
    'console.log((await Agent.create({ model: "office/MODEL" }).execute({ text: "hi" })).text)',
    "hello\n",
)
OWN = """
class Shouting:
    def __init__(self, name, settings):
        self.end = settings.options["end"]

    async def complete(self, request):
        return request.messages[-1].text.upper() + self.end
"""


def asking(model: str, expect: str = "hello\n") -> Pair:
    return Pair(ASK.name, ASK.lua.replace("MODEL", model), ASK.javascript.replace("MODEL", model), expect)


@pytest.mark.parametrize("language", LANGUAGES)
@formats
def test_a_script_asks_a_model_over_a_wire(wire: Format, language: Language) -> None:
    with serving(Reply(wire.error("busy", 503), 503), wire.hello) as server:
        office = ProviderSettings(
            type=wire.service,  # type: ignore[arg-type]
            wire="native",
            base_url=server.url if wire.service != "openai" else f"{server.url}/v1",
            api_key=KEY,  # type: ignore[arg-type]
            api_key_env="LLMSPELL_TEST_NO_KEY",
            backoff_seconds=0.001,
            headers={"x-team": "red"},  # type: ignore[dict-item]
        )
        services = Services(providers=standard_providers(settings={"office": office}), log_level="error")
        check_pair(asking(wire.model), language, services=services)
        assert ["hi" in json.dumps(one.body) for one in server.received] == [True, True]
        assert server.received[1].headers["x-team"] == "red"
        services.close()
        assert not services.providers.is_open


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_script_asks_a_provider_of_ones_own(language: Language, tmp_path: Path) -> None:
    file = tmp_path / "shouting.py"
    file.write_text(OWN)
    office = ProviderSettings(file=file, options={"end": "!"})
    services = Services(providers=standard_providers(settings={"office": office}))
    check_pair(asking("any", "HI!\n"), language, services=services)
    services.close()
