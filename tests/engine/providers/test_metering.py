"""What a run's meter counts and refuses, for calls one after the other and for parallel ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmspell_engine.providers.base import (
    Capabilities,
    Chunk,
    Message,
    ModelAnswer,
    ModelRequest,
    ProviderError,
    Usage,
)
from llmspell_engine.providers.metering import Budget, BudgetError, Meter

REQUEST = ModelRequest("m", [Message("user", "x" * 36)])
"""About 10 tokens."""
USED = Usage(10, 20, 0.5)


@dataclass
class Working:
    """Answers when it is let, and knows how many it was asked."""

    usage: Usage = USED
    fails: Sequence[int] = ()
    """The calls that fail, by number from 1."""
    turns: int = 1
    asked: int = 0
    name: str = "working"
    models: Sequence[str] = ()
    capabilities: Capabilities = field(default_factory=Capabilities)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        self.asked += 1
        number = self.asked
        for _ in range(self.turns):
            await asyncio.sleep(0)
        if number in self.fails:
            raise ProviderError("broken")
        return ModelAnswer("a b", self.usage)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        yield Chunk("a ")
        answer = await self.complete(request)
        yield Chunk("b")
        yield Chunk(answer=answer)

    async def close(self) -> None: ...


async def ask(meter: Meter, provider: Working, is_stream: bool) -> None:
    if is_stream:
        async with aclosing(meter.stream(provider, REQUEST)) as chunks:
            async for _ in chunks:
                pass
    else:
        await meter.complete(provider, REQUEST)


def at_once(meter: Meter, provider: Working, count: int, is_stream: bool) -> list[BaseException]:
    """Ask so often in parallel; what went wrong."""

    async def all_of_them() -> list[BaseException]:
        done = await asyncio.gather(
            *(ask(meter, provider, is_stream) for _ in range(count)), return_exceptions=True
        )
        return [each for each in done if each is not None]

    return asyncio.run(all_of_them())


@pytest.mark.parametrize("is_stream", [False, True])
def test_parallel_calls_keep_to_the_number_of_calls(is_stream: bool) -> None:
    meter, provider = Meter(Budget(max_calls=3)), Working()
    errors = at_once(meter, provider, 9, is_stream)
    assert (provider.asked, meter.total.calls, len(errors)) == (3, 3, 6)
    assert str(errors[0]) == (
        "the budget of this run is used up: 0 calls of 3 calls after 0 model calls and 3 more under way;"
        " raise it with --max-calls, or max_calls in [run]"
    )


@given(
    limit=st.integers(0, 8),
    count=st.integers(0, 12),
    fails=st.lists(st.integers(1, 12)),
    turns=st.integers(0, 3),
    is_stream=st.booleans(),
)
def test_no_number_of_parallel_calls_passes_the_budget(
    limit: int, count: int, fails: list[int], turns: int, is_stream: bool
) -> None:
    meter = Meter(Budget(max_calls=limit))
    provider = Working(fails=fails, turns=turns)
    for _ in range(2):
        errors = at_once(meter, provider, count, is_stream)
        assert all(isinstance(each, BudgetError | ProviderError) for each in errors)
    assert meter.total.calls <= limit
    if not fails:
        assert provider.asked == meter.total.calls == min(limit, 2 * count)


def test_what_parallel_calls_ask_counts_before_they_are_answered() -> None:
    meter, provider = Meter(Budget(max_tokens=25)), Working()
    errors = at_once(meter, provider, 9, is_stream=False)
    assert (provider.asked, {type(each) for each in errors}) == (3, {BudgetError})
    assert (
        "0 tokens of 25 tokens after 0 model calls and 3 more under way; raise it with --max-tokens"
        in str(errors[0])
    )


@pytest.mark.parametrize(
    ("budget", "calls", "words"),
    [
        (Budget(max_calls=2), 2, "2 calls of 2 calls after 2 model calls; raise it with --max-calls"),
        (Budget(max_tokens=60), 2, "60 tokens of 60 tokens after 2 model calls; raise it with --max-tokens"),
        (Budget(max_tokens=61), 3, "90 tokens of 61 tokens after 3 model calls"),
        (Budget(max_cost=1.0), 2, r"\$1\.0000 of \$1\.0000 after 2 model calls; raise it with --max-cost"),
        (Budget(max_calls=0), 0, "0 calls of 0 calls after 0 model calls"),
    ],
)
async def test_calls_one_after_the_other_end_where_the_budget_does(
    budget: Budget, calls: int, words: str
) -> None:
    meter, provider = Meter(budget), Working()
    for _ in range(calls):
        await meter.complete(provider, REQUEST)
    with pytest.raises(BudgetError, match=words):
        await meter.complete(provider, REQUEST)
    assert provider.asked == calls


async def test_a_failed_call_counts_for_nothing() -> None:
    meter, provider = Meter(Budget(max_calls=1)), Working(fails=[1])
    with pytest.raises(ProviderError):
        await meter.complete(provider, REQUEST)
    await meter.complete(provider, REQUEST)
    assert meter.total.calls == 1


async def test_what_a_provider_says_is_handed_on_and_counted_by_model() -> None:
    meter, provider = Meter(), Working()
    answer = await meter.complete(provider, REQUEST)
    assert (answer.text, answer.usage) == ("a b", USED)
    chunks = [chunk async for chunk in meter.stream(provider, ModelRequest("n", REQUEST.messages))]
    assert "".join(chunk.text for chunk in chunks) == "a b"
    await meter.complete(Working(usage=Usage(1, 2), name="other"), REQUEST)
    expected = {"working/m": (1, 30, 0.5, 0), "working/n": (1, 30, 0.5, 0), "other/m": (1, 3, 0.0, 1)}
    for ledger in (meter.by_model, meter.by_model_of_all):
        assert {
            name: (used.calls, used.tokens, used.cost, used.unpriced) for name, used in ledger.items()
        } == expected
    total = meter.total
    assert (total.calls, total.input_tokens, total.output_tokens, total.cost, total.unpriced) == (
        3,
        21,
        42,
        1.0,
        1,
    )


@dataclass
class Unreachable(Working):
    """Fails before its stream brings anything."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        self.asked += 1
        raise ProviderError("broken")
        yield Chunk("a ")


async def test_a_stream_that_never_begins_counts_for_nothing() -> None:
    meter = Meter(Budget(max_calls=1))
    for _ in range(2):
        with pytest.raises(ProviderError):
            await anext(meter.stream(Unreachable(), REQUEST))
    assert (meter.total.calls, meter.by_model) == (0, {})


async def test_a_stream_that_is_given_up_counts_as_a_call_of_unknown_usage() -> None:
    meter, provider = Meter(Budget(max_calls=1)), Working()
    async with aclosing(meter.stream(provider, REQUEST)) as chunks:
        assert (await anext(chunks)).text == "a "
    assert (meter.total.calls, meter.total.tokens, meter.total.unpriced) == (1, 0, 1)
    with pytest.raises(BudgetError):
        await anext(meter.stream(provider, REQUEST))


async def test_a_stream_whose_answer_is_there_is_not_under_way_any_more() -> None:
    meter, provider = Meter(Budget(max_calls=2)), Working()
    async with aclosing(meter.stream(provider, REQUEST)) as chunks:
        async for chunk in chunks:
            if chunk.answer:
                await meter.complete(provider, REQUEST)
    assert meter.total.calls == 2
