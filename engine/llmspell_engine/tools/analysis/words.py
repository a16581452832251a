"""Words and sentences of texts, and the small words that say nothing of what a text is about."""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019\-][^\W\d_]+)*")
_TERM = re.compile(r"[^\W_]+(?:['\u2019\-.+#][^\W_]+)*[+#]*")
_SENTENCE_END = re.compile(
    r"(?<=[.!?\u2026\u3002\uff01\uff1f])[\"'\u201d\u2019)\]]*\s+(?=[\"'\u201c\u2018(\[]?[^\W\d_a-z]|\d)|\n\s*\n"
)
_ABBREVIATION = re.compile(r"\b(?:[A-Z]|mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|z\.b|no|fig)\.$", re.IGNORECASE)

_SMALL = {
    "en": "a about after all also an and any are as at be because been but by can could did do does for "
    "from had has have he her his how i if in into is it its just like more most no not of on one "
    "only or other our out over she so some such than that the their them then there these they this "
    "those to too up us was we were what when which who why will with would you your",
    "de": "aber als am an auch auf aus bei bin bis da das dass dem den der des die doch du durch ein eine "
    "einem einen einer eines er es für haben hat ich ihr im in ist ja kann mehr mit nach nicht noch "
    "nur oder sein sich sie sind so über um und uns unter vom von vor war was wenn wer wie wir wird "
    "zu zum zur",
    "fr": "à au aux avec ce ces cette comme dans de des du elle en est et être eux il ils je la le les "
    "leur lui ma mais me même mes moi mon ne nos notre nous on ou où par pas pour plus qu que qui sa "
    "sans se ses si son sont sur ta te tes tu un une vos votre vous y",
    "es": "a al algo como con cuando de del desde donde el ella ellos en entre era es esta este está ha "
    "hay la las le les lo los más me mi muy no nos o para pero por porque que se ser si sin sobre "
    "son su sus también te tiene todo un una uno y ya yo",
    "it": "a ai al alla alle anche che chi ci come con da dal dalla dei del della delle di e è gli ha ho i "
    "il in io la le lo loro ma mi nel nella non o per perché più quando questa questo se si sono su "
    "sua suo ti tra tu un una uno",
    "pt": "a ao aos as com como da das de do dos e ela ele em entre era essa esse esta este eu foi há isso "
    "já mais mas me mesmo muito na nas não nem no nos o os ou para pela pelo por quando que quem se "
    "sem ser seu só sua também te tem um uma você",
    "nl": "aan als bij dan dat de der deze die dit doen door een en er geen had heeft het hij hoe ik in is "
    "ja je kan maar me meer men met mijn naar niet nog nu of om omdat ons ook op over te tot u uit "
    "van veel voor waar was wat we wel wie wij zal ze zich zij zijn zo",
}
SMALL_WORDS: Mapping[str, frozenset[str]] = {name: frozenset(words.split()) for name, words in _SMALL.items()}
"""The commonest small words of languages, by their two letters."""


def words_of(text: str) -> list[str]:
    """The words of a text, as they are written. Numbers are none."""
    return _WORD.findall(text)


def terms_of(text: str) -> list[str]:
    """What may be searched for in a text: words, numbers and names such as ``C++``, in small letters."""
    return [term.lower().strip(".'\u2019-") for term in _TERM.findall(text)]


def sentences_of(text: str) -> list[str]:
    """The sentences of a text. Where one ends after an abbreviation is a guess."""
    found: list[str] = []
    begin = 0
    for end in _SENTENCE_END.finditer(text):
        sentence = text[begin : end.start()].strip()
        is_end = "\n" in end.group() or not _ABBREVIATION.search(sentence)
        if sentence and is_end:
            found.append(sentence)
        begin = end.end() if is_end else begin
    last = text[begin:].strip()
    return [*found, last] if last else found


def language_of(words: list[str]) -> tuple[str | None, float]:
    """The language whose small words a text has most of, and the share of these words; none where few."""
    small = [word.lower() for word in words]
    if not small:
        return None, 0.0
    shares = {name: sum(word in known for word in small) / len(small) for name, known in SMALL_WORDS.items()}
    best = max(shares, key=lambda name: shares[name])
    return (best, round(shares[best], 4)) if shares[best] >= 0.15 else (None, round(shares[best], 4))
