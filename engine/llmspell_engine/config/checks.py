"""What can only be told of a configuration as a whole: names that must exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from llmspell_engine.config.origin import Keys
from llmspell_engine.config.wording import nearest_of

if TYPE_CHECKING:
    from llmspell_engine.config.model import Config


def broken_references(config: Config) -> Iterator[tuple[Keys, str]]:
    """Names of tools and agents that do not exist, with a sentence for each."""
    if config.tools.disabled:
        from llmspell_engine.catalog.loader import load

        catalog = load()
        for at, name in enumerate(config.tools.disabled):
            if catalog.tool(name) is None and not config.tools.modules:
                yield ("tools", "disabled", str(at)), _missing("tool", name, catalog.tools)
    for agent, settings in config.agents.items():
        for at, name in enumerate(settings.handoffs):
            if name not in config.agents:
                yield ("agents", agent, "handoffs", str(at)), _missing("agent", name, config.agents)


def _missing(kind: str, name: str, known: Iterable[str]) -> str:
    near = nearest_of(name, known)
    advice = f"; did you mean '{near}'?" if near else ""
    return f"there is no {kind} '{name}'{advice}"
