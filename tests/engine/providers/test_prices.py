"""What a call costs: by the prices of the settings, then by the table, by either of a model's names."""

from __future__ import annotations

import pytest
from llmspell_engine.providers.pricing import cost_of
from llmspell_engine.providers.settings import Price
from pydantic_ai.usage import RequestUsage

USAGE = RequestUsage(input_tokens=1_000_000, output_tokens=500_000)
DEAR, CHEAP = (
    Price(input_per_million=10, output_per_million=40),
    Price(input_per_million=1, output_per_million=2),
)
MINI = 0.15 + 0.6 / 2
"""What the table says of gpt-4o-mini."""


@pytest.mark.parametrize(
    ("asked", "answered", "own", "table", "cost"),
    [
        ("m", None, {"m": DEAR}, None, 30.0),
        ("m", "m-2026", {"m-2026": CHEAP}, None, 2.0),
        ("m", "m-2026", {"m": DEAR, "m-2026": CHEAP}, None, 30.0),
        ("gpt-4o-mini", None, {"gpt-4o-mini": CHEAP}, "openai", 2.0),
        ("gpt-4o-mini", None, {"other": CHEAP}, "openai", MINI),
        ("an-alias", "gpt-4o-mini", {}, "openai", MINI),
        ("gpt-4o-mini", None, {}, None, None),
        ("no-such-model", None, {}, "openai", None),
        ("gpt-4o-mini", None, {}, "no-such-service", None),
    ],
)
def test_costs(
    asked: str, answered: str | None, own: dict[str, Price], table: str | None, *, cost: float | None
) -> None:
    found = cost_of(USAGE, asked, answered, own, table)
    assert found == (None if cost is None else pytest.approx(cost))
