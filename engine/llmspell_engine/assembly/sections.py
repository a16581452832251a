"""Sections of a configuration in the terms of the rooms that they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.prompts import PromptError
from llmspell_engine.assembly.launch import AssemblyError, Launch
from llmspell_engine.catalog.loader import load
from llmspell_engine.observability import LogSettings
from llmspell_engine.prompts import PromptTemplate

if TYPE_CHECKING:
    from llmspell_engine.config.model import Config, PromptSettings


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


def prompts_of(config: Config | None) -> list[PromptTemplate]:
    """The prompts of a configuration, those in files read. Raises AssemblyError."""
    if config is None:
        return []
    try:
        found = [_template(name, one) for name, one in config.prompts.items()]
        for each in found:
            _ = each.variables
    except PromptError as error:
        raise AssemblyError(str(error)) from None
    return found


def disabled_tools(config: Config | None) -> frozenset[str]:
    """The tools that nobody is to find, by their own names."""
    found = (load().tool(name) for name in (config.tools.disabled if config else ()))
    return frozenset(tool.name for tool in found if tool is not None)


def _template(name: str, settings: PromptSettings) -> PromptTemplate:
    text = settings.text
    if settings.file is not None:
        try:
            text = settings.file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            why = getattr(problem, "strerror", None) or "it is not UTF-8 text"
            raise AssemblyError(f"the prompt '{name}': '{settings.file}' cannot be read: {why}") from None
    return PromptTemplate(name, text or "", settings.description, settings.variables)
