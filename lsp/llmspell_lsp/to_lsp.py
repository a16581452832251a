"""The door out: the engine's values become the protocol's, cut to what the editor can take."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from llmspell_engine.text import width
from lsprotocol import types
from pygls.uris import from_fs_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_engine.analysis.model import (
        Completion,
        CompletionKind,
        Completions,
        Hover,
        Location,
        Signature,
        SignatureHelp,
        SignatureParameter,
        Symbol,
        SymbolKind,
        Use,
    )
    from llmspell_engine.diagnostics import Diagnostic, Edit, Fix, Severity
    from llmspell_engine.text import Encoding, Span, Text

    from llmspell_lsp.client import Client
    from llmspell_lsp.state import Document, View

COMPLETION_LIMIT = 200
"""A longer list costs more to send than typing one letter more; the editor asks again when typing goes on."""

SOURCE = "llmspell"

_COMPLETION_KINDS: dict[CompletionKind, types.CompletionItemKind] = {
    "global": types.CompletionItemKind.Module,
    "function": types.CompletionItemKind.Function,
    "method": types.CompletionItemKind.Method,
    "field": types.CompletionItemKind.Field,
    "option": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.EnumMember,
    "tool": types.CompletionItemKind.Value,
    "model": types.CompletionItemKind.Value,
    "variable": types.CompletionItemKind.Variable,
    "parameter": types.CompletionItemKind.Variable,
    "keyword": types.CompletionItemKind.Keyword,
    "module": types.CompletionItemKind.Module,
    "event": types.CompletionItemKind.Event,
    "state_key": types.CompletionItemKind.Constant,
    "path": types.CompletionItemKind.File,
}
_SYMBOL_KINDS: dict[SymbolKind, types.SymbolKind] = {
    "function": types.SymbolKind.Function,
    "method": types.SymbolKind.Method,
    "variable": types.SymbolKind.Variable,
    "constant": types.SymbolKind.Constant,
    "class": types.SymbolKind.Class,
    "field": types.SymbolKind.Field,
    "module": types.SymbolKind.Module,
}
_SEVERITIES: dict[Severity, types.DiagnosticSeverity] = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}
_TAGS = {"unnecessary": types.DiagnosticTag.Unnecessary, "deprecated": types.DiagnosticTag.Deprecated}

_TAB_STOP = re.compile(r"\$\{\d+(?::([^}]*)|\|([^,|]*)[^}]*)?\}|\$\d+|\\([$}\\])")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""The beginning of a URI: two letters or more, for a drive has one."""
_MARKUP = re.compile(r"^```\w*(?:\n|$)|^#+ |\*\*|`", re.MULTILINE)


def uri(path: str) -> str:
    """The URI of a document the engine knows by its path, or by its URI where it is no file."""
    return path if _SCHEME.match(path) else from_fs_path(path) or path


def range_of(text: Text, span: Span, encoding: Encoding) -> types.Range:
    """The range of a span."""
    start, end = text.position(span.start, encoding), text.position(span.end, encoding)
    return types.Range(types.Position(start.line, start.column), types.Position(end.line, end.column))


def completions(view: View, document: Document, offset: int, found: Completions) -> types.CompletionList:
    """Proposals in their order; documentation comes with resolve.

    Of a list that is too long only those that go with what was typed are sent.
    """
    items = found.items
    if len(items) > COMPLETION_LIMIT:
        typed = document.text.value[items[0].replace.start : offset]
        items = tuple(item for item in items if goes_with(item.label, typed))[:COMPLETION_LIMIT]
    return types.CompletionList(
        is_incomplete=found.incomplete or len(found.items) > len(items),
        items=[_completion(view.client, document.text, index, item) for index, item in enumerate(items)],
    )


def hover(view: View, document: Document, found: Hover) -> types.Hover:
    """An explanation and the range it is about."""
    contents = documentation(found.markdown, keep=view.client.markdown_in_hovers)
    if isinstance(contents, str):
        contents = types.MarkupContent(types.MarkupKind.PlainText, contents)
    return types.Hover(contents, range_of(document.text, found.span, view.client.encoding))


