"""Options under the names that older scripts use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from llmspell_engine.api.declare import Options


class WithOlderNames(Options):
    """An options table some of whose keys have older names.

    Editor and linter know these by ``x-alias``, ``x-element-of`` and ``deprecated`` in the schema.
    """

    older_names: ClassVar[Mapping[str, str]] = {}
    """Older names, and what they are called now."""
    older_elements: ClassVar[Mapping[str, str]] = {}
    """Older names of the one element of what is a list now, and the list."""
    without_effect: ClassVar[tuple[str, ...]] = ()
    """What older scripts say that needs no saying now."""

    @model_validator(mode="before")
    @classmethod
    def _renamed(cls, data: Any) -> Any:
        older = {*cls.older_names, *cls.older_elements, *cls.without_effect}
        if not isinstance(data, Mapping) or older.isdisjoint(data):
            return data
        known = {key: value for key, value in data.items() if key not in older}
        for spelling, name in cls.older_names.items():
            if spelling in data:
                known.setdefault(name, data[spelling])
        for spelling, name in cls.older_elements.items():
            if spelling in data:
                others = known.get(name)
                # What is no list is left as it is, and refused.
                if others is None or isinstance(others, list | tuple):
                    known[name] = [data[spelling], *(others or ())]
        return known

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        schema = handler(core_schema)
        # A model that is named more than once stands as a reference here.
        properties = handler.resolve_ref_schema(schema).setdefault("properties", {})
        for older, name in cls.older_names.items():
            told = f"Older name of `{name}`."
            properties[older] = {**properties[name], "description": told, "deprecated": True, "x-alias": name}
        for older, name in cls.older_elements.items():
            told = f"Of older scripts: one of `{name}`."
            items = properties[name]["items"]
            properties[older] = {**items, "description": told, "deprecated": True, "x-element-of": name}
        for older in cls.without_effect:
            properties[older] = {"description": "Of older scripts; it has no effect.", "deprecated": True}
        return schema
