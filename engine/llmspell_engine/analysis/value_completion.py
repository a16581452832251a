"""Proposals for values: what a schema lists, and what fills a string."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis import schemas
from llmspell_engine.analysis.model import Completion, CompletionKind
from llmspell_engine.analysis.nodes import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.placement import Placement
    from llmspell_engine.catalog.model import Schema

STATE_SCOPES = ("global", "agent", "workflow", "tool", "session", "user")


def string_completions(placement: Placement) -> list[Completion]:
    """What may stand in the string at the cursor; the whole inside of the string is replaced."""
    node, semantics = placement.node, placement.semantics
    assert node is not None
    demanded = semantics.expected(node)
    if demanded is None:
        return []
    return [_proposal(placement, *one) for one in _fillers(placement, demanded)]


def value_completions(placement: Placement) -> list[Completion]:
    """Constants for an argument or option outside quotes: they bring their own."""
    node, semantics = placement.node, placement.semantics
    demanded = semantics.expected(node) if node is not None else None
    if demanded is None:
        return []
    found = [_proposal(placement, *one, quoted=True) for one in _fillers(placement, demanded)]
    for value in schemas.values(semantics.catalog, demanded):
        if not isinstance(value, str):
            label = schemas.constant(value, semantics.language)
            found.append(Completion(label, "value", label, placement.fragment.replace, sort="0" + label))
    return found


def _proposal(
    placement: Placement, label: str, kind: CompletionKind, detail: str, key: str, *, quoted: bool = False
) -> Completion:
    insert = schemas.constant(label, placement.semantics.language) if quoted else label
    return Completion(
        label=insert if quoted else label,
        kind=kind,
        insert=insert if quoted else insert + placement.fragment.quote,
        replace=placement.fragment.replace,
        detail=detail,
        sort="0" + label,
        key=key,
    )


def _fillers(placement: Placement, demanded: Schema) -> Iterator[tuple[str, CompletionKind, str, str]]:
    """Strings that may be written: text, kind, detail, documentation key."""
    catalog, language = placement.semantics.catalog, placement.semantics.language
    for value in schemas.values(catalog, demanded):
        if isinstance(value, str):
            yield value, "value", "", ""
    source = schemas.completion_source(catalog, demanded)
    if source == "tool":
        for tool in catalog.tools.values():
            yield tool.name, "tool", tool.doc.split("\n", 1)[0], f"{language}|tool|{tool.name}"
    elif source == "model":
        for model in catalog.models.values():
            yield model.name, "model", model.doc.split("\n", 1)[0], f"{language}|model|{model.name}"
    elif source == "stateScope":
        for scope in STATE_SCOPES:
            yield scope, "value", "state scope", ""
    elif source in ("event", "stateKey", "agent"):
        for name in _used_elsewhere(placement, source):
            yield name, "event" if source == "event" else "state_key", "used in this script", ""


def _used_elsewhere(placement: Placement, source: str) -> list[str]:
    """Constant strings that the script gives for the same purpose elsewhere."""
    inference = placement.document.inference
    found: dict[str, None] = {}
    for string in placement.document.source.program.strings:
        value = string.value
        is_here = string.start <= placement.offset <= string.end
        if not isinstance(value, str) or not value or is_here or not isinstance(string.parent, Call):
            continue
        demanded = inference.expected(string)
        if demanded is not None and schemas.completion_source(inference.catalog, demanded) == source:
            found.setdefault(value)
    return list(found)
