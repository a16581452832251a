"""Proposals for values: what a schema lists, and what fills a string."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from llmspell_engine.analysis import schemas
from llmspell_engine.analysis.model import Completion, CompletionKind
from llmspell_engine.analysis.semantics import Semantics
from llmspell_engine.analysis.templates import template_completions

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
    written = template_completions(placement)
    if written is not None:
        return written
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
        known = [_documented("tool", one.name, one.doc, language) for one in catalog.tools.values()]
        made = _named(placement, source, only_given=True).items()
        own = [
            _Filler(name, "tool", f"made in {where}") for name, where in made if catalog.tool(name) is None
        ]
        return known + own
    if source == "model":
        return [_documented("model", one.name, one.doc, language) for one in catalog.models.values()]
    if source == "provider":
        return [_Filler(name) for name in catalog.providers]
    kind: CompletionKind = "event" if source == "event" else "state_key" if source == "stateKey" else "value"
    return [_Filler(name, kind, f"used in {where}") for name, where in _named(placement, source).items()]


def _documented(kind: Literal["tool", "model"], name: str, doc: str, language: Language) -> _Filler:
    return _Filler(name, kind, doc.split("\n", 1)[0], f"{language}|{kind}|{name}")


def _named(placement: Placement, source: str, *, only_given: bool = False) -> dict[str, str]:
    """Constant strings that scripts give for the same purpose elsewhere, and where: this one's come first.

    With ``only_given`` those alone that they give to what they make, and not those by which they ask for it.
    """
    here = Semantics(placement.program, placement.around)
    own = here.given_names_but if only_given else here.used_names_but
    document = placement.document
    found = dict.fromkeys(own(placement.offset).get(source, ()), "this script")
    for other in document.snapshot.others(document.path):
        names = other.semantics.given_names if only_given else other.semantics.used_names
        for name in names.get(source, ()):
            found.setdefault(name, PurePath(other.path).name)
    return found