def documentation(markdown: str, *, keep: bool) -> types.MarkupContent | str:
    """Documentation as Markdown, or as a plain string for an editor that shows no Markdown."""
    if keep:
        return types.MarkupContent(types.MarkupKind.Markdown, markdown)
    return _MARKUP.sub("", markdown).strip()


def signature_help(view: View, found: SignatureHelp) -> types.SignatureHelp:
    """Signatures; past the last parameter none is active, or one that does not exist."""
    active = found.active_parameter
    if active is None and not view.client.no_active_parameter:
        active = len(found.signatures[found.active_signature].parameters)
    signatures = [_signature(view.client, one) for one in found.signatures]
    # An editor that is sent no parameter in the signature may read that as "none is active".
    signatures[found.active_signature].active_parameter = active
    return types.SignatureHelp(
        signatures=signatures,
        active_signature=found.active_signature,
        active_parameter=active,
    )


def locations(view: View, found: tuple[Location, ...]) -> list[types.LocationLink] | list[types.Location]:
    """Places in any file, as links where the editor takes them."""
    places = [(uri(one.path), _range_in(view, one)) for one in found]
    if view.client.location_links:
        return [types.LocationLink(target, where, where) for target, where in places]
    return [types.Location(target, where) for target, where in places]


def location(view: View, found: Location) -> types.Location:
    """A place in any file."""
    return types.Location(uri(found.path), _range_in(view, found))


def highlight(text: Text, found: Use, encoding: Encoding) -> types.DocumentHighlight:
    """A use in the same document; where it is made counts as written."""
    kind = types.DocumentHighlightKind.Write if found.is_definition else types.DocumentHighlightKind.Read
    return types.DocumentHighlight(range_of(text, found.location.span, encoding), kind)


def edits_by_file(view: View, edits: Mapping[str, tuple[Edit, ...]]) -> types.WorkspaceEdit:
    """Edits of several files; those of open documents are tied to their versions."""
    uris = {one.path: one.uri for one in view.documents.values()}
    changes: dict[str, list[types.TextEdit]] = {}
    for path, rows in edits.items():
        text = view.snapshot.document(path).text
        changes[uris.get(path) or uri(path)] = [
            types.TextEdit(range_of(text, one.span, view.client.encoding), one.new_text) for one in rows
        ]
    if not view.client.versioned_edits:
        return types.WorkspaceEdit(changes=changes)
    versions = {one.uri: one.version for one in view.documents.values()}
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(target, versions.get(target)), list(rows)
            )
            for target, rows in changes.items()
        ]
    )


def symbol_tree(text: Text, symbols: tuple[Symbol, ...], encoding: Encoding) -> list[types.DocumentSymbol]:
    """Symbols with those inside them."""
    return [
        types.DocumentSymbol(
            name=one.name,
            kind=_SYMBOL_KINDS[one.kind],
            range=range_of(text, one.span, encoding),
            selection_range=range_of(text, one.selection, encoding),
            detail=one.detail or None,
            children=symbol_tree(text, one.children, encoding),
        )
        for one in symbols
    ]


def symbol_list(
    document: Document, symbols: tuple[Symbol, ...], encoding: Encoding, container: str | None = None
) -> list[types.SymbolInformation]:
    """Symbols one after another, each with the name of the one around it."""
    rows: list[types.SymbolInformation] = []
    for one in symbols:
        where = types.Location(document.uri, range_of(document.text, one.span, encoding))
        rows.append(
            types.SymbolInformation(where, one.name, _SYMBOL_KINDS[one.kind], container_name=container)
        )
        rows += symbol_list(document, one.children, encoding, one.name)
    return rows


