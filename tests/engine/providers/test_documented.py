"""The examples of docs/providers.md do what the page says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from llmspell_engine.config import load
from llmspell_engine.providers import Message, ModelRequest, standard_providers
from llmspell_engine.providers.scripted import ScriptedProvider

PAGE = (Path(__file__).parents[3] / "docs" / "providers.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


async def test_the_provider_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "my_provider.py").write_text(blocks("python")[0])
    table = next(each for each in blocks("toml") if "my_provider.py" in each)
    (tmp_path / "llmspell.toml").write_text(table)
    settings = load(tmp_path / "llmspell.toml").providers
    provider, model = standard_providers(settings=settings).resolve("shouting/loud")
    answer = await provider.complete(ModelRequest(model, [Message("user", "hello")]))
    assert answer.text == "HELLO!"


def test_the_settings(tmp_path: Path) -> None:
    tables = [each for each in blocks("toml") if "entry-points" not in each]
    assert len(tables) == 3
    for table in tables:
        (tmp_path / "llmspell.toml").write_text(table)
        assert load(tmp_path / "llmspell.toml").providers.keys() == tomllib.loads(table)["providers"].keys()


async def test_the_scripted_answers(tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text(blocks("yaml")[0])
    provider = ScriptedProvider(tmp_path / "answers.yaml")
    system = Message("system", "be brief")
    asked = ModelRequest("shop", [system, Message("user", "How much is an apple?")])
    assert (await provider.complete(asked)).tool_calls[0].name == "price_of"
    for _ in range(3):
        chunks = [chunk.text async for chunk in provider.stream(asked)]
        assert chunks == ["An apple", " costs 0.50.", ""]
