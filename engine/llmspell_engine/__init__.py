"""The llmspell engine: understands and runs scripts; knows no editor and no protocol."""
