"""The language server: LSP at the edge of the engine."""
