"""What functions of scripts are told of a run.

The input and what came of earlier steps are handed over once: what is new since the last call passes with the
next, into the table that functions were told before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from llmspell_engine.catalog.model import spelled
from llmspell_engine.runtime.values import Kept

if TYPE_CHECKING:
    from llmspell_engine.language import Language
    from llmspell_engine.workflows.context import Facts, Run
    from llmspell_engine.workflows.seen import Accounts


@dataclass(slots=True)
class _Steps:
    """The table of the steps, and how many of their accounts are in it."""

    table: Kept
    count: int = 0


class Teller:
    """Tells the functions of one workflow, in the spelling of their language."""

    def __init__(self, language: Language) -> None:
        self._language: Language = language
        self._steps: WeakKeyDictionary[Accounts, _Steps] = WeakKeyDictionary()
        self._inputs: WeakKeyDictionary[Run, Kept] = WeakKeyDictionary()

    def told(self, facts: Facts) -> dict[str, Any]:
        """What a function is told; the names of steps stay as they are."""
        told = self._spelled(facts)
        told["steps"] = self._steps_of(facts["steps"])
        if "branches" in facts:
            told["branches"] = [self._branch(one) for one in facts["branches"]]
        told["input"] = self._inputs.setdefault(facts.run, Kept(facts["input"]))
        return told

    def account(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """The account of a step, or of a branch with its steps."""
        return self._branch(told) if "steps" in told else self._spelled(told)

    def told_as_older(self, facts: Facts) -> dict[str, Any]:
        """The same as older scripts read it: a tool's output is its text, the item is the current one."""
        told = self.told(facts)
        told["steps"] = {
            name: self._spelled({**account, "output": _older_output(account)})
            for name, account in facts["steps"].items()
        }
        item = facts.get("item")
        current = {"current_item": item, "current_value": item, "current_index": facts.get("index")}
        batch = {"batch": item} if isinstance(item, list) else {}
        branches = {"branch_results": told["branches"]} if "branches" in told else {}
        return {**told, **self._spelled({**current, **batch, **branches})}

    def _branch(self, told: Mapping[str, Any]) -> dict[str, Any]:
        return {**self._spelled(told), "steps": [self._spelled(one) for one in told["steps"]]}

    def _steps_of(self, accounts: Accounts) -> Kept:
        known = self._steps.get(accounts)
        if known is None:
            known = self._steps[accounts] = _Steps(Kept({}))
        for name, account in accounts.log[known.count :]:
            known.table.put(name, self._spelled(account))
        known.count = len(accounts.log)
        return known.table

    def _spelled(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {spelled(name, self._language): value for name, value in fields.items()}


def _older_output(account: Mapping[str, Any]) -> Any:
    output = account["output"]
    is_of_tool = isinstance(output, Mapping) and {"operation", "message", "metadata"} <= output.keys()
    return account["text"] if is_of_tool else output
