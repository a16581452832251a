"""Workflows as tables: what a workflow was made of. In files that is data alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from llmspell_engine.agents.base import BaseAgent
from llmspell_engine.api.declare import Handle
from llmspell_engine.api.fitting import key_of
from llmspell_engine.catalog.spelling import spelled
from llmspell_engine.globals.workflow_kinds import kind_of
from llmspell_engine.runtime.values import HostObject
from llmspell_engine.workflows.results import WorkflowError

if TYPE_CHECKING:
    from llmspell_engine.api.workflow_options import CommonOptions
    from llmspell_engine.language import Language


class WorkflowTables:
    """Makes tables, their keys in the spelling of a language; files have that of Lua.

    In tables for files workflows stand for themselves, agents for their names, and functions are refused.
    """

    def __init__(self, where: str, language: Language, *, for_file: bool) -> None:
        self._where = where
        self._language: Language = language
        self._for_file = for_file

    def table(self, options: CommonOptions, path: str = "") -> dict[str, Any]:
        """The table of a workflow, with its kind as ``type``. Raises WorkflowError for what no file has."""
        return {"type": kind_of(options), **self._fields(options, path)}

    def _fields(self, options: BaseModel, path: str) -> dict[str, Any]:
        """What was set, in the order of the declaration."""
        names = [name for name in type(options).model_fields if name in options.model_fields_set]
        table = {}
        for name in names:
            key = spelled(key_of(type(options), name), self._language)
            value = getattr(options, name)
            if value is not None:
                table[key] = self._value(value, f"{path}.{key}" if path else key)
        return table

    def _value(self, value: Any, path: str) -> Any:
        if isinstance(value, BaseModel):
            return self._fields(value, path)
        if isinstance(value, list | tuple):
            first = 1 if self._language == "lua" else 0
            return [self._value(one, f"{path}[{at}]") for at, one in enumerate(value, first)]
        if isinstance(value, Mapping):
            return {key: self._value(one, f"{path}.{key}") for key, one in value.items()}
        return self._data(value, path) if self._for_file else value

    def _data(self, value: Any, path: str) -> Any:
        if isinstance(value, Handle):
            return self._handle(value, path)
        if isinstance(value, HostObject) or callable(value):
            what = "a function" if callable(value) else "an object of the API"
            raise WorkflowError(
                f"{self._where}: '{path}' is {what}, which no file can have; name a tool or an agent"
            )
        return value

    def _handle(self, value: Handle, path: str) -> Any:
        options = getattr(value, "options", None)
        if options is not None:
            return self.table(options, path)
        agent = getattr(value, "agent", None)
        if isinstance(agent, BaseAgent):
            return agent.name
        raise WorkflowError(f"{self._where}: '{path}' is an object of the API, which no file can have")


def write(table: Mapping[str, Any], path: Path, where: str) -> None:
    """Write a table into a file, in the format of its suffix. Raises WorkflowError."""
    try:
        text = _text(table, path.suffix.lower())
    except (TypeError, ValueError) as problem:
        raise WorkflowError(f"{where}: {path.suffix} cannot have all of it: {problem}") from None
    try:
        path.write_text(text, "utf-8")
    except OSError as problem:
        raise WorkflowError(f"{where}: {path} cannot be written: {problem.strerror or problem}") from None


def _text(table: Mapping[str, Any], suffix: str) -> str:
    if suffix == ".json":
        import json

        return json.dumps(table, indent=2, ensure_ascii=False) + "\n"
    if suffix == ".toml":
        import tomlkit

        return tomlkit.dumps(table)
    import yaml

    return yaml.safe_dump(dict(table), sort_keys=False, allow_unicode=True)
