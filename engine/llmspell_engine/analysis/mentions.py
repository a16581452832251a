"""Names that strings give and use, in scripts of both languages: of tools, agents, events, keys of State, …

What a string names is told by the schema of its place: ``x-names`` where something gets the name,
``x-complete`` where it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.analysis import schemas
from llmspell_engine.analysis.nodes import Call, Field, Literal
from llmspell_engine.analysis.values import HostFunction
from llmspell_engine.event_names import matcher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.workspace import Document
    from llmspell_engine.catalog.model import Member, Schema
    from llmspell_engine.text import Span

_KINDS = frozenset({"tool", "agent", "prompt", "event", "stateKey"})
_WRITTEN = frozenset({"value", "by"})
"""Parameters of the members that write a key of the state."""
_PUBLISHED = "event_type"
"""The parameter that names an event; what listens has a pattern."""
_SCOPE = "stateScope"
_GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Named:
    """Something that scripts know by a name: a tool, an event, a key within a scope of the state."""

    kind: str
    name: str
    scope: str = ""

    def meets(self, other: Named) -> bool:
        """Whether both may be the same: the pattern of a listener meets the names that it matches."""
        if self.kind != "event" or other.kind != "event":
            return self == other
        return matcher(self.name)(other.name) or matcher(other.name)(self.name)


@dataclass(frozen=True, slots=True)
class Mention:
    """A string that names something."""

    named: Named
    span: Span
    """The text between the quotes."""
    makes: bool
    """Whether it is made here: registered, published, written."""


def mentions(document: Document) -> Iterator[Mention]:
    """All strings of a script that name something."""
    for string in document.source.program.strings:
        found = mention_of(document, string)
        if found is not None:
            yield found


def mention_of(document: Document, string: Literal) -> Mention | None:
    """What a string names."""
    is_name = isinstance(string.value, str) and string.value and string.content is not None
    if not is_name or not isinstance(string.parent, Call | Field):
        return None
    demanded = document.semantics.expected(string)
    if demanded is None:
        return None
    catalog = document.snapshot.catalog
    given, asked = schemas.named_source(catalog, demanded), schemas.completion_source(catalog, demanded)
    kind, name = given or asked, str(string.value)
    if kind not in _KINDS or string.content is None:
        return None
    scope = ""
    if kind == "stateKey":
        found = _scope(document, string)
        if found is None:
            return None
        scope = found
    if kind == "tool":
        known = catalog.tool(name)
        name = known.name if known is not None else name
    makes = given is not None or _makes(document, string, demanded)
    return Mention(Named(kind, name, scope), string.content, makes)


def _makes(document: Document, string: Literal, demanded: Schema) -> bool:
    """Whether a call publishes the event, or writes the key."""
    member = _member(document, string)
    if member is None or not isinstance(string.parent, Call):
        return False
    names = {parameter.name for parameter in member.parameters}
    is_key = schemas.completion_source(document.snapshot.catalog, demanded) == "stateKey"
    return not names.isdisjoint(_WRITTEN) if is_key else _PUBLISHED in names


def _scope(document: Document, string: Literal) -> str | None:
    """The scope of a key: the argument that names one, or the global one; None where only a run tells."""
    member = _member(document, string)
    if member is None or not isinstance(string.parent, Call):
        return None
    called = document.inference.called(string.parent)
    catalog = document.snapshot.catalog
    for parameter, argument in zip(member.parameters[called.skipped :], called.arguments, strict=False):
        if argument is string:
            return _GLOBAL
        if schemas.completion_source(catalog, parameter.schema) == _SCOPE:
            value = argument.value if isinstance(argument, Literal) else None
            return value if isinstance(value, str) else None
    return _GLOBAL


def _member(document: Document, string: Literal) -> Member | None:
    if not isinstance(string.parent, Call):
        return None
    target = document.inference.called(string.parent).target
    return target.member if isinstance(target, HostFunction) else None
