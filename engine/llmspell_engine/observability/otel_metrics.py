"""What of spans is measured, as metrics of OpenTelemetry.

==================================  ===========  =======================================================
``gen_ai.client.operation.duration``  s          model calls; how many there were is its count
``gen_ai.client.token.usage``       {token}      their tokens, by ``gen_ai.token.type``: input, output
``llmspell.cost``                   {USD}        their cost, of those whose price is known
``llmspell.KIND.duration``          s            runs, agents, tools, workflows, steps
``llmspell.errors``                 {error}      spans that ended with an error, by ``llmspell.kind``
==================================  ===========  =======================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from llmspell_engine.observability.spans import ERROR_TYPE

if TYPE_CHECKING:
    from opentelemetry.metrics import Histogram, Meter

    from llmspell_engine.observability.tracing import SpanKind

_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_TOKENS = tuple(float(4**power) for power in range(14))
"""The buckets that the conventions for generative AI ask for."""
_OF_MODELS = ("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model")
_OF_OTHERS = ("gen_ai.agent.name", "gen_ai.tool.name", "workflow.name", "workflow.step.path")


class Measures:
    """The instruments of a meter."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._calls = self._duration("gen_ai.client.operation.duration", "GenAI operation duration.")
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            "{token}",
            "Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )
        self._cost = meter.create_counter("llmspell.cost", "{USD}", "What model calls cost.")
        self._errors = meter.create_counter("llmspell.errors", "{error}", "Work that failed.")
        self._durations: dict[SpanKind, Histogram] = {}

    def measure(self, kind: SpanKind, attributes: Mapping[str, Any], seconds: float) -> None:
        """Record a span that has ended."""
        failed = _some(attributes, (ERROR_TYPE,))
        if failed:
            self._errors.add(1, {"llmspell.kind": kind, **failed})
        if kind == "model":
            self._model_call(attributes, failed, seconds)
        else:
            histogram = self._durations.get(kind) or self._of_kind(kind)
            histogram.record(seconds, {**_some(attributes, _OF_OTHERS), **failed})

    def _model_call(self, attributes: Mapping[str, Any], failed: Mapping[str, Any], seconds: float) -> None:
        facts = _some(attributes, _OF_MODELS)
        self._calls.record(seconds, {**facts, **failed})
        for direction in ("input", "output"):
            count = attributes.get(f"gen_ai.usage.{direction}_tokens")
            if count is not None:
                self._tokens.record(count, {**facts, "gen_ai.token.type": direction})
        if attributes.get("llmspell.cost"):
            self._cost.add(attributes["llmspell.cost"], facts)

    def _of_kind(self, kind: SpanKind) -> Histogram:
        found = self._durations[kind] = self._duration(f"llmspell.{kind}.duration", f"Duration of a {kind}.")
        return found

    def _duration(self, name: str, description: str) -> Histogram:
        return self._meter.create_histogram(
            name, "s", description, explicit_bucket_boundaries_advisory=_SECONDS
        )


def _some(attributes: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: attributes[name] for name in names if name in attributes}
