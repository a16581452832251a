"""Measures of texts: how long they are, how rich, how hard to read."""

from __future__ import annotations

import re
from collections import Counter
from statistics import fmean
from typing import ClassVar

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.analysis.words import SMALL_WORDS, language_of, sentences_of, words_of
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, counted
from llmspell_engine.tools.files import lines_of
from llmspell_engine.tools.parameters import ToolParameters

_LARGEST = 5_000_000
_WORDS_A_MINUTE = 230
"""What adults read of a text that is not hard."""
_VOWELS = re.compile(r"[aeiouy]+")


class TextParameters(ToolParameters):
    """Which text."""

    only_operation: ClassVar[str] = "analyze"
    older_names: ClassVar[dict[str, str]] = {"text": "input"}

    input: str = Field(max_length=_LARGEST, description="The text.")
    top_words: int = Field(10, ge=0, le=1000, description="How many of the commonest words are told.")


class WordCount(Result):
    """How often a word is there."""

    word: str = Field(description="The word, in small letters.")
    count: int = Field(description="How often.")


class Readability(Result):
    """How hard a text in English is to read."""

    flesch_reading_ease: float = Field(description="From 0, very hard, to 100, very easy; by Flesch.")
    flesch_kincaid_grade: float = Field(description="The years of school it takes, by Flesch and Kincaid.")


class TextMeasures(Result):
    """The measures of a text."""

    characters: int = Field(description="How many characters it has.")
    characters_without_spaces: int = Field(description="How many of them are not spaces or line ends.")
    words: int = Field(description="How many words it has.")
    unique_words: int = Field(description="How many of them differ.")
    sentences: int = Field(description="How many sentences it has.")
    paragraphs: int = Field(description="How many paragraphs, with an empty line in between.")
    lines: int = Field(description="How many lines it has.")
    average_word_length: float = Field(description="How many letters a word has, on the average.")
    average_sentence_length: float = Field(description="How many words a sentence has, on the average.")
    longest_sentence: int = Field(description="How many words the longest sentence has.")
    lexical_diversity: float = Field(description="The share of words that differ, from 0 to 1.")
    reading_time_seconds: int = Field(description="How long reading it takes, at 230 words a minute.")
    language: str | None = Field(
        None, description="Its language by its small words: de, en, es, fr, it, nl, pt; nothing for others."
    )
    readability: Readability | None = Field(None, description="How hard it is to read, where it is English.")
    top_words: list[WordCount] = Field(description="The commonest words, without the small ones.")


class TextAnalyzer(Tool[TextParameters]):
    """Measures a text: its length, its words, its sentences, and how hard it is to read."""

    name = "text-analyzer"
    category = "analysis"
    aliases = ("text_analyzer",)
    Parameters = TextParameters
    returns = TextMeasures
    blocks = True

    def run(self, parameters: TextParameters, context: ToolContext) -> Outcome:
        """Measure."""
        result = _measured(parameters.input, parameters.top_words)
        parts = ((result.words, "word"), (result.sentences, "sentence"), (result.paragraphs, "paragraph"))
        text = ", ".join(counted(number, noun) for number, noun in parts)
        return Outcome("analyze", result, text, f"The text has {text}")


def _measured(text: str, top: int) -> TextMeasures:
    words = words_of(text)
    sentences = [count for one in sentences_of(text) if (count := len(words_of(one)))]
    small = Counter(word.lower() for word in words)
    language, _ = language_of(words)
    without = SMALL_WORDS.get(language or "", frozenset())
    common = Counter({word: count for word, count in small.items() if word not in without})
    return TextMeasures(
        characters=len(text),
        characters_without_spaces=sum(not sign.isspace() for sign in text),
        words=len(words),
        unique_words=len(small),
        sentences=len(sentences),
        paragraphs=sum(bool(one.strip()) for one in re.split(r"\n[^\S\n]*\n", text)),
        lines=len(lines_of(text)),
        average_word_length=round(fmean(map(len, words)), 2) if words else 0.0,
        average_sentence_length=round(fmean(sentences), 2) if sentences else 0.0,
        longest_sentence=max(sentences, default=0),
        lexical_diversity=round(len(small) / len(words), 4) if words else 0.0,
        reading_time_seconds=round(len(words) * 60 / _WORDS_A_MINUTE),
        language=language,
        readability=_readability(words, len(sentences)) if language == "en" and sentences else None,
        top_words=[WordCount(word=word, count=count) for word, count in common.most_common(top)],
    )


def _readability(words: list[str], sentences: int) -> Readability:
    length = len(words) / sentences
    syllables = sum(map(_syllables, words)) / len(words)
    return Readability(
        flesch_reading_ease=round(206.835 - 1.015 * length - 84.6 * syllables, 1),
        flesch_kincaid_grade=round(0.39 * length + 11.8 * syllables - 15.59, 1),
    )


def _syllables(word: str) -> int:
    """The syllables of an English word, by its groups of vowels: right for most words, not for all."""
    small = word.lower()
    count = len(_VOWELS.findall(small))
    if small.endswith("e") and not small.endswith(("le", "ee")) and count > 1:
        count -= 1
    return max(1, count)