def diagnostic(view: View, document: Document, found: Diagnostic) -> types.Diagnostic:
    """A finding of the linter."""
    return types.Diagnostic(
        range=range_of(document.text, found.span, view.client.encoding),
        severity=_SEVERITIES[found.severity],
        code=found.code,
        source=SOURCE,
        message=found.message,
        tags=[_TAGS[tag] for tag in found.tags] or None if view.client.diagnostic_tags else None,
        data={"name": found.name},
    )


def quick_fix(view: View, document: Document, found: Diagnostic, fix: Fix) -> types.CodeAction:
    """A fix of one finding; the safe ones are what the editor's fix key applies."""
    return types.CodeAction(
        title=fix.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic(view, document, found)],
        is_preferred=fix.safe or None,
        edit=workspace_edit(view.client, document, fix.edits),
    )


def workspace_edit(client: Client, document: Document, edits: tuple[Edit, ...]) -> types.WorkspaceEdit:
    """Edits of one document, tied to its version where the editor checks that."""
    rows = [
        types.TextEdit(range_of(document.text, edit.span, client.encoding), edit.new_text) for edit in edits
    ]
    if not client.versioned_edits:
        return types.WorkspaceEdit(changes={document.uri: rows})
    target = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(target, list(rows))])


def _completion(client: Client, text: Text, index: int, item: Completion) -> types.CompletionItem:
    is_snippet = item.is_snippet and client.snippets
    new_text = item.insert if is_snippet or not item.is_snippet else without_tab_stops(item.insert)
    details = types.CompletionItemLabelDetails(description=item.detail) if client.label_details else None
    return types.CompletionItem(
        label=item.label,
        kind=_COMPLETION_KINDS[item.kind],
        label_details=details if item.detail else None,
        detail=None if client.label_details else item.detail or None,
        sort_text=f"{index:04}",
        insert_text_format=types.InsertTextFormat.Snippet if is_snippet else None,
        text_edit=types.TextEdit(range_of(text, item.replace, client.encoding), new_text),
        tags=[types.CompletionItemTag.Deprecated] if item.deprecated and client.deprecated_tag else None,
        deprecated=True if item.deprecated and not client.deprecated_tag else None,
        data={"key": item.key} if item.key else None,
    )


def fingerprint(found: list[types.Diagnostic]) -> str:
    """A short text that is the same for the same diagnostics only: the id of a pulled result."""
    rows = repr([(one.range, one.code, one.severity, one.message) for one in found])
    return hashlib.blake2b(rows.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def goes_with(label: str, typed: str) -> bool:
    """Whether the letters typed stand in a label in their order, as editors match them."""
    letters = iter(label.lower())
    return all(letter in letters for letter in typed.lower())


def without_tab_stops(snippet: str) -> str:
    """The text that a snippet leaves when nothing is typed into it."""
    return _TAB_STOP.sub(lambda match: match[1] or match[2] or match[3] or "", snippet)


def _range_in(view: View, found: Location) -> types.Range:
    return range_of(view.snapshot.document(found.path).text, found.span, view.client.encoding)


def _signature(client: Client, found: Signature) -> types.SignatureInformation:
    return types.SignatureInformation(
        label=found.label,
        documentation=_signature_doc(client, found.doc),
        parameters=[
            types.ParameterInformation(
                label=_parameter_label(client, found, one),
                documentation=_signature_doc(client, one.doc),
            )
            for one in found.parameters
        ],
    )


def _signature_doc(client: Client, doc: str) -> types.MarkupContent | str | None:
    return documentation(doc, keep=client.markdown_in_signatures) if doc else None


def _parameter_label(client: Client, found: Signature, one: SignatureParameter) -> str | tuple[int, int]:
    """The parameter's place in the label, which the protocol counts in UTF-16 whatever was agreed on."""
    if not client.signature_offsets:
        return found.label[one.label.start : one.label.end]
    start = width(found.label[: one.label.start], "utf-16")
    return start, start + width(found.label[one.label.start : one.label.end], "utf-16")
