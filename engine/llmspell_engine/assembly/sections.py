"""Sections of a configuration in the terms of the rooms that they are for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from llmspell_engine.assembly.launch import AssemblyError, Launch
from llmspell_engine.observability import LogSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llmspell_engine.config.model import Config, PromptSettings, ToolSettings
    from llmspell_engine.prompts import PromptTemplate
    from llmspell_engine.tools.python_modules import OwnTools


def log_settings(launch: Launch, config: Config | None) -> LogSettings:
    """What is logged: by the launch, by the configuration, else as the environment says."""
    given: dict[str, Any] = {"level": launch.log_level} if launch.log_level else {}
    if config is None:
        return LogSettings(**given)
    log = config.log
    return LogSettings(
        **{
            "level": log.level,
            "format": log.format,
            "file": log.file,
            "levels": dict(log.levels),
            **given,
        }
    )


def prompts_of(config: Config) -> list[PromptTemplate]:
    """The prompts of a configuration, those in files read. Raises AssemblyError."""
    from llmspell_engine.agents.prompts import PromptError

    try:
        found = [_template(name, one) for name, one in config.prompts.items()]
        for each in found:
            _ = each.variables
    except PromptError as error:
        raise AssemblyError(str(error)) from None
    return found


def disabled_tools(config: Config) -> frozenset[str]:
    """The tools that nobody is to find, by their own names."""
    return frozenset(_own_name(name) for name in config.tools.disabled)


def own_tools(config: Config | None) -> Callable[[], OwnTools]:
    """The tools that users have written in Python, read when they are first asked for.

    Files that are configured are read at once. Raises AssemblyError for one that cannot be used.
    """
    files = config.tools.modules if config else ()

    @cache
    def read() -> OwnTools:
        from llmspell_engine.tools.python_modules import OwnTools

        return OwnTools(files, with_packages=True)

    if files:
        from llmspell_engine.tools.error import PythonToolError

        try:
            read()
        except PythonToolError as error:
            raise AssemblyError(str(error)) from None
    return read


def tool_settings(config: Config) -> dict[str, dict[str, Any]]:
    """What single tools are told, by their own names; secrets as they are."""
    return {_own_name(name): dict(_revealed(one)) for name, one in config.tools.settings.items()}


def _own_name(name: str) -> str:
    from llmspell_engine.catalog.loader import load

    known = load().tool(name)
    return known.name if known else name


def _revealed(settings: ToolSettings) -> Iterator[tuple[str, Any]]:
    for key, value in settings:
        if value is not None:
            yield key, value.get_secret_value() if hasattr(value, "get_secret_value") else value


def _template(name: str, settings: PromptSettings) -> PromptTemplate:
    text = settings.text
    if settings.file is not None:
        try:
            text = settings.file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            why = getattr(problem, "strerror", None) or "it is not UTF-8 text"
            raise AssemblyError(f"the prompt '{name}': '{settings.file}' cannot be read: {why}") from None
    from llmspell_engine.prompts import PromptTemplate

    return PromptTemplate(name, text or "", settings.description, settings.variables)
