"""Keeping secrets out of what is recorded: what looks like a key, and the values of keys that are set."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

MASK = "[secret]"
_LEAST_LENGTH = 8
"""Shorter values are words that occur by chance."""
_NAME = re.compile(r"(?:_|^)(?:API_?KEY|TOKEN|SECRET|PASSWORD)$", re.IGNORECASE)
_SHAPE = re.compile(
    r"\bsk-[A-Za-z0-9_-]{16,}|\bgsk_[A-Za-z0-9]{16,}|\bAIza[A-Za-z0-9_-]{30,}|\bgh[pousr]_[A-Za-z0-9]{20,}"
)


def secrets_of_environment(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The values of the variables whose names say that they hold a secret."""
    return [value for name, value in environment.items() if _NAME.search(name)]


class Scrubber:
    """Masks secrets in plain values."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first, so that one that begins with another goes as a whole.
        self._secrets = sorted(
            {each for each in secrets if len(each) >= _LEAST_LENGTH}, key=len, reverse=True
        )

    def scrub(self, value: Any) -> Any:
        """The value with all secrets in its texts masked, keys of mappings too."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {self._text(str(key)): self.scrub(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.scrub(each) for each in value]
        return value

    def fields(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Named values: as scrub does, and texts whose names say that they hold a secret go as a whole."""
        return {name: self._field(name, value) for name, value in fields.items()}

    def _field(self, name: str, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.fields(value)
        return MASK if isinstance(value, str) and _NAME.search(name) else self.scrub(value)

    def _text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return _SHAPE.sub(MASK, text)
