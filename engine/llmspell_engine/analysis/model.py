"""The answers of analysis as plain values: offsets, strings and spans, no protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from llmspell_engine.text import Span

CompletionKind = Literal[
    "global", "function", "method", "field", "option", "value", "tool", "model",
    "variable", "parameter", "keyword", "module", "event", "state_key", "path",
]  # fmt: skip
SymbolKind = Literal["function", "method", "variable", "constant", "class", "field", "module"]


@dataclass(frozen=True, slots=True)
class Completion:
    """One proposal. Accepting it replaces ``replace`` with ``insert``."""

    label: str
    kind: CompletionKind
    insert: str
    replace: Span
    is_snippet: bool = False
    """Whether ``insert`` holds tab stops (``$1``, ``${2:name}``)."""
    detail: str = ""
    """One line beside the label: a signature or a type."""
    sort: str = ""
    """Order among the proposals; the label where empty."""
    deprecated: bool = False
    key: str = ""
    """What :meth:`Snapshot.completion_documentation` takes to document this proposal."""


@dataclass(frozen=True, slots=True)
class Completions:
    """Proposals, best first; ``incomplete`` when typing on may bring others."""

    items: tuple[Completion, ...]
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Hover:
    """What stands under the cursor, in Markdown, and the span it is about."""

    markdown: str
    span: Span


@dataclass(frozen=True, slots=True)
class SignatureParameter:
    """A parameter of a signature: its place in the label, and its documentation."""

    label: Span
    doc: str


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a function."""

    label: str
    doc: str
    parameters: tuple[SignatureParameter, ...]


@dataclass(frozen=True, slots=True)
class SignatureHelp:
    """The signatures of the call around the cursor and the parameter being written (None past the last)."""

    signatures: tuple[Signature, ...]
    active_signature: int
    active_parameter: int | None


@dataclass(frozen=True, slots=True)
class Location:
    """A span in a file."""

    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Use:
    """A place where something is used; ``is_definition`` where it is made."""

    location: Location
    is_definition: bool


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named part of a document, with the parts inside it."""

    name: str
    kind: SymbolKind
    detail: str
    span: Span
    """All of it, comments above excluded."""
    selection: Span
    """The name."""
    children: tuple[Symbol, ...] = ()
