"""What a run has used of models, as a table for people.

::

    model                 calls   input   output      cost
    openai/gpt-4o-mini       12   8,421    1,207   $0.0020
    ollama/llama3             3     902      311         ?  3 calls without a price
    all                      15   9,323    1,518   $0.0020
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.providers.metering import Used

_HEAD = ("model", "calls", "input", "output", "cost", "")
_TOTAL = "all"


def table(usage: Mapping[str, Used]) -> str:
    """The table, a line for each model and one for all, in the order of their names."""
    if not usage:
        return "no model was called\n"
    rows = [_row(model, used) for model, used in sorted(usage.items())]
    if len(rows) > 1:
        rows.append(_row(_TOTAL, _sum(list(usage.values()))))
    return _aligned([_HEAD, *rows])


def _row(model: str, used: Used) -> tuple[str, ...]:
    is_priced = used.unpriced < used.calls
    calls = "call" if used.unpriced == 1 else "calls"
    note = f"{used.unpriced} {calls} without a price" if used.unpriced else ""
    counts = (f"{each:,}" for each in (used.calls, used.input_tokens, used.output_tokens))
    return (model, *counts, f"${used.cost:.4f}" if is_priced else "?", note)


def _sum(all_used: Sequence[Used]) -> Used:
    total = type(all_used[0])()
    for used in all_used:
        total.calls += used.calls
        total.input_tokens += used.input_tokens
        total.output_tokens += used.output_tokens
        total.cost += used.cost
        total.unpriced += used.unpriced
    return total


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    """The first column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *numbers, note in rows:
        cells = [first.ljust(widths[0]), *map(str.rjust, numbers, widths[1:-1])]
        lines.append(f"{'   '.join(cells)}  {note}".rstrip())
    return "\n".join(lines) + "\n"
