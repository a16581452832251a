"""Cassettes at the boundary of a provider: what is asked once is answered again from the file."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmspell_engine.providers import (
    Capabilities,
    Chunk,
    Media,
    Message,
    ModelAnswer,
    ModelRequest,
    Provider,
    ProviderError,
    Providers,
    ToolCall,
    Usage,
)
from llmspell_engine.providers.base import RateLimitError
from llmspell_engine.providers.cassette import CassetteError, CassetteProviders, Mode, open_cassette

PICTURE = Media("image", "image/png", b"\x89PNG picture")
TIMEOUT = 10


@dataclass
class Numbering:
    """A user's own provider: it numbers its answers, draws, calls tools, and refuses on demand."""

    name: str = "numbering"
    models: Sequence[str] = ()
    capabilities: Capabilities = field(default_factory=Capabilities)
    asked: int = 0

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        self.asked += 1
        text = request.messages[-1].text
        if text == "refuse":
            raise RateLimitError("too many", status=429, retry_after=1.5, is_passing=True)
        return ModelAnswer(
            f"{text} {self.asked}",
            Usage(3, 2, 0.25),
            tool_calls=[ToolCall("c1", "weigh", {"fruit": "pear", "grams": [1, None]})],
            media=[PICTURE],
            finish_reason="tool_calls",
            model="numbering-1",
            details={"id": 7},
        )

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        yield Chunk("one ")
        yield Chunk("two")
        yield Chunk(answer=await self.complete(request))

    async def close(self) -> None:
        """There is nothing to let go of."""


def ask(text: str, **settings: object) -> ModelRequest:
    return ModelRequest("m", [Message("user", text, media=[PICTURE])], **settings)  # type: ignore[arg-type]


def play(file: Path, mode: Mode, work: Callable[[Provider], Awaitable[object]], **options: object) -> None:
    """Do something with a provider before a cassette; a replay has none behind it."""
    real = Providers([] if mode == "replay" else [Numbering()])
    cassette = open_cassette(file, mode, **options)  # type: ignore[arg-type]
    provider, model = CassetteProviders(real, cassette).resolve("numbering/m")
    assert model == "m"

    async def limited() -> None:
        with anyio.fail_after(TIMEOUT):
            await work(provider)

    anyio.run(limited)


def calls(file: Path) -> list[dict[str, object]]:
    return [value for value in map(json.loads, file.read_text().splitlines()) if "request" in value]


def test_a_replay_gives_what_was_recorded_whatever_the_order(tmp_path: Path) -> None:
    file, seen = tmp_path / "new" / "c.jsonl", list[object]()

    async def outcomes(provider: Provider, texts: Sequence[str]) -> list[object]:
        found: dict[str, object] = {}

        async def one(text: str) -> None:
            async with aclosing(provider.stream(ask(text))) as chunks:
                found[text] = [await provider.complete(ask(text)), [chunk async for chunk in chunks]]
            with pytest.raises(RateLimitError) as refused:
                await provider.complete(ask("refuse", seed=len(text)))
            found[f"{text} refused"] = (str(refused.value), vars(refused.value))

        async with anyio.create_task_group() as group:
            for text in texts:
                group.start_soon(one, text)
        return [found[text] for text in sorted(found)]

    async def record(provider: Provider) -> None:
        seen.append(await outcomes(provider, ["a", "bb", "ccc"]))

    async def replay(provider: Provider) -> None:
        seen.append(await outcomes(provider, ["ccc", "a", "bb"]))

    play(file, "record", record)
    play(file, "replay", replay)
    assert seen[0] == seen[1]
    text = file.read_text()
    assert text.count('{"media"') == 1, "the bytes of a medium stand once"
    assert len(calls(file)) == 9


