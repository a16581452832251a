"""Proposals for values: what a schema lists, and what fills a string."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from llmspell_engine.analysis import schemas
from llmspell_engine.analysis.model import Completion, CompletionKind
from llmspell_engine.analysis.nodes import Call

if TYPE_CHECKING:
    from llmspell_engine.analysis.placement import Placement
    from llmspell_engine.catalog.model import Schema
    from llmspell_engine.language import Language


@dataclass(frozen=True, slots=True)
class _Filler:
    """A string that may be written."""

    text: str
    kind: CompletionKind = "value"
    detail: str = ""
    key: str = ""


def string_completions(placement: Placement) -> list[Completion]:
    """What may stand in the string at the cursor; the whole inside of the string is replaced."""
    node, semantics = placement.node, placement.semantics
    demanded = semantics.expected(node) if node is not None else None
    if demanded is None:
        return []
    quote = placement.fragment.quote
    return [_proposal(placement, one, one.text, one.text + quote) for one in _fillers(placement, demanded)]


def tool_completions(placement: Placement) -> list[Completion]:
    """The names of the tools, inside quotes."""
    quote = placement.fragment.quote
    return [_proposal(placement, one, one.text, one.text + quote) for one in _from_source(placement, "tool")]


def value_completions(placement: Placement) -> list[Completion]:
    """Constants for an argument or option outside quotes: they bring their own."""
    node, semantics = placement.node, placement.semantics
    demanded = semantics.expected(node) if node is not None else None
    if demanded is None:
        return []
    found: list[Completion] = []
    for filler in _fillers(placement, demanded):
        quoted = schemas.constant(filler.text, semantics.language)
        found.append(_proposal(placement, filler, quoted, quoted))
    for value in schemas.values(semantics.catalog, demanded):
        if not isinstance(value, str):
            label = schemas.constant(value, semantics.language)
            found.append(Completion(label, "value", label, placement.fragment.replace, sort="0" + label))
    return found


def _proposal(placement: Placement, filler: _Filler, label: str, insert: str) -> Completion:
    return Completion(
        label=label,
        kind=filler.kind,
        insert=insert,
        replace=placement.fragment.replace,
        detail=filler.detail,
        sort="0" + filler.text,
        key=filler.key,
    )


def _fillers(placement: Placement, demanded: Schema) -> list[_Filler]:
    """The strings that a schema lists or names a source of."""
    catalog = placement.semantics.catalog
    listed = [_Filler(value) for value in schemas.values(catalog, demanded) if isinstance(value, str)]
    listed += [_Filler(word) for word in schemas.pattern_words(catalog, demanded)]
    source = schemas.completion_source(catalog, demanded)
    known = {filler.text for filler in listed}
    more = _from_source(placement, source) if source is not None else []
    return listed + [filler for filler in more if filler.text not in known]


def _from_source(placement: Placement, source: str) -> list[_Filler]:
    catalog, language = placement.semantics.catalog, placement.semantics.language
    if source == "tool":
        return [_documented("tool", one.name, one.doc, language) for one in catalog.tools.values()]
    if source == "model":
        return [_documented("model", one.name, one.doc, language) for one in catalog.models.values()]
    used = _used_elsewhere(placement, source)
    kind: CompletionKind = "event" if source == "event" else "state_key" if source == "stateKey" else "value"
    return [_Filler(name, kind, "used in this script") for name in used]


def _documented(kind: Literal["tool", "model"], name: str, doc: str, language: Language) -> _Filler:
    return _Filler(name, kind, doc.split("\n", 1)[0], f"{language}|{kind}|{name}")


def _used_elsewhere(placement: Placement, source: str) -> list[str]:
    """Constant strings that the script gives for the same purpose elsewhere."""
    inference = placement.around
    found: dict[str, None] = {}
    for string in placement.program.strings:
        value = string.value
        is_here = string.start <= placement.offset <= string.end
        if not isinstance(value, str) or not value or is_here or not isinstance(string.parent, Call):
            continue
        demanded = inference.expected(string)
        if demanded is not None and schemas.completion_source(inference.catalog, demanded) == source:
            found.setdefault(value)
    return list(found)
