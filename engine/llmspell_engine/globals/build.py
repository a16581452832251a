"""All globals of a run, bound for its language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.globals.agent import Agent
from llmspell_engine.globals.event import Event
from llmspell_engine.globals.json import JSON
from llmspell_engine.globals.logger import Logger
from llmspell_engine.globals.state import State
from llmspell_engine.globals.tool import Tool
from llmspell_engine.runtime.binding import Binder

if TYPE_CHECKING:
    from llmspell_engine.api.declare import Global
    from llmspell_engine.globals.services import Run
    from llmspell_engine.runtime.values import HostObject


def build_globals(run: Run) -> dict[str, HostObject]:
    """The globals by name, those of the run's language only."""
    binder = Binder(run.language)
    made: tuple[Global, ...] = (Agent(run), Tool(run), State(run), Event(run), Logger(run), JSON())
    return {each.name: binder.global_(each) for each in made if run.language in each.languages}
