"""Ready-made kinds of agents: a system prompt with variables, settings, and what each is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PLAN_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "goal": {"type": "string"},
        "steps": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "title": {"type": "string"},
                    "depends_on": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["id", "title"],
            },
        },
    },
    "required": ["goal", "steps"],
}


@dataclass(frozen=True, slots=True)
class AgentTemplate:
    """A kind of agent. ``variables`` are those of its prompt, with their defaults."""

    name: str
    description: str
    system_prompt: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Further options of an agent, as ``Agent.create`` takes them."""


TEMPLATES: Mapping[str, AgentTemplate] = {
    one.name: one
    for one in (
        AgentTemplate(
            "chat",
            "Talks with people, and remembers what was said.",
            "You are {{ persona }}. Be {{ tone }}. Ask when something is not clear.",
            {"persona": "a helpful assistant", "tone": "friendly and brief"},
        ),
        AgentTemplate(
            "research",
            "Gathers what is known, tells facts from guesses, and names its sources.",
            "You research {{ topic }}. State facts apart from guesses, name the source of each fact, and"
            " say what you could not find.",
            {"topic": "what you are asked"},
            {"temperature": 0.2},
        ),
        AgentTemplate(
            "code",
            "Writes and reviews programs.",
            "You write {{ language }} for {{ level }} readers. Answer with code first, then explain what is"
            " not obvious. Point out errors and missing tests in code you are shown.",
            {"language": "code", "level": "experienced"},
            {"temperature": 0.1},
        ),
        AgentTemplate(
            "data",
            "Works on tables and figures, with tools for the sums.",
            "You analyse {{ subject }}. Use the tools for every calculation; never do sums yourself. Give"
            " figures with their units, and say how sure they are.",
            {"subject": "data"},
            {"temperature": 0.0, "allowed_tools": ["calculator", "json-processor"]},
        ),
        AgentTemplate(
            "planner",
            "Breaks a goal down into steps that depend on each other; answers with data.",
            "You plan {{ subject }}. Break the goal down into at most {{ max_steps }} steps. Give each a"
            " short id, a title, and the ids of the steps that must be done before it.",
            {"subject": "work", "max_steps": 10},
            {"temperature": 0.2, "output_schema": PLAN_SCHEMA},
        ),
        AgentTemplate(
            "orchestrator",
            "Gives parts of a task to other agents, which are its tools, and joins what they answer.",
            "You lead a team. Give each part of the task to the member of the team who can do it best, by"
            " calling it as a tool. {{ instructions }} Join the answers into one; do not do their work.",
            {"instructions": "Ask several at the same time where parts do not depend on each other."},
        ),
    )
}
