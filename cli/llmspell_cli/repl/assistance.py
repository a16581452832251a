"""Completion and hints as editors get them: from the analysis of all that was entered, and of the line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmspell_engine.analysis.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_engine.analysis.model import Completion
    from llmspell_engine.analysis.workspace import Snapshot
    from llmspell_engine.language import Language


@dataclass(frozen=True, slots=True)
class Proposal:
    """What may stand instead of the last letters before the cursor.

    Attributes:
        replaced: how many letters before the cursor it is for.
    """

    text: str
    replaced: int
    label: str
    detail: str


@dataclass(slots=True)
class Assistance:
    """Answers for the text under the cursor, behind what was entered before."""

    _workspace: Workspace = field(default_factory=Workspace)

    def proposals(self, language: Language, before: Sequence[str], text: str, cursor: int) -> list[Proposal]:
        """What may be written at the cursor, best first: what goes on with the letters that are there."""
        snapshot, path, offset = self._at(language, before, text, cursor)
        found = snapshot.completions_at(path, offset).items
        made = [self._proposal(snapshot, path, offset, each) for each in found]
        return [each for each in made if each is not None]

    def hint(self, language: Language, before: Sequence[str], text: str, cursor: int) -> str:
        """The signature of the call around the cursor, its parameter in brackets; empty for no call."""
        snapshot, path, offset = self._at(language, before, text, cursor)
        found = snapshot.signature_at(path, offset)
        if found is None or not found.signatures:
            return ""
        signature = found.signatures[found.active_signature]
        if found.active_parameter is None or found.active_parameter >= len(signature.parameters):
            return signature.label
        span = signature.parameters[found.active_parameter].label
        label = signature.label
        return f"{label[: span.start]}[{label[span.start : span.end]}]{label[span.end :]}"

    def _at(
        self, language: Language, before: Sequence[str], text: str, cursor: int
    ) -> tuple[Snapshot, str, int]:
        path = f"input.{'lua' if language == 'lua' else 'js'}"
        head = "".join(f"{each}\n" for each in before)
        self._workspace.open(path, head + text, language)
        return self._workspace.snapshot(), path, len(head) + cursor

    def _proposal(
        self, snapshot: Snapshot, path: str, offset: int, completion: Completion
    ) -> Proposal | None:
        start = completion.replace.start
        typed = snapshot.document(path).text.value[start:offset]
        text = completion.label if completion.is_snippet else completion.insert
        if not text.lower().startswith(typed.lower()):
            return None
        return Proposal(text, offset - start, completion.label, completion.detail)
