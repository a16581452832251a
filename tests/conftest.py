"""Settings that hold for every test."""

from __future__ import annotations

from hypothesis import settings

# No deadlines: how long an example takes says more of what else the machine does than of the code.
settings.register_profile("llmspell", deadline=None)
settings.load_profile("llmspell")
