"""The breakpoints that are set: which statements carry them, and which of them are hit.

The core guards the table with its lock, but for :meth:`BreakpointTable.hit`, which evaluates what users
wrote and is called on the script's thread alone.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_engine.debug.backend import Backend, EvaluationError, ProbedSource
from llmspell_engine.debug.breakpoints import Breakpoint, Expression, RefusedError, hit_condition, log_message
from llmspell_engine.debug.model import BreakpointChanged, BreakpointStatus, Event, Output, SourceBreakpoint
from llmspell_engine.debug.sources import Sources, file_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence


class BreakpointTable:
    """All breakpoints, by file and by statement."""

    def __init__(self, backend: Backend, sources: Sources, send: Callable[[Event], None]) -> None:
        self._backend = backend
        self._sources = sources
        self._send = send
        self._ids = itertools.count(1)
        self._by_file: dict[str, list[Breakpoint]] = {}
        self._at: dict[int, list[Breakpoint]] = {}

    @property
    def statements(self) -> Collection[int]:
        """The statements that carry a breakpoint."""
        return self._at.keys()

    def set(self, path: str, specs: Sequence[SourceBreakpoint]) -> tuple[BreakpointStatus, ...]:
        """Replace the breakpoints of a file; one that did not change keeps its number and its count."""
        before = {each.spec: each for each in self._by_file.get(file_key(path), ())}
        placed = [before.pop(spec) if spec in before else self._made(spec) for spec in specs]
        source = self._sources.get(path) or self._read(path)
        if source is not None:
            for each in placed:
                each.settle(source)
        self._by_file[file_key(path)] = placed
        self._index()
        return tuple(each.status() for each in placed)

    def settle(self, source: ProbedSource) -> None:
        """Place the breakpoints of a source that is about to run, and tell of those that moved."""
        for each in self._by_file.get(file_key(source.path), ()):
            before = each.status()
            each.settle(source)
            if each.status() != before:
                self._send(BreakpointChanged(each.status()))
        self._index()

    def conditions(self) -> dict[int, list[str]]:
        """The conditions at statements where every breakpoint has one."""
        conditions = {
            probe_id: [each.spec.condition for each in here if each.spec.condition]
            for probe_id, here in self._at.items()
        }
        return {
            probe_id: texts for probe_id, texts in conditions.items() if len(texts) == len(self._at[probe_id])
        }

    def hit(self, probe_id: int) -> list[int]:
        """The breakpoints that stop at a statement; counts the hits, and prints what log points print."""
        return [each.id for each in self._at.get(probe_id, ()) if self._is_hit(each, probe_id)]

    def _made(self, spec: SourceBreakpoint) -> Breakpoint:
        made = Breakpoint(next(self._ids), spec)
        try:
            made.counts = hit_condition(spec.hit_condition) if spec.hit_condition else None
            made.message = log_message(spec.log_message) if spec.log_message else ()
        except RefusedError as refused:
            made.problem = str(refused)
        expressions = [part.text for part in made.message if isinstance(part, Expression)]
        for expression in [spec.condition, *expressions]:
            problem = self._backend.check(expression) if expression else None
            if problem:
                made.problem = f"'{expression}' cannot be compiled: {problem}"
        return made

    def _read(self, path: str) -> ProbedSource | None:
        """A file that is not loaded yet, probed to tell at once where its breakpoints will stand."""
        try:
            text = Path(path).read_text("utf-8-sig")
        except (OSError, ValueError):
            return None
        return self._backend.probe(path, text)

    def _index(self) -> None:
        """Note which statements carry breakpoints."""
        at: dict[int, list[Breakpoint]] = {}
        for each in itertools.chain.from_iterable(self._by_file.values()):
            if each.probe and not each.problem:
                at.setdefault(each.probe.id, []).append(each)
        self._at = at

    def _is_hit(self, each: Breakpoint, probe_id: int) -> bool:
        if each.spec.condition and not self._holds(each, each.spec.condition, probe_id):
            return False
        each.hits += 1
        if each.counts and not each.counts(each.hits):
            return False
        if not each.message:
            return True
        self._print("".join(self._text(part) for part in each.message), probe_id)
        return False

    def _holds(self, each: Breakpoint, condition: str, probe_id: int) -> bool:
        try:
            return self._backend.condition(condition)
        except EvaluationError as problem:
            if not each.complained:
                each.complained = True
                self._print(f"The condition '{condition}' failed: {problem}", probe_id)
            return False

    def _text(self, part: str | Expression) -> str:
        if isinstance(part, str):
            return part
        try:
            top = self._backend.stack()[0].token
            return self._backend.evaluate(part.text, top, "clipboard", hex_numbers=False).value
        except EvaluationError as problem:
            return f"{{{part.text}: {problem}}}"

    def _print(self, line: str, probe_id: int) -> None:
        source, probe = self._sources.at(probe_id)
        self._send(Output("console", line + "\n", source.path, probe.line, probe.column))
