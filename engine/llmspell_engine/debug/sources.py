"""The sources that were loaded, with their probes, by path and by probe."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmspell_engine.debug.backend import BackendFrame, Probe, ProbedSource


class Sources:
    """What is known of each file that has run, or is about to."""

    def __init__(self) -> None:
        self._by_path: dict[str, ProbedSource] = {}
        self._by_probe: dict[int, tuple[ProbedSource, Probe]] = {}

    def add(self, source: ProbedSource) -> None:
        """Know a source; one of the same path is replaced."""
        self._by_path[file_key(source.path)] = source
        self._by_probe.update({probe.id: (source, probe) for probe in source.probes})

    def get(self, path: str) -> ProbedSource | None:
        """The source of a path; None where it is not loaded."""
        return self._by_path.get(file_key(path))

    def at(self, probe_id: int) -> tuple[ProbedSource, Probe]:
        """Where a statement stands."""
        return self._by_probe[probe_id]

    def statements_around(self, frames: Iterable[BackendFrame]) -> frozenset[int] | None:
        """The statements of all functions that frames are in; None where one of them is not known.

        Frames of no loaded source (native functions, code made at run time) have no statements.
        """
        functions: dict[str, set[int]] = {}
        for frame in frames:
            source = self.get(frame.path) if frame.path else None
            if source is None:
                continue
            at = (frame.line, frame.column)
            found = [each.function for each in source.probes if (each.line, each.column) == at]
            if not found:
                return None
            functions.setdefault(file_key(source.path), set()).update(found)
        return frozenset(
            probe.id
            for path, numbers in functions.items()
            for probe in self._by_path[path].probes
            if probe.function in numbers
        )


def file_key(path: str) -> str:
    """A path as files are told apart: an editor may know one by another name than the script."""
    return os.path.normcase(os.path.realpath(path))
