"""State: values that outlive a run, by scope and key."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from llmspell_engine.api.declare import Global, Holds, Waiting, complete, example, member
from llmspell_engine.api.state_handles import StateTransaction, StateWatch
from llmspell_engine.api.state_types import (
    SCOPES,
    Key,
    KeyPattern,
    SaveOptions,
    Scope,
    StateChange,
    TransactionOptions,
    Version,
    VersionedValue,
    WatchOptions,
)
from llmspell_engine.api.state_upkeep import StateUpkeep

__all__ = ["SCOPES", "State"]


class State(StateUpkeep, Global):
    """Keeps values by scope and key. Values are what JSON can write."""

    name = "State"

    @abstractmethod
    @example(
        lua='State.save("global", "visits", 3)',
        javascript='State.save("global", "visits", 3);',
    )
    def save(self, scope: Scope, key: Key, value: Any, options: SaveOptions | None = None) -> None:
        """Keep a value, in place of the one before.

        Args:
            scope: what the value belongs to, such as `global` or `agent:writer`.
            key: the value's name within the scope.
            value: what to keep.
            options: for how long.
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
    def delete(self, scope: Scope | Key, key: Key | None = None) -> None:
        """Forget a value. It is no error when there is none.

        Args:
            scope: what the value belongs to; as the only argument, the name of a global value.
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

    @abstractmethod
    def list_scopes(self) -> Sequence[str]:
        """The scopes that have values, in alphabetical order."""

    @abstractmethod
    def load_all(self, scope: Scope) -> Mapping[str, Any]:
        """The values of a scope by their keys, as they were at one moment.

        Args:
            scope: what the values belong to.
        """

    @abstractmethod
    def clear(self, scope: Scope) -> int:
        """Forget all values of a scope at once; tells how many there were.

        Args:
            scope: what the values belong to.
        """

    @abstractmethod
    @example(
        lua='local found = State.get_with_version("global", "visits")\n'
        "if found then print(found.version) end",
        javascript='const found = State.getWithVersion("global", "visits");\n'
        "if (found) console.log(found.version);",
    )
    def get_with_version(self, scope: Scope, key: Key) -> VersionedValue | None:
        """The value of a key with its version, or nothing.

        Args:
            scope: what the value belongs to.
            key: the value's name within the scope.
        """

    @abstractmethod
    @example(
        lua='if State.compare_and_set("custom:jobs", "owner", nil, "me", { ttl_seconds = 60 }) then\n'
        '  print("it is mine for a minute")\nend',
        javascript='if (State.compareAndSet("custom:jobs", "owner", null, "me", { ttlSeconds: 60 })) {\n'
        '  console.log("it is mine for a minute");\n}',
    )
    def compare_and_set(
        self, scope: Scope, key: Key, expected: Any, value: Any = None, options: SaveOptions | None = None
    ) -> bool:
        """Keep a value if the key has the expected one; tells whether it did.

        Args:
            scope: what the value belongs to.
            key: the value's name within the scope.
            expected: the value that it must have; nothing, if it must have none.
            value: what to keep; nothing forgets the key.
            options: for how long.
        """

    @abstractmethod
    def save_if_version(
        self, scope: Scope, key: Key, version: Version, value: Any, options: SaveOptions | None = None
    ) -> bool:
        """Keep a value if the key was not written since it had a version; tells whether it did.

        Args:
            scope: what the value belongs to.
            key: the value's name within the scope.
            version: what `State.get_with_version` told; 0, if the key must have no value.
            value: what to keep.
            options: for how long.
        """

    @abstractmethod
    @example(
        lua='print(State.increment("global", "visits"))',
        javascript='console.log(State.increment("global", "visits"));',
    )
    def increment(
        self, scope: Scope, key: Key, by: Annotated[float, Field(allow_inf_nan=False)] | int = 1
    ) -> float | int:
        """Add to a number, which is 0 where there is none; gives the sum. No addition of others is lost.

        Args:
            scope: what the value belongs to.
            key: the value's name within the scope.
            by: what to add.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua='State.save("custom:bank", "ann", 10)\n'
        "State.transaction(function(tx)\n"
        '  tx:save("custom:bank", "ann", tx:load("custom:bank", "ann") - 3)\n'
        '  tx:save("custom:bank", "bob", (tx:load("custom:bank", "bob") or 0) + 3)\n'
        "end)",
        javascript='State.save("custom:bank", "ann", 10);\n'
        "await State.transaction((tx) => {\n"
        '  tx.save("custom:bank", "ann", tx.load("custom:bank", "ann") - 3);\n'
        '  tx.save("custom:bank", "bob", (tx.load("custom:bank", "bob") ?? 0) + 3);\n'
        "});",
    )
    def transaction(
        self, handler: Callable[[StateTransaction], Any], options: TransactionOptions | None = None
    ) -> Waiting[Any]:
        """Do several things at once, or none of them; gives what the function gives.

        Where others change what it has read, the function is called again, so it should do nothing else. An
        error of the function undoes all.

        Args:
            handler: gets the transaction, and reads and writes through it; may wait.
            options: how often it is tried.
        """

    @abstractmethod
    @example(
        lua='local watch = State.watch("custom:jobs", "job-*", function(change)\n'
        "  print(change.operation, change.key, change.value)\nend)\n"
        'State.save("custom:jobs", "job-1", "done")\nwatch:stop()',
        javascript='const watch = State.watch("custom:jobs", "job-*", (change) => {\n'
        "  console.log(change.operation, change.key, change.value);\n});\n"
        'State.save("custom:jobs", "job-1", "done");\nwatch.stop();',
    )
    def watch(
        self,
        scope: Scope,
        key_pattern: KeyPattern = "*",
        handler: Callable[[StateChange], Any] | None = None,
        options: WatchOptions | None = None,
    ) -> Annotated[StateWatch, Holds(StateChange)]:
        """Hear of changes from now on, whoever makes them: this script, others, or other processes.

        The script does not end before a handler has had the changes that wait for it. Of changes that other
        processes make to a key in quick succession, the last alone may be told.

        Args:
            scope: what the values belong to; `agent:*` is the scope of every agent.
            key_pattern: a key; in it `*` is any text.
            handler: called for each change, one after the other; may wait. Without it, loop over the watch.
            options: how changes are told.
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

    @member(deprecated='State.load("global", …)')
    def get(self, key: Key) -> Any | None:
        """The value of a key of the scope `global`, or nothing.

        Args:
            key: the value's name.
        """
        return self.load("global", key)

    @member(deprecated='State.save("global", …)')
    def set(self, key: Key, value: Any) -> None:
        """Keep a value in the scope `global`.

        Args:
            key: the value's name.
            value: what to keep.
        """
        self.save("global", key, value)

    @member(deprecated='State.list_keys("global")')
    def keys(self) -> Sequence[str]:
        """The keys of the scope `global`."""
        return self.list_keys("global")

    @member(deprecated='State.load_all("global")')
    def all(self) -> Mapping[str, Any]:
        """The values of the scope `global` by their keys."""
        return self.load_all("global")

    @member(deprecated='State.load("global", …)')
    def read(self, key: Key) -> Any | None:
        """The value of a key of the scope `global`, or nothing.

        Args:
            key: the value's name.
        """
        return self.load("global", key)

    @member(deprecated='State.save("global", …)')
    def write(self, key: Key, value: Any) -> None:
        """Keep a value in the scope `global`.

        Args:
            key: the value's name.
            value: what to keep.
        """
        self.save("global", key, value)
