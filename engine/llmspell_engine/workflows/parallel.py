"""Branches at the same time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.tools import as_text
from llmspell_engine.workflows.body import Body, definitions, in_order, produced
from llmspell_engine.workflows.results import Produced, StepFailedError

if TYPE_CHECKING:
    from llmspell_engine.workflows.context import Place
    from llmspell_engine.workflows.results import StepResult
    from llmspell_engine.workflows.step import Step


@dataclass(frozen=True, slots=True)
class Branch:
    """Steps in order, beside other branches.

    Attributes:
        is_required: whether a failure of it is one of the workflow.
    """

    name: str
    steps: Sequence[Step]
    is_required: bool = True


class Parallel(Body):
    """All branches at the same time, or as many as may be; the output has the last output of each by name.

    With ``fail_fast`` the first failure ends the other branches; without it they go on to their ends, and the
    first failure is told then. The steps of a branch see those before the branches and those of their own;
    different branches may so have steps of one name. ``then`` are steps that run when all have ended, and are
    given the table of outputs; the output is the last one's then.
    """

    kind = "parallel"

    def __init__(
        self,
        branches: Sequence[Branch],
        at_once: int | None = None,
        then: Sequence[Step] = (),
        *,
        fail_fast: bool = True,
    ) -> None:
        self._branches = branches
        self._at_once = at_once
        self._then = then
        self._fail_fast = fail_fast

    @property
    def steps(self) -> Sequence[Step]:
        """See the base class."""
        return [*(step for branch in self._branches for step in branch.steps), *self._then]

    def step_at(self, path: str, name: str) -> Step | None:
        """See the base class: the path has the branch."""
        placed = ((branch.name, step) for branch in self._branches for step in branch.steps)
        found = next((step for branch, step in placed if path == f"{branch}/{step.name}"), None)
        return found or next((step for step in self._then if path == step.name), None)

    async def run(self, place: Place) -> Produced:
        """See the base class."""
        facts = place.run.facts
        facts.update(
            branch_count=len(self._branches),
            total_branches=len(self._branches),
            max_concurrency=self._at_once,
            fail_fast=self._fail_fast,
        )
        ended: dict[str, _Ended] = {}
        news: list[StepResult] = []
        works = [lambda branch=branch: self._take(branch, place, ended, news) for branch in self._branches]
        try:
            await together(works, self._at_once, fail_fast=self._fail_fast)
        finally:
            for result in news:
                place.results.add(result.name, result)
            done = sum(one.success for one in ended.values())
            facts.update(
                successful_branches=done,
                failed_branches=len(ended) - done,
                stopped_early=len(ended) < len(self._branches),
            )
        inorder = [ended[branch.name] for branch in self._branches]
        outputs = {one.name: one.output for one in inorder if one.success}
        then = place.giving(outputs).with_local(previous=outputs, branches=[one.told() for one in inorder])
        last = await in_order(self._then, then)
        return produced(last) if last else Produced(outputs, as_text(outputs))

    async def _take(
        self, branch: Branch, place: Place, ended: dict[str, _Ended], news: list[StepResult]
    ) -> None:
        """Run a branch. What its steps came to is seen outside when all branches have ended."""
        inside = place.inside(branch.name, apart=True)
        before, last, failure = len(inside.results.accounts.log), None, None
        try:
            last = await in_order(branch.steps, inside)
        except StepFailedError as failed:
            failure = failed
            inside.results.add(failed.result.name, failed.result)
            if not branch.is_required:
                place.run.tolerated.add(failed.result.path)
        finally:
            log = inside.results.accounts.log[before:]
            news.extend(inside.results[name] for name in dict(log))
        output = last.output if last else None
        error = None if failure is None else str(failure.result.error)
        ended[branch.name] = _Ended(branch.name, output, error, [told for _, told in log])
        if not (last and last.restored):
            await self._tell(ended[branch.name], place)
        if failure is not None and branch.is_required:
            raise failure

    async def _tell(self, ended: _Ended, place: Place) -> None:
        told = place.run.handlers.branch_complete
        if told is not None:
            await told(ended.name, ended.told(), place.facts())

    def definition(self) -> object:
        """See the base class."""
        branches: list[object] = [[branch.name, definitions(branch.steps)] for branch in self._branches]
        return [*branches, *definitions(self._then)]


@dataclass(frozen=True, slots=True)
class _Ended:
    """What came of a branch: what its last step gave, or the error; and the accounts of its steps."""

    name: str
    output: Any
    error: str | None
    steps: Sequence[Mapping[str, Any]]

    @property
    def success(self) -> bool:
        return self.error is None

    def told(self) -> dict[str, Any]:
        """The same as functions and templates see it."""
        about = {"name": self.name, "success": self.success, "output": self.output, "error": self.error}
        return {**about, "steps": list(self.steps)}


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
