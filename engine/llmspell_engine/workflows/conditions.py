"""Conditions: what decides on branches, rounds and steps.

A condition is a function, an expression of the template language, or a record that tests the shared data or
what came of a step. Records are combined with ``and``, ``or`` and ``not``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from llmspell_engine.workflows.results import StepResult, WorkflowError
from llmspell_engine.workflows.templates import evaluated, rendered

if TYPE_CHECKING:
    from llmspell_engine.workflows.actions import Action
    from llmspell_engine.workflows.context import Facts, Place

_AROUND_LABELS = " \t\r\n.,:;!\"'`*"
"""What models put around a single word that they were asked for."""


class Condition(ABC):
    """Something that holds, or does not, at a place in a run."""

    @abstractmethod
    async def holds(self, place: Place, where: str) -> bool:
        """Whether it holds. Raises WorkflowError that begins with ``where``."""


@dataclass(frozen=True, slots=True)
class Constant(Condition):
    """Always or never."""

    value: bool

    async def holds(self, place: Place, where: str) -> bool:
        """See the base class."""
        return self.value


@dataclass(frozen=True, slots=True)
class Expression(Condition):
    """An expression of the template language, true as there: nothing, 0 and empty texts are false."""

    text: str

    def __str__(self) -> str:
        return self.text

    async def holds(self, place: Place, where: str) -> bool:
        """See the base class."""
        return bool(evaluated(self.text, place.variables, where))


@dataclass(frozen=True, slots=True)
class Predicate(Condition):
    """A function that is told of the run; false are only nothing and ``false``."""

    function: Callable[[Facts], Awaitable[Any]]

    async def holds(self, place: Place, where: str) -> bool:
        """See the base class."""
        value = await self.function(place.facts())
        return value is not None and value is not False


@dataclass(frozen=True, slots=True)
class SharedData(Condition):
    """Whether the shared data has a key, or has a certain value there."""

    key: str
    value: Any = None
    only_exists: bool = False

    async def holds(self, place: Place, where: str) -> bool:
        """See the base class."""
        state = place.run.state
        if self.only_exists:
            return state.get(self.key) is not None
        return bool(state.get(self.key) == self.value)


@dataclass(frozen=True, slots=True)
class Compared(Condition):
    """Whether a value of the shared data is more than another, or less; one that is not there is neither."""

    key: str
    value: Any
    is_more: bool

    async def holds(self, place: Place, where: str) -> bool:
        """See the base class."""
        found = place.run.state.get(self.key)
        if found is None:
            return False
        try:
            return bool(found > self.value if self.is_more else found < self.value)
        except TypeError:
            raise WorkflowError(
                f"{where}: the shared data has {str(found)[:40]!r} as '{self.key}', which cannot be compared"
                f" with {str(self.value)[:40]!r}"
            ) from None


@dataclass(frozen=True, slots=True)
class OfAgent(Condition):
    """Whether an agent answers with a word and nothing else; its question may have templates."""

    agent: Action
    question: Any
    word: str

    async def holds(self, place: Place, where: str) -> bool:
        """See the base class."""
        asked = rendered(self.question, place.variables, where)
        done = await self.agent.perform(asked, place, where)
        return _label(done.text) == _label(self.word)


@dataclass(frozen=True, slots=True)
class OfStep(Condition):
    """What came of a step, looked at by a test."""

    step: str
    test: Callable[[StepResult], bool]

    async def holds(self, place: Place, where: str) -> bool:
        """See the base class."""
        result = place.results.get(self.step)
        if result is None:
            known = list(place.results)
            near = get_close_matches(self.step, known, n=1, cutoff=0.6)
            hint = f"did you mean '{near[0]}'?" if near else f"done so far: {', '.join(known) or 'none'}"
            raise WorkflowError(f"{where}: the step '{self.step}' has not run before; {hint}")
        return self.test(result)


@dataclass(frozen=True, slots=True)
class Every(Condition):
    """Whether all conditions hold; those after the first that does not are not looked at."""

    conditions: Sequence[Condition]

    async def holds(self, place: Place, where: str) -> bool:
        """See the base class."""
        for one in self.conditions:
            if not await one.holds(place, where):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Some(Condition):
    """Whether any condition holds; those after the first that does are not looked at."""

    conditions: Sequence[Condition]

    async def holds(self, place: Place, where: str) -> bool:
        """See the base class."""
        for one in self.conditions:
            if await one.holds(place, where):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """The contrary."""

    condition: Condition

    async def holds(self, place: Place, where: str) -> bool:
        """See the base class."""
        return not await self.condition.holds(place, where)


def succeeded(step: str) -> Condition:
    """Whether a step was done without an error."""
    return OfStep(step, lambda result: result.success and not result.skipped)


def failed(step: str) -> Condition:
    """Whether a step failed."""
    return OfStep(step, lambda result: not result.success)


def gave(step: str, value: Any) -> Condition:
    """Whether a step's output, or its text or data, is a value."""
    return OfStep(step, lambda result: value in (result.output, result.text, result.data))


def contains(step: str, value: str) -> Condition:
    """Whether a step's text has a text in it."""
    return OfStep(step, lambda result: value in result.text)


def classified(step: str, category: str) -> Condition:
    """Whether an agent answered with the name of a category and nothing else, or with data that names it."""

    def named(result: StepResult) -> bool:
        data = result.data if isinstance(result.data, Mapping) else {}
        answers = [result.text, data.get("category"), data.get("classification"), data.get("label")]
        return _label(category) in [_label(one) for one in answers if one is not None]

    return OfStep(step, named)


def _label(answer: Any) -> str:
    return str(answer).strip(_AROUND_LABELS).casefold()
