"""How much texts are alike."""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Callable
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.analysis.words import terms_of
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, stop_if_cancelled
from llmspell_engine.tools.parameters import Needs, ToolParameters

_LONGEST = 20_000
"""Characters that are compared one by one: the time grows with their square."""
Method = Literal["sequence", "levenshtein", "jaccard", "cosine"]


class SimilarityParameters(ToolParameters):
    """What is compared, and how."""

    needs: ClassVar[Needs] = {"compare": ("other",), "rank": ("candidates",)}

    operation: Literal["compare", "rank"] = Field(
        "compare", description="Compare two texts, or find which of many is most like one."
    )
    input: str = Field(max_length=1_000_000, description="The text.")
    other: Annotated[str, Field(max_length=1_000_000)] | None = Field(
        None, description="The text to compare it with.", json_schema_extra={"x-example": "some more text"}
    )
    candidates: Annotated[list[str], Field(max_length=10_000)] | None = Field(
        None, description="The texts to find the most similar of."
    )
    method: Method = Field(
        "sequence",
        description="By common pieces (`sequence`), by single changes (`levenshtein`), by common words "
        "(`jaccard`), by common words and how often they come (`cosine`).",
    )
    ignore_case: bool = Field(True, description="Whether capital letters make no difference.")
    limit: int = Field(10, ge=1, le=10_000, description="How many candidates at most.")
    threshold: float = Field(0, ge=0, le=1, description="How similar candidates are at least.")


class Similarity(Result):
    """How much two texts are alike."""

    similarity: float = Field(description="From 0, nothing in common, to 1, the same.")
    method: Method = Field(description="How they were compared.")
    distance: int | None = Field(None, description="How many changes make one the other, by `levenshtein`.")


class Candidate(Result):
    """A text, and how similar it is."""

    text: str = Field(description="The text.")
    index: int = Field(description="Its place among the candidates, from 0.")
    similarity: float = Field(description="From 0 to 1.")


class Ranking(Result):
    """The texts that are most like one."""

    ranking: list[Candidate] = Field(description="These texts, the most similar first.")
    method: Method = Field(description="How they were compared.")


class SimilarityCalculator(Tool[SimilarityParameters]):
    """Tells how much texts are alike, by their letters or by their words."""

    name = "similarity-calculator"
    category = "analysis"
    aliases = ("similarity_calculator",)
    Parameters = SimilarityParameters
    returns = Similarity | Ranking
    blocks = True

    def run(self, parameters: SimilarityParameters, context: ToolContext) -> Outcome:
        """Compare with one, or with many."""
        if parameters.operation == "rank":
            return _rank(parameters)
        one, other = parameters.input, parameters.other or ""
        found = _METHODS[parameters.method](_folded(one, parameters), _folded(other, parameters))
        longest = max(len(one), len(other))
        distance = round((1 - found) * longest) if parameters.method == "levenshtein" else None
        result = Similarity(similarity=round(found, 4), method=parameters.method, distance=distance)
        return Outcome("compare", result, f"{result.similarity:g}", f"They are {found:.0%} alike")


def _rank(parameters: SimilarityParameters) -> Outcome:
    measure, text = _METHODS[parameters.method], _folded(parameters.input, parameters)
    found = []
    for index, candidate in enumerate(parameters.candidates or ()):
        stop_if_cancelled()
        similarity = round(measure(text, _folded(candidate, parameters)), 4)
        if similarity >= parameters.threshold:
            found.append(Candidate(text=candidate, index=index, similarity=similarity))
    found.sort(key=lambda one: (-one.similarity, one.index))
    best = found[: parameters.limit]
    lines = "\n".join(f"{one.similarity:g} {one.text}" for one in best)
    return Outcome("rank", Ranking(ranking=best, method=parameters.method), lines, f"Ranked {len(best)}")


def _folded(text: str, parameters: SimilarityParameters) -> str:
    return text.lower() if parameters.ignore_case else text


def _sequence(one: str, other: str) -> float:
    _check_length(one, other)
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _levenshtein(one: str, other: str) -> float:
    """One less the share of the longer text that has to be changed."""
    _check_length(one, other)
    longest = max(len(one), len(other))
    before = list(range(len(other) + 1))
    for row, sign in enumerate(one, 1):
        if row % 64 == 0:
            stop_if_cancelled()
        now = [row]
        for column, facing in enumerate(other, 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (sign != facing)))
        before = now
    return 1 - before[-1] / longest if longest else 1.0


def _check_length(one: str, other: str) -> None:
    if max(len(one), len(other)) > _LONGEST:
        raise ToolError(
            f"texts of more than {_LONGEST} characters are compared by their words only: "
            'give \'method\' "jaccard" or "cosine"',
            code="too_long",
        )


def _jaccard(one: str, other: str) -> float:
    first, second = set(terms_of(one)), set(terms_of(other))
    return len(first & second) / len(first | second) if first or second else 1.0


def _cosine(one: str, other: str) -> float:
    first, second = Counter(terms_of(one)), Counter(terms_of(other))
    if not first or not second:
        return float(first == second)
    dot = sum(count * second[term] for term, count in first.items())
    lengths = (math.sqrt(sum(count * count for count in each.values())) for each in (first, second))
    return min(1.0, dot / math.prod(lengths))


_METHODS: dict[Method, Callable[[str, str], float]] = {
    "sequence": _sequence,
    "levenshtein": _levenshtein,
    "jaccard": _jaccard,
    "cosine": _cosine,
}
