"""Patterns of event names, which the analysis knows as well."""

from llmspell_engine.event_names import Matcher, matcher

__all__ = ["Matcher", "matcher"]
