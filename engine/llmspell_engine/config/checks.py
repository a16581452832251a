"""What can only be told of a configuration as a whole: names that must exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from llmspell_engine.config.origin import Keys
from llmspell_engine.config.wording import nearest_of

if TYPE_CHECKING:
    from llmspell_engine.config.model import Config, SecurityRules


def broken_references(config: Config) -> Iterator[tuple[Keys, str]]:
    """Names of tools, agents and of a language that do not exist, with a sentence for each."""
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
    yield from _names_without_effect(("security",), config.security)
    for pattern, rules in config.security.scripts.items():
        yield from _names_without_effect(("security", "scripts", pattern), rules)


def _names_without_effect(keys: Keys, rules: SecurityRules) -> Iterator[tuple[Keys, str]]:
    """Names that nothing allows or refuses: who wrote them would rely on it."""
    if not rules.allow and not rules.refuse:
        return
    from llmspell_engine.language import LANGUAGES
    from llmspell_engine.security.names import NOWHERE, ruled_names

    nowhere = {name: why for language in LANGUAGES for name, why in NOWHERE[language].items()}
    ruled = frozenset[str]().union(*map(ruled_names, LANGUAGES))
    for at, name in enumerate(rules.allow):
        if name in nowhere:
            why = nowhere[name]
            yield (*keys, "allow", str(at)), f"nothing allows '{name}', for {why.why}; {why.instead}"
        elif name not in ruled:
            yield (*keys, "allow", str(at)), _ruled_by_none(name, ruled)
    for at, name in enumerate(rules.refuse):
        if name not in ruled and name not in nowhere:
            yield (*keys, "refuse", str(at)), _ruled_by_none(name, ruled)


def _ruled_by_none(name: str, ruled: Iterable[str]) -> str:
    near = nearest_of(name, ruled)
    return f"no profile leaves '{name}' out, so there is no rule for it{_meant(near)}"


def _missing(kind: str, name: str, known: Iterable[str]) -> str:
    return f"there is no {kind} '{name}'{_meant(nearest_of(name, known))}"


def _meant(near: str | None) -> str:
    return f"; did you mean '{near}'?" if near else ""
