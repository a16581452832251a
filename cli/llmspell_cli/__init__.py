"""The llmspell command: arguments, printing and exit codes."""
