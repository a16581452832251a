"""Text in, tree and faults out: tree-sitter behind one function for both languages."""

from llmspell_engine.syntax.parser import Fault, SyntaxTree, parse

__all__ = ["Fault", "SyntaxTree", "parse"]
