"""What a run may use of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmspell_engine.assembly.launch import Launch
    from llmspell_engine.config.model import Config
    from llmspell_engine.providers.metering import Budget


def budget_of(launch: Launch, config: Config | None) -> Budget:
    """The limits of the launch, else of the configuration."""
    from llmspell_engine.providers.metering import Budget

    def limit(name: str) -> Any:
        given = getattr(launch, name)
        return given if given is not None or config is None else getattr(config.run, name)

    return Budget(limit("max_calls"), limit("max_tokens"), limit("max_cost"))
