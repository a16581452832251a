"""Text in, tree and faults out: tree-sitter behind one function for both languages."""

from llmspell_engine.syntax.fault import Fault
from llmspell_engine.syntax.parser import SyntaxTree, parse

__all__ = ["Fault", "SyntaxTree", "parse"]
