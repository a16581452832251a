"""What calls cost in US dollars: the prices of the settings, then those of the table of genai-prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_ai.usage import RequestUsage

    from llmspell_engine.providers.settings import Price

_MILLION = 1_000_000


def cost_of(
    usage: RequestUsage, asked: str, answered: str | None, own: Mapping[str, Price], table: str | None
) -> float | None:
    """What a call cost; None where no price is known.

    ``asked`` is the model's name in the request, ``answered`` the one that the server tells, which may be
    more exact. ``table`` names the service in the table of prices.
    """
    price = own.get(asked) or own.get(answered or asked)
    if price is not None:
        return (
            usage.input_tokens * price.input_per_million + usage.output_tokens * price.output_per_million
        ) / _MILLION
    if table is None:
        return None
    from genai_prices import calc_price

    try:
        return float(calc_price(usage, answered or asked, provider_id=table).total_price)
    except (LookupError, ValueError):
        return None
