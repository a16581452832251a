"""What a run uses: every model call goes through its meter, which counts, tells and may refuse."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field

from llmspell_engine.observability import NO_TRACER, Span, Tracer
from llmspell_engine.observability.content import of_answer, of_request
from llmspell_engine.providers.base import NO_USAGE, Chunk, ModelAnswer, ModelRequest, Provider, Usage
from llmspell_engine.providers.token_rate import asked_tokens


class BudgetError(Exception):
    """The budget of a run is used up; no more model calls are made."""

    kind = "BudgetError"


@dataclass(slots=True)
class Budget:
    """What a run may use; None is no limit. Costs are in US dollars."""

    max_calls: int | None = None
    max_tokens: int | None = None
    max_cost: float | None = None

    def change(self, to: Budget) -> None:
        """Hold runs that are under way to other limits from their next call on."""
        self.max_calls, self.max_tokens, self.max_cost = to.max_calls, to.max_tokens, to.max_cost


@dataclass(slots=True)
class Used:
    """What was used so far. ``cost`` leaves out calls whose price is not known: ``unpriced`` counts them."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    unpriced: int = 0

    @property
    def tokens(self) -> int:
        """Tokens in and out together."""
        return self.input_tokens + self.output_tokens

    def add(self, usage: Usage) -> None:
        """Count one call."""
        self.calls += 1
        self.input_tokens += usage.input_tokens
        self.output_tokens += usage.output_tokens
        self.cost += usage.cost or 0.0
        self.unpriced += usage.cost is None


@dataclass(slots=True, eq=False)
class _Call:
    """A call that was begun."""

    model: str
    span: Span
    request: ModelRequest
    is_begun: bool = False
    """Whether a stream has brought something."""


@dataclass(slots=True)
class Meter:
    """Counts the model calls of one run, and refuses those beyond its budget."""

    budget: Budget = field(default_factory=Budget)
    tracer: Tracer = NO_TRACER
    total: Used = field(default_factory=Used)
    by_model: dict[str, Used] = field(default_factory=dict)
    by_model_of_all: dict[str, Used] = field(default_factory=dict)
    """What all runs of the engine used; they count on its loop, one at a time."""

    _under_way: list[_Call] = field(default_factory=list)
    """The calls that have no answer yet: they count against the budget, so that parallel ones keep to it."""

    async def complete(self, provider: Provider, request: ModelRequest) -> ModelAnswer:
        """Ask a provider. Raises what it raises, and BudgetError."""
        with self._call(provider, request) as call:
            answer = await provider.complete(request)
            self._count(call, answer)
            return answer

    async def stream(self, provider: Provider, request: ModelRequest) -> AsyncGenerator[Chunk]:
        """Ask a provider for a stream. Raises what it raises, and BudgetError.

        One that has begun and has no end counts as a call whose usage is not known.
        """
        with self._call(provider, request) as call:
            try:
                async with aclosing(provider.stream(request)) as chunks:
                    async for chunk in chunks:
                        call.is_begun = True
                        if chunk.answer:
                            self._count(call, chunk.answer)
                        yield chunk
            finally:
                if call.is_begun and call in self._under_way:
                    self._add(call, NO_USAGE)

    @contextmanager
    def _call(self, provider: Provider, request: ModelRequest) -> Iterator[_Call]:
        self._check()
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider.name,
            "gen_ai.request.model": request.model,
        }
        with self.tracer.span("model", f"chat {request.model}", **attributes) as span:
            span.set(**of_request(request))
            call = _Call(f"{provider.name}/{request.model}", span, request)
            self._under_way.append(call)
            try:
                yield call
            finally:
                if call in self._under_way:
                    self._under_way.remove(call)

    def _count(self, call: _Call, answer: ModelAnswer) -> None:
        usage = answer.usage
        self._add(call, usage)
        facts = {
            "gen_ai.usage.input_tokens": usage.input_tokens,
            "gen_ai.usage.output_tokens": usage.output_tokens,
            "gen_ai.response.finish_reasons": [answer.finish_reason],
        }
        priced = {} if usage.cost is None else {"llmspell.cost": usage.cost}
        call.span.set(**facts, **priced, **of_answer(answer))

    def _add(self, call: _Call, usage: Usage) -> None:
        """Count a call, which is not under way any more."""
        self._under_way.remove(call)
        self.total.add(usage)
        for ledger in (self.by_model, self.by_model_of_all):
            ledger.setdefault(call.model, Used()).add(usage)

    def _check(self) -> None:
        """Refuse one more call where the budget is used up, or will be by the calls under way.

        Of these, the number is known, and about what they ask; not what they are
        answered, nor what that costs.
        """
        limits, used, under_way = self.budget, self.total, self._under_way
        if limits.max_calls is not None:
            self._check_limit("calls", limits.max_calls, used.calls, len(under_way))
        if limits.max_tokens is not None:
            soon = sum(asked_tokens(call.request) for call in under_way)
            self._check_limit("tokens", limits.max_tokens, used.tokens, soon)
        if limits.max_cost is not None:
            self._check_limit("cost", limits.max_cost, used.cost, 0)

    def _check_limit(self, word: str, limit: float, now: float, soon: float) -> None:
        """Raise BudgetError where what is used and what soon will be leave nothing of a limit."""
        if now + soon < limit:
            return
        also = f" and {len(self._under_way)} more under way" if soon else ""
        raise BudgetError(
            f"the budget of this run is used up: {_amount(word, now)} of {_amount(word, limit)} after"
            f" {self.total.calls} model calls{also}; raise it with --max-{word}, or max_{word} in [run]"
        )


def _amount(word: str, amount: float) -> str:
    return f"${amount:.4f}" if word == "cost" else f"{amount:g} {word}"
