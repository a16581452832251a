"""The tools there are, by name and by the names of older scripts."""

from __future__ import annotations

from typing import Any

from llmspell_engine.tools.base import Tool
from llmspell_engine.tools.base64_encoder import Base64Encoder
from llmspell_engine.tools.calculator import Calculator
from llmspell_engine.tools.data_validator import DataValidator
from llmspell_engine.tools.datetime_handler import DatetimeHandler
from llmspell_engine.tools.file_operations import FileOperations
from llmspell_engine.tools.hash_calculator import HashCalculator
from llmspell_engine.tools.json_processor import JsonProcessor
from llmspell_engine.tools.template_creator import TemplateCreator
from llmspell_engine.tools.text_manipulator import TextManipulator
from llmspell_engine.tools.uuid_generator import UuidGenerator

_TOOLS: tuple[Tool[Any], ...] = (
    Base64Encoder(),
    Calculator(),
    DataValidator(),
    DatetimeHandler(),
    FileOperations(),
    HashCalculator(),
    JsonProcessor(),
    TemplateCreator(),
    TextManipulator(),
    UuidGenerator(),
)
TOOLS: dict[str, Tool[Any]] = {tool.name: tool for tool in _TOOLS}
"""Every tool, by name and in the order of names."""
_BY_ALIAS = {alias: tool for tool in _TOOLS for alias in tool.aliases}


def tool_named(name: str) -> Tool[Any] | None:
    """The tool of a name, or of a name that older scripts use."""
    return TOOLS.get(name) or _BY_ALIAS.get(name)
