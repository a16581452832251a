"""The agents of a run: its script's, and those of the configuration, which are made when first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmspell_engine.config.model import AgentSettings
    from llmspell_engine.globals.services import Run


class RunAgents(MutableMapping[str, Any]):
    """The handles of a run's agents, by name.

    Asking for one by its name makes it where it is of the configuration; going through all makes all.
    A script may give the name of one that is not made yet to an agent of its own, which hides it.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._made: dict[str, Any] = {}
        self.workflows: dict[str, Any] = {}
        """The handles of the run's workflows, by id: they are agents, too."""
        self._waiting: dict[str, AgentSettings] = dict(_configured(run))

    def __getitem__(self, name: str) -> Any:
        """The agent of a name. Raises KeyError where there is none, and what making it raises."""
        if name not in self._made and name in self._waiting:
            self._make(name)
        return self._made[name]

    def __setitem__(self, name: str, agent: Any) -> None:
        self._made[name] = agent
        self._waiting.pop(name, None)

    def __delitem__(self, name: str) -> None:
        del self._made[name]

    def __contains__(self, name: object) -> bool:
        """Whether the agent of a name is made."""
        return name in self._made

    def __iter__(self) -> Iterator[str]:
        for name in list(self._waiting):
            self.get(name)
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made) + len(self._waiting)

    def find(self, name: str) -> Any:
        """The agent of a name, else the workflow last made with it; None where there is neither."""
        found = self.get(name)
        workflows = reversed(self.workflows.values())
        return found or next((one for one in workflows if one.name == name), None)

    def _make(self, name: str) -> None:
        """Make an agent, then those that it hands over to: they may hand over to it."""
        from llmspell_engine.agents.handoff import Handoff
        from llmspell_engine.agents.llm import LLMAgent
        from llmspell_engine.api.agent_builder import AgentOptions
        from llmspell_engine.globals.agent import Agent

        settings = self._waiting[name]
        given = settings.model_dump(mode="json", exclude_unset=True, exclude={"handoffs"})
        made = Agent(self._run).create(AgentOptions(name=name, **given)).agent
        if isinstance(made, LLMAgent) and settings.handoffs:
            others = [Handoff(self[other].agent) for other in settings.handoffs]
            made.settings = replace(made.settings, handoffs=others)


def _configured(run: Run) -> Mapping[str, AgentSettings]:
    resolved = run.services.configuration()
    config = resolved.beyond_options if resolved else None
    return config.agents if config else {}
