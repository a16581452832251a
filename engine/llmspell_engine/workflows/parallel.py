"""Branches at the same time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.tools import as_text
from llmspell_engine.workflows.body import Body, definitions, in_order
from llmspell_engine.workflows.results import Produced, StepFailedError

if TYPE_CHECKING:
    from llmspell_engine.workflows.context import Place
    from llmspell_engine.workflows.step import Step


@dataclass(frozen=True, slots=True)
class Branch:
    """Steps in order, beside other branches."""

    name: str
    steps: Sequence[Step]


class Parallel(Body):
    """All branches at the same time, or as many as may be; the output has the last output of each by name.

    With ``fail_fast`` the first failure ends the other branches; without it they go on to their ends, and the
    first failure is told then.
    """

    kind = "parallel"

    def __init__(
        self, branches: Sequence[Branch], at_once: int | None = None, *, fail_fast: bool = True
    ) -> None:
        self._branches = branches
        self._at_once = at_once
        self._fail_fast = fail_fast

    @property
    def steps(self) -> Sequence[Step]:
        """See the base class."""
        return [step for branch in self._branches for step in branch.steps]

    async def run(self, place: Place) -> Produced:
        """See the base class."""
        outputs: dict[str, Any] = {}
        failed: list[str] = []
        facts = place.run.facts
        facts.update(
            branch_count=len(self._branches),
            total_branches=len(self._branches),
            max_concurrency=self._at_once,
            fail_fast=self._fail_fast,
        )

        async def take(branch: Branch) -> None:
            try:
                last = await in_order(branch.steps, place.inside(branch.name))
            except StepFailedError:
                failed.append(branch.name)
                raise
            outputs[branch.name] = last.output if last else None

        works = [lambda branch=branch: take(branch) for branch in self._branches]
        try:
            await together(works, self._at_once, fail_fast=self._fail_fast)
        finally:
            left = len(self._branches) - len(outputs) - len(failed)
            facts.update(
                successful_branches=len(outputs), failed_branches=len(failed), stopped_early=left > 0
            )
        ordered = {one.name: outputs[one.name] for one in self._branches if one.name in outputs}
        return Produced(ordered, as_text(ordered))

    def definition(self) -> object:
        """See the base class."""
        return [[branch.name, definitions(branch.steps)] for branch in self._branches]


async def together(
    works: Sequence[Callable[[], Awaitable[None]]], at_once: int | None, *, fail_fast: bool
) -> None:
    """Do several things at the same time, at most ``at_once``, in their order. Raises the first failure.

    With ``fail_fast`` that ends the others, without it they come to their ends before.
    """
    import anyio

    failures: list[StepFailedError] = []
    left = iter(works)

    async def do_one_after_the_other() -> None:
        for work in left:
            try:
                await work()
            except StepFailedError as failure:
                failures.append(failure)
                if fail_fast:
                    group.cancel_scope.cancel()
                    return

    try:
        async with anyio.create_task_group() as group:
            for _ in range(min(at_once or len(works), len(works))):
                group.start_soon(do_one_after_the_other)
    except BaseExceptionGroup as problems:
        raise _first(problems) from None
    if failures:
        raise failures[0]


def _first(problems: BaseExceptionGroup[BaseException]) -> BaseException:
    first = problems.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
