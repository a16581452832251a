"""What is told of providers without asking a model, and whether their servers answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.providers import standard_providers
from llmspell_engine.providers.description import answers, describe
from llmspell_engine.providers.settings import ProviderSettings
from support.model_server import serving
from support.reaching import KEY, run

ADDRESSES = [
    ("openai", "/v1", "/v1/models"),
    ("anthropic", "", "/v1/models"),
    ("anthropic", "/v1/", "/v1/models"),
    ("google", "/v1beta", "/v1beta/models"),
    ("groq", "/openai/v1", "/openai/v1/models"),
    ("mistral", "/v1", "/v1/models"),
    ("cohere", "/v2", "/v1/models"),
]


@pytest.mark.parametrize(("service", "path", "asked"), ADDRESSES)
def test_a_server_answers_where_it_lists_its_models(service: str, path: str, asked: str) -> None:
    with serving() as server:
        server.listing = {}
        given: dict[str, Any] = {"api_key": KEY, "api_key_env": "LLMSPELL_TEST_NO_KEY", "wire": "native"}
        settings = ProviderSettings(base_url=server.url + path, **given)
        providers = standard_providers(settings={service: settings})
        assert run(lambda: answers(providers, service)) is True
        assert server.listed[0].path == asked
        assert any(KEY in value for value in server.listed[0].headers.values())
        server.listing = None
        assert run(lambda: answers(providers, service)) is False


def test_a_provider_of_ones_own_is_told_without_running_its_code(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text("raise SystemExit")
    providers = standard_providers(settings={"mine": ProviderSettings(file=file, models=("a",))})
    told = describe(providers, "mine")
    assert told is not None
    assert (told.name, told.models, told.is_ready) == ("mine", ("a",), True)
    assert describe(providers, "none") is None
