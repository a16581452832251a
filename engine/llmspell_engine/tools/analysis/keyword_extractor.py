"""What a text is about, by the words and phrases that it repeats."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.analysis.words import SMALL_WORDS, language_of, sentences_of, terms_of, words_of
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, counted
from llmspell_engine.tools.parameters import ToolParameters

_LARGEST = 2_000_000


class KeywordParameters(ToolParameters):
    """Which text."""

    only_operation: ClassVar[str] = "extract"
    older_names: ClassVar[dict[str, str]] = {"text": "input"}

    input: str = Field(max_length=_LARGEST, description="The text.")
    max_keywords: int = Field(10, ge=1, le=1000, description="How many keywords at most.")
    max_words: int = Field(3, ge=1, le=5, description="How many words a keyword has at most.")
    min_length: int = Field(3, ge=1, le=50, description="How many characters a word of it has at least.")
    language: Literal["auto", "de", "en", "es", "fr", "it", "nl", "pt", "none"] = Field(
        "auto", description="The language, whose small words are left out; `none` leaves none out."
    )
    stopwords: list[str] | None = Field(None, description="Further words to leave out.")
    documents: Annotated[list[str], Field(max_length=1000)] | None = Field(
        None, description="Other texts: what is common in them too counts less (TF-IDF)."
    )


class Keyword(Result):
    """A keyword."""

    keyword: str = Field(description="The word or phrase, in small letters.")
    count: int = Field(description="How often the text has it.")
    score: float = Field(description="How much the text is about it, from 0 to 1 for the first.")


class Keywords(Result):
    """What a text is about."""

    keywords: list[Keyword] = Field(description="The keywords, the most important first.")
    language: str | None = Field(None, description="The language whose small words were left out.")


class KeywordExtractor(Tool[KeywordParameters]):
    """Finds the words and phrases that a text is about."""

    name = "keyword-extractor"
    category = "analysis"
    aliases = ("keyword_extractor",)
    Parameters = KeywordParameters
    returns = Keywords
    blocks = True

    def run(self, parameters: KeywordParameters, context: ToolContext) -> Outcome:
        """Count phrases, and weigh them."""
        language = parameters.language
        known = language_of(words_of(parameters.input))[0] if language == "auto" else language
        small = SMALL_WORDS.get(known or "", frozenset()) | {
            one.lower() for one in parameters.stopwords or ()
        }
        counts = Counter(_phrases(parameters.input, small, parameters))
        keywords = _ranked(counts, _rareness(counts, parameters.documents or ()))[: parameters.max_keywords]
        found = Keywords(keywords=keywords, language=known if known in SMALL_WORDS else None)
        text = ", ".join(one.keyword for one in keywords)
        return Outcome("extract", found, text, f"Found {counted(len(keywords), 'keyword')}")


def _phrases(text: str, small: frozenset[str] | set[str], parameters: KeywordParameters) -> Iterator[str]:
    """All runs of words without small ones in between, up to the length that is wanted."""
    for sentence in sentences_of(text):
        run: list[str] = []
        for term in [*terms_of(sentence), ""]:
            if term and term not in small and len(term) >= parameters.min_length and not term.isdigit():
                run.append(term)
                for length in range(1, min(parameters.max_words, len(run)) + 1):
                    yield " ".join(run[-length:])
            else:
                run = []


def _rareness(counts: Counter[str], documents: Sequence[str]) -> dict[str, float]:
    """How rare each phrase is in other texts: 1 where there are none."""
    if not documents:
        return dict.fromkeys(counts, 1.0)
    texts = [f" {' '.join(terms_of(text))} " for text in documents]
    seen = {phrase: sum(f" {phrase} " in text for text in texts) for phrase in counts}
    return {phrase: 1 + math.log((1 + len(texts)) / (1 + number)) for phrase, number in seen.items()}


def _ranked(counts: Counter[str], rareness: dict[str, float]) -> list[Keyword]:
    """The phrases by weight. One that stands only within a longer one of the same weight is left out."""
    longer = [(phrase, count) for phrase, count in counts.items() if " " in phrase and (count > 1)]
    inside = Counter[str]()
    for phrase, count in longer:
        parts = phrase.split(" ")
        for length in range(1, len(parts)):
            for begin in range(len(parts) - length + 1):
                part = " ".join(parts[begin : begin + length])
                inside[part] = max(inside[part], count)
    weights = {
        phrase: count * rareness[phrase] * (1 + 0.5 * phrase.count(" "))
        for phrase, count in counts.items()
        if inside[phrase] < count and (count > 1 or " " not in phrase)
    }
    most = max(weights.values(), default=1.0)
    order = sorted(weights, key=lambda phrase: (-weights[phrase], phrase))
    return [Keyword(keyword=one, count=counts[one], score=round(weights[one] / most, 4)) for one in order]
