"""The tools there are. A tool's module is imported when the tool is wanted itself, to run it: what there
is to know of it otherwise, its older names too, stands in the catalog.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from llmspell_engine.catalog.loader import load
from llmspell_engine.tools.base import Tool

_CLASSES = {
    "base64-encoder": "base64_encoder.Base64Encoder",
    "calculator": "calculator.Calculator",
    "data-validator": "data_validator.DataValidator",
    "datetime-handler": "datetime_handler.DatetimeHandler",
    "file-operations": "file_operations.FileOperations",
    "hash-calculator": "hash_calculator.HashCalculator",
    "json-processor": "json_processor.JsonProcessor",
    "template-creator": "template_creator.TemplateCreator",
    "text-manipulator": "text_manipulator.TextManipulator",
    "uuid-generator": "uuid_generator.UuidGenerator",
}
"""Where each tool is, in the order of names."""


def all_tools() -> tuple[Tool[Any], ...]:
    """Every tool, in the order of names."""
    return tuple(_tool(name) for name in _CLASSES)


def tool_named(name: str) -> Tool[Any] | None:
    """The tool of a name, or of a name that older scripts use."""
    described = load().tool(name)
    return _tool(described.name) if described else None


@cache
def _tool(name: str) -> Tool[Any]:
    module, _, class_name = _CLASSES[name].partition(".")
    made: Tool[Any] = getattr(import_module(f"llmspell_engine.tools.{module}"), class_name)()
    return made
