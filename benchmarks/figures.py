"""What is said of many measured times: the best, the median and the 95th percentile."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds."""

    best: float
    p50: float
    p95: float


def figures(times: Sequence[float]) -> Figures:
    """The figures of at least one time."""
    late = sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]
    return Figures(min(times), statistics.median(times), late)


def ratio(ours: float, theirs: float) -> str:
    """How many times as long ours takes: below 1 it is the quicker one."""
    return f"{ours / theirs:.2f}x"


def ratios(ours: Figures, theirs: Figures) -> str:
    """The ratio of the medians, and that of the best times, which other work disturbs least."""
    return f"{ratio(ours.p50, theirs.p50)} (best {ratio(ours.best, theirs.best)})"


def verdict(measured: float, gate: float) -> str:
    """Whether a gate is kept."""
    return "MET" if measured <= gate else "MISSED"
