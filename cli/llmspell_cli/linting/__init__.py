"""What ``llmspell lint`` reads and prints: files in, reports out."""
