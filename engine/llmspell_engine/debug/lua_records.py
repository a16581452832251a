"""What the agent inside Lua answers, as values of the backend.

The agent answers in Lua tables with byte strings. Lua's strings are bytes: what is no UTF-8 shows its
bytes as ``\\xNN``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from llmspell_engine.debug.backend import BackendFrame, BackendScope, BackendValue, Probe, ProbedSource

if TYPE_CHECKING:
    from llmspell_engine.debug.model import ScopeKind

RUNTIME_SOURCE = b"=?"
"""The chunk name of the runtime's and the debugger's own Lua code."""
_EVALUATED = b"=(debugger)"
_PLACE = re.compile(r"^\(debugger\):\d+: ")
"""How Lua begins a message about an evaluated expression."""


def text(raw: Any) -> str:
    """A Lua string as text."""
    return raw.decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else str(raw)


def message(raw: Any) -> str:
    """Lua's message about an expression, without the place inside it."""
    return _PLACE.sub("", text(raw))


def value(record: Any) -> BackendValue:
    """A value as the client sees it."""
    path = record[b"evaluate_name"]
    return BackendValue(
        text(record[b"name"]),
        text(record[b"value"]),
        text(record[b"type"]),
        record[b"token"],
        record[b"named"],
        record[b"indexed"],
        None if path is None else text(path),
        bool(record[b"read_only"]),
        bool(record[b"lazy"]),
    )


def scope(record: Any) -> BackendScope:
    """A scope of a frame."""
    kind = cast("ScopeKind", text(record[b"kind"]))
    return BackendScope(text(record[b"name"]), kind, record[b"token"], expensive=bool(record[b"expensive"]))


def frames(
    records: Sequence[Any], sources: Mapping[str, ProbedSource], reached: Probe | None
) -> list[BackendFrame]:
    """The frames of a stack, innermost first; the first stands at the statement that was reached."""
    shown = list(_visible(records))
    return [_frame(record, sources, reached if index == 0 else None) for index, record in enumerate(shown)]


def _visible(records: Sequence[Any]) -> Iterator[Any]:
    """The script's frames and the native functions between them; not what lies above or below."""
    scripts = [index for index, record in enumerate(records) if _is_script(record)]
    if not scripts:
        return
    for index in range(scripts[0], scripts[-1] + 1):
        record = records[index]
        caller = records[index + 1] if index < scripts[-1] else None
        inside_runtime = caller is not None and caller[b"source"] == RUNTIME_SOURCE
        if _is_script(record) or (record[b"name"] and not inside_runtime):
            yield record


def _is_script(record: Any) -> bool:
    return record[b"what"] != b"C" and record[b"source"] not in (RUNTIME_SOURCE, _EVALUATED)


def _frame(record: Any, sources: Mapping[str, ProbedSource], reached: Probe | None) -> BackendFrame:
    if not _is_script(record):
        return BackendFrame(record[b"token"], _name(record), None, 0, 0, is_subtle=True)
    source = text(record[b"source"])
    path = source[1:] if source.startswith("@/") or source[2:4] in (":\\", ":/") else None
    known = sources.get(path) if path else None
    statement = reached or (_statement(known, record) if known else None)
    if statement is None:
        return BackendFrame(record[b"token"], _name(record), path, record[b"line"], 1)
    return BackendFrame(
        record[b"token"],
        _name(record),
        path,
        statement.line,
        statement.column,
        statement.end_line,
        statement.end_column,
    )


def _statement(source: ProbedSource, record: Any) -> Probe | None:
    """The innermost statement of a frame's function that has the line at which the frame stands."""
    line, defined = record[b"line"], max(record[b"defined"], 0)
    functions = {each.number for each in source.functions if each.line == defined and each.number}
    functions = functions or {0}
    inside = [
        probe
        for probe in source.probes
        if probe.line <= line <= probe.end_line and probe.function in functions
    ]
    return max(inside, key=lambda probe: (probe.line, -probe.end_line), default=None)


def _name(record: Any) -> str:
    if record[b"what"] == b"main":
        return "main chunk"
    if record[b"name"]:
        return text(record[b"name"])
    return f"function at line {record[b'defined']}"
