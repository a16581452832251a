"""What steps see of the steps before them.

A run may have thousands of steps, and functions are told of all before them each time: what is told of a step
is made once, and who hands it on may ask for what is new alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from llmspell_engine.worded import Worded

if TYPE_CHECKING:
    from llmspell_engine.workflows.results import StepResult

_NOT_IN_NAMES = re.compile(r"\W")


class Seen(Mapping[str, "StepResult"]):
    """Results by the names of their steps, the newest of each, and the order in which they came."""

    def __init__(self) -> None:
        self._results: dict[str, StepResult] = {}
        self._views: dict[str, Mapping[str, Any]] = {}
        self._plain: dict[str, Mapping[str, Any]] = {}
        self.accounts = Accounts()

    def __getitem__(self, name: str) -> StepResult:
        return self._results[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def add(self, name: str, result: StepResult) -> None:
        """Let the steps that come see a result."""
        self._results[name] = result
        self._views.pop(name, None)
        self.accounts.add(name, account(result))

    def copy(self) -> Seen:
        """The same so far; what is added to one is not seen in the other."""
        made = Seen()
        made._results = dict(self._results)
        made._views = dict(self._views)
        made._plain = dict(self._plain)
        made.accounts = self.accounts.copy()
        return made

    def views(self) -> Mapping[str, Mapping[str, Any]]:
        """What templates see of each step."""
        for name, result in self._results.items():
            if name not in self._views:
                self._views[name] = self._plain[_NOT_IN_NAMES.sub("_", name)] = view(result)
        return self._views

    def plain_views(self) -> Mapping[str, Mapping[str, Any]]:
        """The same by names that can stand alone in a template: other characters are written ``_``."""
        self.views()
        return self._plain


class Accounts(Mapping[str, Mapping[str, Any]]):
    """What functions see of each step, and all that was ever added, in order."""

    def __init__(self) -> None:
        self._newest: dict[str, Mapping[str, Any]] = {}
        self.log: list[tuple[str, Mapping[str, Any]]] = []

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        return self._newest[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._newest)

    def __len__(self) -> int:
        return len(self._newest)

    # Each is itself alone, so that something may be noted of it.

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def copy(self) -> Accounts:
        """The same so far."""
        made = Accounts()
        made._newest = dict(self._newest)
        made.log = list(self.log)
        return made

    def add(self, name: str, told: Mapping[str, Any]) -> None:
        """Tell of a step from now on."""
        self._newest[name] = told
        self.log.append((name, told))


def account(result: StepResult) -> dict[str, Any]:
    """A result as functions see it."""
    return {
        "name": result.name,
        "success": result.success,
        "skipped": result.skipped,
        "output": result.output,
        "text": result.text,
        "data": result.data,
        "error": result.error,
        "duration_ms": result.duration_ms,
        "attempts": result.attempts,
    }


def view(result: StepResult) -> Worded:
    """A result as templates see it: the same, and the fields of an output that is a table.

    Whoever writes a template knows the step's name: ``name`` is the output's where that has one.
    """
    fields = result.output if isinstance(result.output, Mapping) else {}
    own = {"name": fields["name"]} if "name" in fields else {}
    return Worded({**{str(key): value for key, value in fields.items()}, **account(result), **own})
