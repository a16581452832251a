"""State: values that outlive a run, by scope and key."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from llmspell_engine.api.declare import Global, complete, example, member

SCOPES = ("global", "custom", "session", "workflow", "agent", "tool")
"""The kinds of scopes; all can be qualified by what they belong to, as in ``agent:writer``."""

Scope = Annotated[
    str,
    Field(
        pattern=rf"^({'|'.join(SCOPES)})(:.+)?$",
        description="`global`, `custom`, `session`, `workflow`, `agent`, `tool`, or `agent:<name>`.",
    ),
    complete("stateScope"),
]
Key = Annotated[str, Field(min_length=1), complete("stateKey")]


class State(Global):
    """Keeps values by scope and key. Values are what JSON can write."""

    name = "State"

    @abstractmethod
    @example(
        lua='State.save("global", "visits", 3)',
        javascript='State.save("global", "visits", 3);',
    )
    def save(self, scope: Scope, key: Key, value: Any) -> None:
        """Keep a value, in place of the one before.

        Args:
            scope: what the value belongs to, such as `global` or `agent:writer`.
            key: the value's name within the scope.
            value: what to keep.
        """

    @abstractmethod
    @example(
        lua='local visits = State.load("global", "visits") or 0',
        javascript='const visits = State.load("global", "visits") ?? 0;',
    )
    def load(self, scope: Scope, key: Key) -> Any | None:
        """The value of a key, or nothing.

        Args:
            scope: what the value belongs to.
            key: the value's name within the scope.
        """

    @abstractmethod
    def delete(self, scope: Scope, key: Key) -> None:
        """Forget a value. It is no error when there is none.

        Args:
            scope: what the value belongs to.
            key: the value's name within the scope.
        """

    @abstractmethod
    def exists(self, scope: Scope, key: Key) -> bool:
        """Whether a key has a value.

        Args:
            scope: what the value belongs to.
            key: the value's name within the scope.
        """

    @abstractmethod
    def list_keys(self, scope: Scope) -> Sequence[str]:
        """The keys of a scope, in alphabetical order.

        Args:
            scope: what the values belong to.
        """

    def agent_get(
        self, agent_id: Annotated[str, Field(min_length=1), complete("agent")], key: Key
    ) -> Any | None:
        """The value that an agent has under a key, or nothing.

        Args:
            agent_id: the agent's name.
            key: the value's name.
        """
        return self.load(f"agent:{agent_id}", key)

    def agent_set(
        self, agent_id: Annotated[str, Field(min_length=1), complete("agent")], key: Key, value: Any
    ) -> None:
        """Keep a value for an agent.

        Args:
            agent_id: the agent's name.
            key: the value's name.
            value: what to keep.
        """
        self.save(f"agent:{agent_id}", key, value)

    def tool_get(
        self, tool_id: Annotated[str, Field(min_length=1), complete("tool")], key: Key
    ) -> Any | None:
        """The value that a tool has under a key, or nothing.

        Args:
            tool_id: the tool's name.
            key: the value's name.
        """
        return self.load(f"tool:{tool_id}", key)

    def tool_set(
        self, tool_id: Annotated[str, Field(min_length=1), complete("tool")], key: Key, value: Any
    ) -> None:
        """Keep a value for a tool.

        Args:
            tool_id: the tool's name.
            key: the value's name.
            value: what to keep.
        """
        self.save(f"tool:{tool_id}", key, value)

    def workflow_get(
        self, workflow_id: Annotated[str, Field(min_length=1)], step_name: Annotated[str, Field(min_length=1)]
    ) -> Any | None:
        """What a step of a workflow gave when it last ran, or nothing.

        Args:
            workflow_id: the workflow's name.
            step_name: the step's name.
        """
        return self.load(f"workflow:{workflow_id}", step_name)

    def workflow_list(self, workflow_id: Annotated[str, Field(min_length=1)]) -> Sequence[str]:
        """The names of the steps of a workflow whose outputs are kept.

        Args:
            workflow_id: the workflow's name.
        """
        # The records of runs stand in the same scope; no name of a step has a colon in front of it.
        return [key for key in self.list_keys(f"workflow:{workflow_id}") if not key.startswith("run:")]

    @member(deprecated="State.load")
    def get(self, key: Key) -> Any | None:
        """The value of a key of the scope `global`, or nothing.

        Args:
            key: the value's name.
        """
        return self.load("global", key)

    @member(deprecated="State.save")
    def set(self, key: Key, value: Any) -> None:
        """Keep a value in the scope `global`.

        Args:
            key: the value's name.
            value: what to keep.
        """
        self.save("global", key, value)

    @member(deprecated="State.list_keys")
    def keys(self) -> Sequence[str]:
        """The keys of the scope `global`."""
        return self.list_keys("global")
