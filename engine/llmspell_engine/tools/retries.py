"""Making a request again where it failed for a reason that may pass."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from llmspell_engine.tools.base import ToolError
from llmspell_engine.tools.http import Fetched

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that a server may answer once and not again."""
_PASSING_FAILURES = frozenset({"unreachable", "timeout", "broken_answer"})


@dataclass(frozen=True, slots=True)
class Retries:
    """How often to try, and how long to wait in between: twice as long after each."""

    attempts: int = 1
    first_delay: float = 0.5
    """Seconds."""
    longest_delay: float = 30.0
    """Seconds; also of what the server asks for with ``Retry-After``."""
    statuses: frozenset[int] = PASSING


async def tried(make: Callable[[], Awaitable[Fetched]], retries: Retries) -> tuple[Fetched, int]:
    """The answer, and how many attempts it took. Raises the ToolError of the last attempt."""
    from anyio import sleep

    for attempt in range(1, retries.attempts + 1):
        asked_for = None
        try:
            answer = await make()
        except ToolError as error:
            if attempt == retries.attempts or error.code not in _PASSING_FAILURES:
                raise
        else:
            if attempt == retries.attempts or answer.status not in retries.statuses:
                return answer, attempt
            asked_for = _asked_for(answer)
        planned = retries.first_delay * 2 ** (attempt - 1) if asked_for is None else asked_for
        await sleep(min(planned, retries.longest_delay))
    raise AssertionError("there is at least one attempt")


def _asked_for(answer: Fetched) -> float | None:
    """The seconds that ``Retry-After`` asks for, which also may be a date."""
    given = answer.headers.get("retry-after", "")
    if given.strip().isdigit():
        return float(given)
    try:
        moment = parsedate_to_datetime(given)
    except (TypeError, ValueError):
        return None
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    return max(0.0, ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds())
