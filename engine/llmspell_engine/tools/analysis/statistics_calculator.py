"""Statistics of numbers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.parameters import Needs, ToolParameters

Number = Annotated[float, Field(allow_inf_nan=False)]
Numbers = Annotated[list[Number], Field(min_length=1, max_length=1_000_000)]


class StatisticsParameters(ToolParameters):
    """Which numbers."""

    needs: ClassVar[Needs] = {"correlate": ("other",)}
    older_names: ClassVar[dict[str, str]] = {"data": "input", "values": "input"}

    operation: Literal["describe", "histogram", "correlate"] = Field(
        "describe", description="Describe numbers, count them by size, or compare them with others."
    )
    input: Numbers = Field(description="The numbers.", json_schema_extra={"x-example": [1, 2, 3]})
    other: Numbers | None = Field(None, description="As many other numbers, to compare with.")
    percentiles: list[Annotated[float, Field(ge=0, le=100)]] = Field(
        [25, 50, 75, 90, 95, 99], description="The percentiles that are told."
    )
    bins: int = Field(10, ge=1, le=1000, description="How many classes a histogram has.")


class Description(Result):
    """What numbers are like."""

    count: int = Field(description="How many there are.")
    sum: float = Field(description="Their sum.")
    min: float = Field(description="The smallest.")
    max: float = Field(description="The largest.")
    range: float = Field(description="How far these are apart.")
    mean: float = Field(description="Their mean.")
    median: float = Field(description="The one in the middle.")
    modes: list[float] = Field(description="Those that come most often; none where each comes once.")
    variance: float | None = Field(None, description="Their variance as a sample; of two and more.")
    standard_deviation: float | None = Field(None, description="Their standard deviation as a sample.")
    standard_error: float | None = Field(None, description="The standard error of the mean.")
    percentiles: dict[str, float] = Field(description="The percentiles, by names such as `p95`.")
    interquartile_range: float = Field(description="How far the middle half reaches.")
    outliers: list[float] = Field(
        description="Those that are more than 1.5 times that range away from the middle half."
    )


class HistogramBin(Result):
    """A class of a histogram."""

    start: float = Field(description="The smallest number that belongs to it.")
    end: float = Field(description="Where the next class starts; the last one has it too.")
    count: int = Field(description="How many there are.")


class Histogram(Result):
    """How many numbers there are of each size."""

    bins: list[HistogramBin] = Field(description="The classes, all of the same width.")
    count: int = Field(description="How many numbers there are.")


class Correlation(Result):
    """How numbers go with others."""

    count: int = Field(description="How many pairs there are.")
    correlation: float = Field(description="The coefficient of Pearson, from -1 to 1.")
    rank_correlation: float = Field(description="That of Spearman, which looks at the order only.")
    covariance: float = Field(description="The covariance, as a sample.")
    slope: float = Field(description="How much `other` grows with each 1 of `input`, by least squares.")
    intercept: float = Field(description="What `other` is then where `input` is 0.")


class StatisticsCalculator(Tool[StatisticsParameters]):
    """Computes statistics of numbers."""

    name = "statistics-calculator"
    category = "analysis"
    aliases = ("statistics_calculator",)
    Parameters = StatisticsParameters
    returns = Description | Histogram | Correlation
    blocks = True

    def run(self, parameters: StatisticsParameters, context: ToolContext) -> Outcome:
        """Compute. Numbers whose sums are too large for floats are told so."""
        try:
            match parameters.operation:
                case "describe":
                    return _describe(parameters)
                case "histogram":
                    return _histogram(parameters)
                case _:
                    return _correlate(parameters.input, parameters.other or [])
        except OverflowError:
            raise ToolError("the numbers are too large to be computed with", code="overflow") from None


def _describe(parameters: StatisticsParameters) -> Outcome:
    numbers = sorted(parameters.input)
    low, high = _percentile(numbers, 25), _percentile(numbers, 75)
    spread = high - low
    deviation = statistics.stdev(numbers) if len(numbers) > 1 else None
    modes = statistics.multimode(numbers)
    result = Description(
        count=len(numbers),
        sum=_finite(math.fsum(numbers)),
        min=numbers[0],
        max=numbers[-1],
        range=_finite(numbers[-1] - numbers[0]),
        mean=statistics.fmean(numbers),
        median=statistics.median(numbers),
        modes=modes if len(modes) < len(numbers) or len(numbers) == 1 else [],
        variance=None if deviation is None else _finite(statistics.variance(numbers)),
        standard_deviation=deviation,
        standard_error=None if deviation is None else deviation / math.sqrt(len(numbers)),
        percentiles={f"p{each:g}": _percentile(numbers, each) for each in parameters.percentiles},
        interquartile_range=spread,
        outliers=[one for one in numbers if one < low - 1.5 * spread or one > high + 1.5 * spread],
    )
    told = {"mean": result.mean, "median": result.median, "min": result.min, "max": result.max}
    text = ", ".join(f"{name} {value:.6g}" for name, value in told.items())
    return Outcome("describe", result, text, f"Described {counted(len(numbers), 'number')}")


def _percentile(ordered: Sequence[float], percent: float) -> float:
    """A percentile between two numbers in the proportion of how near it is to each."""
    place = (len(ordered) - 1) * percent / 100
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise OverflowError
    return number


def _histogram(parameters: StatisticsParameters) -> Outcome:
    low, high = min(parameters.input), max(parameters.input)
    width = _finite(high - low) / parameters.bins or 1.0
    counts = [0] * parameters.bins
    for number in parameters.input:
        counts[min(int((number - low) / width), parameters.bins - 1)] += 1
    bins = [
        HistogramBin(start=low + index * width, end=low + (index + 1) * width, count=count)
        for index, count in enumerate(counts)
    ]
    text = "\n".join(f"{one.start:.6g} to {one.end:.6g}: {one.count}" for one in bins)
    result = Histogram(bins=bins, count=len(parameters.input))
    return Outcome("histogram", result, text, f"Counted {counted(result.count, 'number')}")


def _correlate(ours: Sequence[float], others: Sequence[float]) -> Outcome:
    if len(ours) != len(others) or len(ours) < 2:
        raise ToolError(
            f"'input' has {counted(len(ours), 'number')} and 'other' {len(others)}; "
            "they need as many, and two at least",
            code="invalid_input",
        )
    try:
        correlation = statistics.correlation(ours, others)
        slope, intercept = statistics.linear_regression(ours, others)
    except statistics.StatisticsError:
        told = "there is nothing to compare: all numbers of 'input' or of 'other' are the same"
        raise ToolError(told, code="constant") from None
    result = Correlation(
        count=len(ours),
        correlation=correlation,
        rank_correlation=statistics.correlation(_ranks(ours), _ranks(others)),
        covariance=_finite(statistics.covariance(ours, others)),
        slope=slope,
        intercept=intercept,
    )
    return Outcome("correlate", result, f"{correlation:.6g}", f"The correlation is {correlation:.4g}")


def _ranks(numbers: Sequence[float]) -> list[float]:
    """The place of each number in their order; equal ones share the mean of their places."""
    order = sorted(range(len(numbers)), key=numbers.__getitem__)
    ranks = [0.0] * len(numbers)
    begin = 0
    while begin < len(order):
        end = begin
        while end + 1 < len(order) and numbers[order[end + 1]] == numbers[order[begin]]:
            end += 1
        for place in order[begin : end + 1]:
            ranks[place] = (begin + end) / 2
        begin = end + 1
    return ranks
