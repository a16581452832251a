"""The outline of a script: functions, classes, tables with functions, and variables of the top level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.documentation import parameter_names
from llmspell_engine.analysis.model import Symbol, SymbolKind
from llmspell_engine.analysis.nodes import Call, Field, Function, Operation, Table
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from llmspell_engine.analysis.nodes import Expression
    from llmspell_engine.analysis.program import Program
    from llmspell_engine.analysis.scopes import Declaration
    from llmspell_engine.analysis.workspace import Document


def symbols(document: Document) -> tuple[Symbol, ...]:
    """The symbols of a script, those inside a function below it."""
    program = document.source.program
    flat = [*_declared(program), *_members(program)]
    return _nested(flat)


def _declared(program: Program) -> list[Symbol]:
    found: list[Symbol] = []
    for made in program.declarations:
        value = made.values[0] if made.values else None
        if made.is_implicit or made.kind in ("parameter", "loop", "catch"):
            continue
        is_top = made.scope is program.scope
        if isinstance(value, Function) or _is_class(value) or is_top:
            found.append(_symbol(program, made, value))
    return found


def _is_class(value: Expression | None) -> bool:
    return isinstance(value, Operation) and value.operator == "class"


def _symbol(program: Program, made: Declaration, value: Expression | None) -> Symbol:
    kind = _kind(made, value)
    reach = Span(made.start, made.end)
    if value is not None and isinstance(value, Function | Table | Operation | Call):
        reach = Span(min(made.start, value.start), max(made.end, value.end))
    detail = _parameters(value, program) if isinstance(value, Function) else ""
    return Symbol(made.name, kind, detail, reach, made.span, _table_functions(program, value))


def _kind(made: Declaration, value: Expression | None) -> SymbolKind:
    if isinstance(value, Function):
        return "function"
    if made.kind == "class" or _is_class(value):
        return "class"
    if made.kind == "import":
        return "module"
    return "constant" if made.kind == "constant" else "variable"


def _parameters(function: Function, program: Program) -> str:
    return f"({', '.join(parameter_names(function, program.language))})"


def _table_functions(program: Program, value: Expression | None) -> tuple[Symbol, ...]:
    """The functions of a table or class literal, and the tables in it that have functions."""
    if isinstance(value, Operation) and value.operator == "class":
        value = value.operands[0]
    if not isinstance(value, Table):
        return ()
    return tuple(found for entry in value.fields if (found := _entry(program, entry)) is not None)


def _entry(program: Program, entry: Field) -> Symbol | None:
    if entry.key is None or not entry.key:
        return None
    if isinstance(entry.value, Function):
        kind: SymbolKind = "method" if entry.value.is_method else "function"
        return Symbol(entry.key, kind, _parameters(entry.value, program), entry.span, entry.key_span)
    inner = _table_functions(program, entry.value)
    return Symbol(entry.key, "field", "", entry.span, entry.key_span, inner) if inner else None


def _members(program: Program) -> list[Symbol]:
    """``function M.f``, ``function M:f`` and ``M.f = function``."""
    found: list[Symbol] = []
    for function in program.functions:
        if any(sign in function.name for sign in ".:"):
            kind: SymbolKind = "method" if function.is_method else "function"
            found.append(
                Symbol(function.name, kind, _parameters(function, program), function.span, function.name_span)
            )
    for made in program.declarations:
        for name, values in made.members.items():
            found += [
                Symbol(
                    f"{made.name}.{name}",
                    "function",
                    _parameters(value, program),
                    value.span,
                    Span(value.start, value.start),
                )
                for value in values
                if isinstance(value, Function) and not value.name
            ]
    return found


def _nested(flat: list[Symbol]) -> tuple[Symbol, ...]:
    """Put each symbol below the innermost one that spans it."""
    ordered = sorted(flat, key=lambda one: (one.span.start, -one.span.end))
    stack: list[tuple[Symbol, list[Symbol]]] = []
    finished: list[Symbol] = []

    def close(until: int) -> None:
        while stack and stack[-1][0].span.end <= until:
            symbol, children = stack.pop()
            whole = _with_children(symbol, children)
            (stack[-1][1] if stack else finished).append(whole)

    for symbol in ordered:
        close(symbol.span.start)
        stack.append((symbol, []))
    close(1 << 62)
    return tuple(finished)


def _with_children(symbol: Symbol, children: list[Symbol]) -> Symbol:
    known = {child.selection for child in symbol.children}
    added = [child for child in children if child.selection not in known]
    every = tuple(sorted([*symbol.children, *added], key=lambda one: one.span.start))
    return Symbol(symbol.name, symbol.kind, symbol.detail, symbol.span, symbol.selection, every)
