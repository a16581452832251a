"""One-line checks of what analysis answers: the cursor is ``$0`` in the script.

Every helper takes the script's language last, Lua unless said otherwise, and prints the whole answer
when it fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from llmspell_engine.analysis.workspace import Workspace
from support.catalogs import small_catalog

if TYPE_CHECKING:
    from llmspell_engine.analysis.model import Completion, SignatureHelp, Symbol
    from llmspell_engine.analysis.semantics import Semantics
    from llmspell_engine.analysis.workspace import Snapshot
    from llmspell_engine.catalog.model import Catalog
    from llmspell_engine.language import Language

SUFFIXES: dict[Language, str] = {"lua": "lua", "javascript": "js"}


@cache
def catalog() -> Catalog:
    """The small catalog, one for all tests: it never changes."""
    return small_catalog()


def path_of(language: Language) -> str:
    """The path that the script of a check has."""
    return f"/scripts/main.{SUFFIXES[language]}"


def opened(source: str, language: Language, files: Mapping[str, str] | None = None) -> tuple[Snapshot, int]:
    """A snapshot with the script and its other files open, and the offset of ``$0`` (0 without one)."""
    offset = source.find("$0")
    workspace = Workspace(catalog())
    workspace.open(path_of(language), source.replace("$0", "", 1), language)
    for name, text in (files or {}).items():
        workspace.open(f"/scripts/{name}", text)
    return workspace.snapshot(), max(offset, 0)


def semantics_of(source: str, language: Language = "lua") -> Semantics:
    """The semantics of a script."""
    snapshot, _ = opened(source, language)
    return snapshot.document(path_of(language)).semantics


def completions(
    source: str, language: Language = "lua", files: Mapping[str, str] | None = None
) -> tuple[Completion, ...]:
    """The proposals at ``$0``."""
    snapshot, offset = opened(source, language, files)
    return snapshot.completions_at(path_of(language), offset).items


def check_completions(
    source: str,
    language: Language = "lua",
    *,
    includes: Iterable[str] = (),
    excludes: Iterable[str] = (),
    only: Iterable[str] | None = None,
    files: Mapping[str, str] | None = None,
) -> None:
    """The labels at ``$0`` include some, exclude others, or are exactly ``only`` in that order."""
    labels = [item.label for item in completions(source, language, files)]
    missing = [label for label in includes if label not in labels]
    unwanted = [label for label in excludes if label in labels]
    assert (missing, unwanted) == ([], []), f"missing {missing}, unwanted {unwanted} among {labels}"
    if only is not None:
        assert labels == list(only)


def accepted(source: str, label: str, language: Language = "lua") -> str:
    """The script after accepting a proposal."""
    text = source.replace("$0", "", 1)
    item = next((one for one in completions(source, language) if one.label == label), None)
    assert item is not None, f"{label} is not proposed"
    return text[: item.replace.start] + item.insert + text[item.replace.end :]


def hover(source: str, language: Language = "lua", files: Mapping[str, str] | None = None) -> str | None:
    """The Markdown at ``$0``."""
    snapshot, offset = opened(source, language, files)
    found = snapshot.hover_at(path_of(language), offset)
    return found.markdown if found is not None else None


def check_hover(
    source: str,
    language: Language = "lua",
    *,
    expect: str | Iterable[str] | None,
    files: Mapping[str, str] | None = None,
) -> None:
    """The hover at ``$0`` holds each of the texts; None expects no hover."""
    found = hover(source, language, files)
    if expect is None:
        assert found is None
        return
    assert found is not None, "no hover"
    for text in [expect] if isinstance(expect, str) else expect:
        assert text in found, f"{text!r} is not in:\n{found}"


def signature(source: str, language: Language = "lua") -> SignatureHelp | None:
    """The signature help at ``$0``."""
    snapshot, offset = opened(source, language)
    return snapshot.signature_at(path_of(language), offset)


def check_signature(
    source: str, language: Language = "lua", *, label: str | None, active: int | str | None = None
) -> None:
    """The label at ``$0``, and the index or the text of the active parameter."""
    found = signature(source, language)
    if label is None:
        assert found is None, f"unexpected: {found}"
        return
    assert found is not None, "no signature"
    shown = found.signatures[found.active_signature]
    assert shown.label == label
    if isinstance(active, str):
        assert found.active_parameter is not None
        span = shown.parameters[found.active_parameter].label
        assert shown.label[span.start : span.end] == active
    else:
        assert found.active_parameter == active


def check_definition(
    source: str,
    language: Language = "lua",
    *,
    expect: str | Iterable[str],
    files: Mapping[str, str] | None = None,
) -> None:
    """The places at ``$0``, each as ``line:column`` from 1, with the file's name when it is another file."""
    snapshot, offset = opened(source, language, files)
    path = path_of(language)
    found = []
    for location in snapshot.definition_at(path, offset):
        at = snapshot.document(location.path).text.position(location.span.start)
        name = "" if location.path == path else location.path.removeprefix("/scripts/") + ":"
        found.append(f"{name}{at.line + 1}:{at.column + 1}")
    assert found == ([expect] if isinstance(expect, str) else list(expect))


def outline(source: str, language: Language = "lua") -> list[str]:
    """The symbols, one a line: two blanks a level, kind, name and detail."""
    snapshot, _ = opened(source, language)
    return list(_lines(snapshot.symbols(path_of(language)), 0))


def check_symbols(source: str, language: Language = "lua", *, expect: Iterable[str]) -> None:
    """The outline, as :func:`outline` writes it."""
    assert outline(source, language) == list(expect)


def _lines(symbols: Iterable[Symbol], level: int) -> Iterable[str]:
    for symbol in symbols:
        yield f"{'  ' * level}{symbol.kind} {symbol.name}{symbol.detail}"
        yield from _lines(symbol.children, level + 1)
