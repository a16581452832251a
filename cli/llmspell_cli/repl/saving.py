"""The inputs of a session as one script: what holds between inputs only is written as scripts have it.

In Lua a bare expression is no statement and nothing may follow a ``return``: both print what they come to, as
they did in the session. A module of JavaScript declares a name once and assigns none that it does
not declare: names that were used so become ``var``, which may be declared anew.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from llmspell_engine.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import tree_sitter
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.javascript_pieces import Piece
    from llmspell_engine.syntax import SyntaxTree

_NAMED = ("class_declaration", "function_declaration", "generator_function_declaration")
_COMMENTS = ("--", "//", "/*")


def as_script(inputs: Sequence[str], language: Language) -> str:
    """The text of a script that does what the inputs did, one after the other."""
    parts = map(_lua, inputs) if language == "lua" else _javascript(inputs)
    return "".join(f"{';' if _goes_on(part) else ''}{part}\n" for part in parts)


def _goes_on(part: str) -> bool:
    """Whether an input would be read as the rest of the one before it: ``f`` and then ``(g)()``."""
    return part.lstrip().startswith(("(", "[", "`", "+", "-", "/")) and not part.lstrip().startswith(
        _COMMENTS
    )


def _lua(text: str) -> str:
    tree = parse(text, "lua")
    if tree.faults:
        return f"print({text}\n)"
    for statement in tree.root.named_children:
        if statement.type == "return_statement":
            shown = "".join(tree.slice(each) for each in statement.named_children)
            span = tree.span(statement)
            return text[: span.start] + (f"print({shown})" if shown else "") + text[span.end :]
    return text


def _javascript(inputs: Sequence[str]) -> Iterator[str]:
    from llmspell_engine.runtime.javascript_pieces import piece_of

    pieces = [piece_of(each) for each in inputs]
    declared = Counter(name for piece in pieces for name in _declared(piece))
    anew = {name for name, times in declared.items() if times > 1} | _assigned_before(pieces)
    seen: set[str] = set()
    for text, piece in zip(inputs, pieces, strict=True):
        yield _module_part(text, anew, seen)
        seen |= {*_declared(piece), *piece.names.get("assigned", ())}


def _declared(piece: Piece) -> list[str]:
    return [name for use, names in piece.names.items() if use != "assigned" for name in names]


def _assigned_before(pieces: Sequence[Piece]) -> set[str]:
    """The names that are assigned before they are declared, or never are."""
    found: set[str] = set()
    seen: set[str] = set()
    for piece in pieces:
        found |= set(piece.names.get("assigned", ())) - seen
        seen |= set(_declared(piece))
    return found


def _module_part(text: str, anew: set[str], seen: set[str]) -> str:
    if text.lstrip().startswith("{") and not parse(f"({text}\n)", "javascript").faults:
        return f"({text}\n)"  # what begins with a brace was a value, and would be a block
    tree = parse(text, "javascript")
    written = text
    for statement in reversed(tree.root.named_children):
        declaration = statement.child_by_field_name("declaration") or statement
        for place, end, instead in _variable(tree, declaration, anew, seen):
            written = written[:place] + instead + written[end:]
    return written


def _variable(
    tree: SyntaxTree, statement: tree_sitter.Node, anew: set[str], seen: set[str]
) -> Iterator[tuple[int, int, str]]:
    """What to write where to make a statement's names variables, the last place first."""
    span = tree.span(statement)
    name = statement.child_by_field_name("name")
    if statement.type in _NAMED and name is not None and tree.slice(name) in anew:
        yield span.end, span.end, ";"
        yield span.start, span.start, f"var {tree.slice(name)} = "
    elif statement.type == "lexical_declaration" and not anew.isdisjoint(_bound(tree, statement)):
        keyword = tree.span(statement.children[0])
        yield keyword.start, keyword.end, "var"
    elif statement.type == "expression_statement" and not seen.issuperset(_assigned(tree, statement)):
        yield span.start, span.start, "var "


def _bound(tree: SyntaxTree, statement: tree_sitter.Node) -> list[str]:
    from llmspell_engine.runtime.javascript_pieces import piece_of

    return _declared(piece_of(tree.slice(statement)))


def _assigned(tree: SyntaxTree, statement: tree_sitter.Node) -> list[str]:
    from llmspell_engine.runtime.javascript_pieces import piece_of

    return piece_of(tree.slice(statement)).names.get("assigned", [])
