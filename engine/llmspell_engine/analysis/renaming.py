"""Renaming: every place that means the same gets the new name, or nothing is changed and the reason is told.

What came of it is looked at anew: where the new name would mean something else anywhere, it is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmspell_engine.analysis.mentions import Named
from llmspell_engine.analysis.references import OF_A_RUN, makers, meant_scripts, occurrences, sought_at
from llmspell_engine.diagnostics import Edit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmspell_engine.analysis.references import Occurrence, Sought
    from llmspell_engine.analysis.workspace import Document, Snapshot
    from llmspell_engine.text import Span

_IDENTIFIER = re.compile(r"[^\W\d]\w*|[$_][\w$]*")
_IN_STRINGS = re.compile(r"[^\"'`\\\n\r{}]+")


class RenameError(Exception):
    """Why something cannot have a name; the message is for the user."""


def renameable_at(document: Document, offset: int) -> Span:
    """The span of the name at an offset. Raises RenameError where it is not the scripts' to change."""
    return _renameable(document, offset)[1]


def renamed(
    snapshot: Snapshot, document: Document, offset: int, name: str, paths: Sequence[str]
) -> dict[str, tuple[Edit, ...]]:
    """The edits that give a new name to what stands at an offset, by path. Raises RenameError."""
    sought, span = _renameable(document, offset)
    if name == sought.name:
        return {}
    _check_name(sought, name)
    if isinstance(sought, Named) and sought.kind in OF_A_RUN:
        made = makers(document, sought, paths)
        if not made:
            raise RenameError(
                f"no script here makes '{sought.name}'; where it is made, it would keep its name"
            )
        if len(made) > 1 and document.path not in made:
            raise RenameError(f"several scripts make '{sought.name}'; rename it in the one that is meant")
    paths = meant_scripts(document, sought, paths)
    found = _exact(list(occurrences(map(snapshot.document, paths), sought)), snapshot, sought.name)
    edits: dict[str, list[Edit]] = {}
    for one in found:
        edit = Edit(one.location.span, _written(one, sought.name, name))
        edits.setdefault(one.location.path, []).append(edit)
    changed = _changed(snapshot, edits, paths)
    at = _moved(edits.get(document.path, ()), span.start, sought.name)
    again = sought_at(changed.document(document.path), at)
    new = occurrences(map(changed.document, paths), again[0]) if again is not None else ()
    if again is None or len(_exact(list(new), changed, again[0].name)) != len(found):
        raise RenameError(f"with the name '{name}' something else would be meant, or it is used already")
    return {path: tuple(rows) for path, rows in edits.items()}


def _renameable(document: Document, offset: int) -> tuple[Sought, Span]:
    found = sought_at(document, offset)
    if found is None:
        raise RenameError("only what scripts make can be renamed")
    sought, span = found
    if isinstance(sought, Named):
        if sought.kind == "tool" and document.snapshot.catalog.tool(sought.name) is not None:
            raise RenameError(f"'{sought.name}' is a tool of llmspell")
        if sought.kind == "event" and "*" in sought.name:
            raise RenameError(f"'{sought.name}' is a pattern; rename an event")
    return sought, span


def _check_name(sought: Sought, name: str) -> None:
    form = _IN_STRINGS if isinstance(sought, Named) else _IDENTIFIER
    if form.fullmatch(name) is None:
        raise RenameError(f"'{name}' is no name that can stand here")
    if isinstance(sought, Named) and sought.kind == "event" and "*" in name:
        raise RenameError("an event's name has no star")


def _exact(found: list[Occurrence], snapshot: Snapshot, name: str) -> list[Occurrence]:
    """Those that are written as the name is: patterns that match it stay."""
    texts = {one.location.path: snapshot.document(one.location.path).text.value for one in found}
    return [one for one in found if _text_at(texts, one) == name]


def _text_at(texts: dict[str, str], one: Occurrence) -> str:
    return texts[one.location.path][one.location.span.start : one.location.span.end]


def _written(one: Occurrence, old: str, new: str) -> str:
    """The new name; ``{ old }`` stays a field of its name, or a variable of it."""
    return {"field": f"{new}: {old}", "variable": f"{old}: {new}"}.get(one.beside, new)


def _changed(snapshot: Snapshot, edits: Mapping[str, Sequence[Edit]], paths: Sequence[str]) -> Snapshot:
    """The scripts after the edits. Raises RenameError where one would have faults that it has not now."""
    from llmspell_engine.analysis.workspace import Workspace

    after = Workspace(snapshot.catalog)
    for path in paths:
        before = snapshot.document(path)
        after.open(path, _applied(before.text.value, edits.get(path, ())), before.language)
    changed = after.snapshot()
    for path in edits:
        faults = changed.document(path).tree.faults
        if len(faults) > len(snapshot.document(path).tree.faults):
            raise RenameError(f"the script would have a fault: {faults[0].message}")
    return changed


def _moved(edits: Sequence[Edit], start: int, name: str) -> int:
    """Where a name is after the edits of its script."""
    before = (edit for edit in edits if edit.span.start < start)
    moved = sum(len(edit.new_text) - (edit.span.end - edit.span.start) for edit in before)
    here = next((edit.new_text for edit in edits if edit.span.start == start), "")
    kept = f"{name}: "
    return start + moved + (len(kept) if here.startswith(kept) else 0)


def _applied(text: str, edits: Sequence[Edit]) -> str:
    for edit in sorted(edits, key=lambda one: one.span, reverse=True):
        text = text[: edit.span.start] + edit.new_text + text[edit.span.end :]
    return text
