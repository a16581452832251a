"""Keeping secrets out of what is recorded: what looks like one, what is named like one, and those that are
known, from the environment and from the configuration.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from heapq import merge
from typing import Any

MASK = "[secret]"
_LEAST_LENGTH = 8
"""Shorter values are words that occur by chance."""
_NAME = re.compile(
    r"(?:^|_)(?:api_?key|access_?key|private_?key|token|secret|password|passwd|passphrase|authorization|cookie)$"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def secrets_of_environment(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The values of the variables whose names say that they hold a secret."""
    return [value for name, value in environment.items() if is_secret_name(name)]


def is_secret_name(name: str) -> bool:
    """Whether what is called so is a secret: ``apiKey``, ``SHOP_TOKEN``, ``x-api-key``, ``Authorization``."""
    return _NAME.search(_HUMP.sub("_", name).replace("-", "_").lower()) is not None


_told: set[str] = set()
_told_forms: list[str] = []
"""The secrets that scripts have told, and how they stand in texts."""


def keep_secret(secret: str) -> None:
    """Let every scrubber of the process mask a secret from now on: one that a script has told."""
    if secret not in _told:
        _told.add(secret)
        _told_forms[:] = _longest_first(_told)


class Scrubber:
    """Masks secrets in plain values."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = _longest_first(secrets)

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
        for secret in (
            merge(_told_forms, self._secrets, key=len, reverse=True) if _told_forms else self._secrets
        ):
            text = text.replace(secret, MASK)
        shape, places = _patterns()
        text = shape.sub(MASK, text)
        lower = text.lower()
        for signs, place in places:
            if any(sign in lower for sign in signs):
                text = place.sub(rf"\1{MASK}", text)
        return text


@cache
def _patterns() -> tuple[re.Pattern[str], tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]]:
    """How secrets look, and where they stand in texts: what leads up to those is kept.

    A place has signs, one of which every text with it holds: most hold none, and are spared the search.
    The patterns are made when they are first needed: most runs write nothing.
    """
    shape = re.compile(
        r"\b(?:sk-[A-Za-z0-9_-]{16,}|gsk_[A-Za-z0-9]{16,}|AIza[A-Za-z0-9_-]{30,}|gh[pousr]_[A-Za-z0-9]{20,}"
        r"|github_pat_[A-Za-z0-9_]{20,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|AKIA[A-Z0-9]{16}\b"
        r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+)"
    )
    places = (
        # The password of an address; a user's name alone only where it is as long as tokens are.
        (("://",), r"(\b[a-z][a-z0-9+.-]*://[^\s/@:\"']*:)[^\s/@\"']+(?=@)"),
        (("://",), r"(\b[a-z][a-z0-9+.-]*://)[^\s/@:\"']{16,}(?=@)"),
        (
            ("?", "&"),
            r"([?&](?:api[_-]?key|access[_-]?token|token|key|secret|password|signature|sig)=)[^&\s\"'#]+",
        ),
        (
            ("authorization",),
            r"(\bauthorization[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic|token)\s+)?)[^\s\"',;]+",
        ),
        (("bearer", "basic"), r"(\b(?:bearer|basic)\s+)(?=\S*\d)[A-Za-z0-9._~+/=-]{16,}"),
    )
    return shape, tuple((signs, re.compile(pattern, re.IGNORECASE)) for signs, pattern in places)


def _longest_first(secrets: Iterable[str]) -> list[str]:
    """The forms of secrets, so ordered that one that begins with another goes as a whole."""
    known = {form for each in secrets if len(each) >= _LEAST_LENGTH for form in _forms(each)}
    return sorted(known, key=len, reverse=True)


def _forms(secret: str) -> set[str]:
    """A secret as it stands in texts, in JSON and in addresses."""
    import json
    from urllib.parse import quote

    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe="", errors="surrogatepass"),
    }


def _shown(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else repr(value)