def test_the_same_request_is_answered_in_recorded_order_and_then_no_more(tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"

    async def twice(provider: Provider) -> None:
        assert [(await provider.complete(ask("x"))).text for _ in range(2)] == ["x 1", "x 2"]

    async def thrice(provider: Provider) -> None:
        await twice(provider)
        with pytest.raises(CassetteError, match=r"left: it was recorded 2 times \(line 3, 4\)"):
            await provider.complete(ask("x"))

    play(file, "record", twice)
    play(file, "replay", thrice)


def test_auto_asks_for_what_is_missing_only(tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"

    async def first(provider: Provider) -> None:
        await provider.complete(ask("x"))

    async def more(provider: Provider) -> None:
        assert (await provider.complete(ask("y"))).text == "y 1"
        assert (await provider.complete(ask("x"))).text == "x 1"

    play(file, "auto", first)
    file.write_text(file.read_text().rstrip("\n"))  # as an editor may leave it
    play(file, "auto", more)
    play(file, "replay", more)
    assert len(calls(file)) == 2


def test_a_stream_that_was_closed_early_ends_there_again(tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"

    async def one_chunk(provider: Provider) -> None:
        async with aclosing(provider.stream(ask("x"))) as chunks:
            assert (await anext(chunks)).text == "one "

    async def all_chunks(provider: Provider) -> None:
        async with aclosing(provider.stream(ask("x"))) as chunks:
            assert (await anext(chunks)).text == "one "
            with pytest.raises(CassetteError, match=r"c.jsonl:3: this stream was closed here"):
                await anext(chunks)

    play(file, "record", one_chunk)
    play(file, "replay", one_chunk)
    play(file, "replay", all_chunks)


def test_a_missing_call_is_told_with_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"

    async def record(provider: Provider) -> None:
        await provider.complete(ask("quite another thing"))
        await provider.complete(ask("name a colour", temperature=0.5))

    async def replay(provider: Provider) -> None:
        with pytest.raises(CassetteError) as missing:
            await provider.complete(ask("name a color", temperature=0.5, stop=["."]))
        assert str(missing.value) == (
            f"the cassette '{file}' has no call of this request to 'numbering/m'; record it with"
            f" --record-missing. The nearest is {file}:4, which differs:"
            '\n  messages[0].text: recorded "name a colour", asked "name a color"'
            '\n  stop: recorded nothing, asked ["."]'
        )
        # How long one waits does not decide about the answer.
        await provider.complete(ask("name a colour", temperature=0.5, timeout=3))

    play(file, "record", record)
    play(file, "replay", replay)


def test_secrets_are_masked_and_still_found(tmp_path: Path) -> None:
    file, key, other = tmp_path / "c.jsonl", "sk-proj-0123456789abcdef", "correct horse battery"

    async def tell(provider: Provider) -> None:
        await provider.complete(ask(f"my key is {key}, my word {other}", extra={"key": [other]}))

    play(file, "record", tell, secrets=[other, "", "is"])
    play(file, "replay", tell, secrets=[other])
    text = file.read_text()
    assert key not in text
    assert other not in text
    assert "my key is [secret], my word [secret]" in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "begins"),
        ('{"llmspell_cassette": 2}\n', r"c.jsonl:1: a cassette begins with"),
        ('{"llmspell_cassette": 1}\n\n{"request": {"mod\n', r"c.jsonl:3: this is no line of a cassette"),
        ('{"llmspell_cassette": 1}\n{"request": {}}\n', r"c.jsonl:2: .*no answer, no chunks and no error"),
        ('{"llmspell_cassette": 1}\n[1]\n', r"c.jsonl:2: this is no line"),
        ('{"llmspell_cassette": 1}\n{"media": "a", "data": "?"}\n', r"c.jsonl:2: this is no line"),
    ],
)
def test_what_is_no_cassette_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "c.jsonl"
    file.write_text(text)
    with pytest.raises(CassetteError, match=message):
        open_cassette(file, "replay")


def test_only_a_replay_needs_no_provider(tmp_path: Path) -> None:
    cassettes = CassetteProviders(Providers([]), open_cassette(tmp_path / "c.jsonl", "auto"))
    with pytest.raises(ProviderError, match="there is no provider 'openai'"):
        cassettes.resolve("openai/gpt")
    replay = CassetteProviders(Providers([]), open_cassette(tmp_path / "c.jsonl", "replay"))
    provider, model = replay.resolve("gpt", "openai")
    assert (provider.name, model) == ("openai", "gpt")


ASKED = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.booleans()), max_size=8)
"""Calls: what is asked, and whether for a stream."""


@given(asked=ASKED, order=st.randoms(use_true_random=False), turns=st.integers(0, 3))
def test_any_interleaving_of_recorded_calls_replays_exactly(
    asked: list[tuple[str, bool]], order: random.Random, turns: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each recorded answer is given once, to its own request, and in the order of the file."""
    file = tmp_path_factory.mktemp("any") / "c.jsonl"

    async def all_of_them(provider: Provider) -> dict[tuple[str, bool], list[ModelAnswer | None]]:
        found: dict[tuple[str, bool], list[ModelAnswer | None]] = {}

        async def one(text: str, is_stream: bool) -> None:
            kept = found.setdefault((text, is_stream), [])
            at = len(kept)
            kept.append(None)
            if not is_stream:
                kept[at] = await provider.complete(ask(text))
                return
            async for chunk in provider.stream(ask(text)):
                for _ in range(order.randint(0, turns)):
                    await anyio.lowlevel.checkpoint()
                kept[at] = chunk.answer

        async with anyio.create_task_group() as group:
            for text, is_stream in asked:
                group.start_soon(one, text, is_stream)
        return found

    async def record(provider: Provider) -> None:
        await all_of_them(provider)

    async def replay(provider: Provider) -> None:
        replayed.update(await all_of_them(provider))

    play(file, "record", record)
    replayed: dict[tuple[str, bool], list[ModelAnswer | None]] = {}
    order.shuffle(asked)
    play(file, "replay", replay)
    recorded: dict[tuple[str, bool], list[str]] = {}
    for call in calls(file):
        request, answer = call["request"], call["answer"]
        assert isinstance(request, dict)
        assert isinstance(answer, dict)
        key = request["messages"][-1]["text"], "stream" in request
        recorded.setdefault(key, []).append(answer["text"])
    assert {key: [each and each.text for each in answers] for key, answers in replayed.items()} == recorded
    cassette = open_cassette(file, "replay")
    assert len(cassette.unused()) == len(asked)
