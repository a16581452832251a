"""Prompt templates by name: those of the configuration and those of a script."""

from llmspell_engine.prompts.library import NO_PROMPTS, PromptLibrary, PromptTemplate

__all__ = ["NO_PROMPTS", "PromptLibrary", "PromptTemplate"]
