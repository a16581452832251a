"""Where something is used: names, fields of a script's tables, exports, and what strings name.

Each place that has the name is asked where it is defined; those that answer alike belong together. So a
use in another file counts when it goes through ``require`` or ``import``, and a variable that hides another
does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from llmspell_engine.analysis.definition import definition_of
from llmspell_engine.analysis.mentions import Named, mention_of, mentions
from llmspell_engine.analysis.model import Location, Use
from llmspell_engine.analysis.nodes import Field, Literal, MemberAccess
from llmspell_engine.analysis.scopes import Declaration
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from llmspell_engine.analysis.program import Leaf
    from llmspell_engine.analysis.workspace import Document


@dataclass(frozen=True, slots=True)
class Target:
    """What is looked for: what has this name and is defined in one of these places."""

    name: str
    places: frozenset[Location]


Sought: TypeAlias = Target | Named
OF_A_RUN = frozenset({"tool", "agent", "prompt"})
"""The kinds of names that each run has for itself, unlike events and keys of the state."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place that means what is looked for."""

    location: Location
    is_definition: bool
    beside: str = ""
    """For ``{ name }``, two things in one word: whether the ``field`` or the ``variable`` is meant."""


def sought_at(document: Document, offset: int) -> tuple[Sought, Span] | None:
    """What stands at an offset, as something to look for, and its span; None for what the host makes."""
    leaf = document.source.program.node_at(offset)
    if isinstance(leaf, Literal):
        mention = mention_of(document, leaf)
        return (mention.named, mention.span) if mention is not None else None
    if leaf is None:
        return None
    name, span = _named(document, leaf)
    places = _places(document, leaf)
    return (Target(name, places), span) if name and places else None


def uses_at(document: Document, offset: int, paths: Sequence[str]) -> tuple[Use, ...]:
    """The uses of what stands at an offset, in some scripts."""
    found = sought_at(document, offset)
    if found is None:
        return ()
    scripts = map(document.snapshot.document, meant_scripts(document, found[0], paths))
    return tuple(Use(one.location, one.is_definition) for one in occurrences(scripts, found[0]))


def makers(document: Document, named: Named, paths: Sequence[str]) -> list[str]:
    """The scripts among some that make what has a name."""
    scripts = map(document.snapshot.document, paths)
    found = (one.location.path for one in occurrences(scripts, named) if one.is_definition)
    return list(dict.fromkeys(found))


def meant_scripts(document: Document, sought: Sought, paths: Sequence[str]) -> Sequence[str]:
    """The scripts in which a name of this one may mean the same.

    Tools, agents and prompts belong to a run. Where several scripts each make one of the same name, what a
    script makes is its own.
    """
    if isinstance(sought, Target) or sought.kind not in OF_A_RUN:
        return paths
    found = makers(document, sought, paths)
    return [document.path] if len(found) > 1 and document.path in found else paths


def occurrences(documents: Iterable[Document], sought: Sought) -> Iterator[Occurrence]:
    """The places in some scripts, file by file in the order of the text."""
    for document in documents:
        if isinstance(sought, Target):
            yield from _uses(document, sought)
        else:
            yield from _mentions(document, sought)


def _mentions(document: Document, named: Named) -> Iterator[Occurrence]:
    if not _may_mention(document, named):
        return
    for mention in mentions(document):
        if mention.named.meets(named):
            yield Occurrence(Location(document.path, mention.span), mention.makes)


def _may_mention(document: Document, named: Named) -> bool:
    """Whether it is worth while to walk a script: patterns and older names are written otherwise."""
    tool = document.snapshot.catalog.tool(named.name) if named.kind == "tool" else None
    names = [named.name, *(tool.aliases if tool is not None else ())]
    return named.kind == "event" or any(name in document.text.value for name in names)


def _uses(document: Document, target: Target) -> Iterator[Occurrence]:
    if target.name not in document.text.value:
        return
    meant: dict[Span, list[Leaf]] = {}
    others: dict[Span, list[Leaf]] = {}
    for leaf in document.source.program.leaves_named(target.name):
        _, span = _named(document, leaf)
        is_meant = not target.places.isdisjoint(_places(document, leaf))
        (meant if is_meant else others).setdefault(span, []).append(leaf)
    for place in target.places:
        if (
            place.path == document.path
            and document.text.value[place.span.start : place.span.end] == target.name
        ):
            meant.setdefault(place.span, [])  # a method in a class is no leaf of the walk
    for span, leaves in sorted(meant.items()):
        location = Location(document.path, span)
        yield Occurrence(location, location in target.places, _beside(leaves, others.get(span, [])))


def _beside(meant: list[Leaf], others: list[Leaf]) -> str:
    is_short = any(isinstance(one, Field) and one.is_shorthand for one in meant)
    if not others and not is_short:
        return ""
    return "field" if all(isinstance(one, MemberAccess | Field) for one in meant) else "variable"


def _named(document: Document, leaf: Leaf) -> tuple[str, Span]:
    """The name of a place, and its span: of ``a as b`` in an import only ``a``."""
    if isinstance(leaf, Field):
        return leaf.key or "", leaf.key_span
    if isinstance(leaf, MemberAccess):
        start = leaf.name_start
        written = document.text.value[start : start + len(leaf.name)] == leaf.name
        return (leaf.name, Span(start, start + len(leaf.name))) if written else ("", leaf.name_span)
    if isinstance(leaf, Literal):
        return "", leaf.span
    return leaf.name, leaf.span


def _places(document: Document, leaf: Leaf) -> frozenset[Location]:
    if isinstance(leaf, Declaration) and leaf.is_implicit:
        return frozenset()
    if isinstance(leaf, Field) and leaf.key is not None and leaf.parent is not None:
        own = Location(document.path, leaf.key_span)
        is_own = document.semantics.option_table(leaf.parent) is None
        return frozenset({own}) if is_own else frozenset()
    found = definition_of(document, leaf)
    if any(not one.span for one in found):  # a whole module, which the file knows by a name of its own
        made = leaf if isinstance(leaf, Declaration) else getattr(leaf, "declaration", None)
        return frozenset({Location(document.path, made.span)}) if made is not None else frozenset()
    return frozenset(found)
