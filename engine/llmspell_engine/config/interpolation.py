"""Environment variables in the texts of a file: ``${NAME}``, ``${NAME:-default}``, and ``$$`` for ``$``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from llmspell_engine.config.documents import Document
from llmspell_engine.config.origin import Keys, Layer, Origin

_PLACE = re.compile(r"\$\$|\$\{([^}]*)\}?")
_INSIDE = re.compile(r"([A-Za-z_]\w*)(?::-(.*))?", re.DOTALL)


def layer_of(document: Document, environment: Mapping[str, str]) -> tuple[Layer, list[str]]:
    """What a file sets with the variables put in, and a sentence for each that cannot be."""
    work = _Interpolation(document, environment)
    values = work.value(document.values, ())
    return Layer(values, work.origins, frozenset(work.texts), frozenset(work.broken)), work.faults


class _Interpolation:
    def __init__(self, document: Document, environment: Mapping[str, str]) -> None:
        self._document = document
        self._environment = environment
        self.origins: dict[Keys, Origin] = {}
        self.texts: list[Keys] = []
        self.broken: list[Keys] = []
        self.faults: list[str] = []

    def value(self, value: Any, keys: Keys) -> Any:
        variables: list[str] = []
        if isinstance(value, str) and "$" in value:
            value = self._text(value, keys, variables)
            if variables:
                self.texts.append(keys)
        if keys:
            self.origins[keys] = self._document.origin(keys, tuple(variables))
        if isinstance(value, dict):
            return {key: self.value(each, (*keys, key)) for key, each in value.items()}
        if isinstance(value, list):
            return [self.value(each, (*keys, str(at))) for at, each in enumerate(value)]
        return value

    def _text(self, text: str, keys: Keys, variables: list[str]) -> str:
        def put(found: re.Match[str]) -> str:
            if found[0] == "$$":
                return "$"
            inside = _INSIDE.fullmatch(found[1]) if found[0].endswith("}") else None
            if inside is None:
                return self._fault(keys, f"'{found[0]}' names no variable; write '$$' for a '$'")
            name, default = inside.groups()
            variables.append(name)
            value = self._environment.get(name) or default
            if value is None and name in self._environment:
                value = ""
            if value is not None:
                return str(value)
            return self._fault(
                keys, f"the environment variable {name} is not set; set it, or write ${{{name}:-DEFAULT}}"
            )

        return _PLACE.sub(put, text)

    def _fault(self, keys: Keys, what: str) -> str:
        self.broken.append(keys)
        place = self._document.origin(keys).place
        self.faults.append(f"{place}: '{'.'.join(keys)}': {what}")
        return ""
