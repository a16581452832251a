"""Keeping secrets out of what is recorded: what looks like one, what is named like one, and those that are
known, from the environment and from the configuration.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

MASK = "[secret]"
_LEAST_LENGTH = 8
"""Shorter values are words that occur by chance."""
_NAME = re.compile(
    r"(?:^|_)(?:api_?key|access_?key|private_?key|token|secret|password|passwd|passphrase|authorization|cookie)$"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SHAPE = re.compile(
    r"\bsk-[A-Za-z0-9_-]{16,}|\bgsk_[A-Za-z0-9]{16,}|\bAIza[A-Za-z0-9_-]{30,}|\bgh[pousr]_[A-Za-z0-9]{20,}"
    r"|\bgithub_pat_[A-Za-z0-9_]{20,}|\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bAKIA[A-Z0-9]{16}\b"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+"
)
_PLACES = (
    # The password of an address; a user's name alone only where it is as long as tokens are.
    re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/@:\"']*:)[^\s/@\"']+(?=@)", re.IGNORECASE),
    re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@:\"']{16,}(?=@)", re.IGNORECASE),
    re.compile(
        r"([?&](?:api[_-]?key|access[_-]?token|token|key|secret|password|signature|sig)=)[^&\s\"'#]+",
        re.IGNORECASE,
    ),
    re.compile(
        r"(\bauthorization[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic|token)\s+)?)[^\s\"',;]+", re.IGNORECASE
    ),
    re.compile(r"(\b(?:bearer|basic)\s+)(?=\S*\d)[A-Za-z0-9._~+/=-]{16,}", re.IGNORECASE),
)
"""Where secrets stand in texts: what leads up to one is kept."""


def secrets_of_environment(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The values of the variables whose names say that they hold a secret."""
    return [value for name, value in environment.items() if is_secret_name(name)]


def is_secret_name(name: str) -> bool:
    """Whether what is called so is a secret: ``apiKey``, ``SHOP_TOKEN``, ``x-api-key``, ``Authorization``."""
    return _NAME.search(_HUMP.sub("_", name).replace("-", "_").lower()) is not None


class Scrubber:
    """Masks secrets in plain values."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for each in secrets if len(each) >= _LEAST_LENGTH for form in _forms(each)}
        # The longest first, so that one that begins with another goes as a whole.
        self._secrets = sorted(known, key=len, reverse=True)

    def scrub(self, value: Any) -> Any:
        """The value with all secrets in its texts masked, keys of mappings too.

        What is no plain value becomes the text that shows it.
        """
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {self._text(str(key)): self.scrub(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.scrub(each) for each in value]
        return self._text(_shown(value))

    def fields(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Named values: as scrub does, and texts whose names say that they hold a secret go as a whole."""
        return {self._text(str(name)): self._field(str(name), value) for name, value in fields.items()}

    def _field(self, name: str, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.fields(value)
        if isinstance(value, list | tuple):
            return [self._field(name, each) for each in value]
        return MASK if isinstance(value, str | bytes) and is_secret_name(name) else self.scrub(value)

    def _text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        text = _SHAPE.sub(MASK, text)
        # Most texts hold none of the signs that the slower patterns need.
        if "://" in text or "=" in text or ":" in text or " " in text:
            for place in _PLACES:
                text = place.sub(rf"\1{MASK}", text)
        return text


def _forms(secret: str) -> set[str]:
    """A secret as it stands in texts, in JSON and in addresses."""
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe="", errors="surrogatepass"),
    }


def _shown(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else repr(value)
