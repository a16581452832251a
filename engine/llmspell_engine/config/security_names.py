"""What ``[security]`` says of the names of a language, read without the validation library: for the linter.

Values of a wrong type are passed over here; ``llmspell config validate`` and runs tell of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from llmspell_engine.security.configured import NameRules, NameSettings
from llmspell_engine.security.names import DEFAULT

PREFIX = "LLMSPELL_SECURITY__"
_KEYS = ("profile", "allow", "refuse", "custom", "scripts")


class SecurityNames:
    """The sections of several sources, the later over the earlier."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._folder: Path | None = None

    @staticmethod
    def of_interest(section: Any) -> dict[str, Any]:
        """The part of a section that is read here."""
        if not isinstance(section, Mapping):
            return {}
        return {key: value for key, value in section.items() if key in _KEYS}

    def file(self, path: Path, section: Any) -> None:
        """Add what a file says."""
        _merge(self._values, self.of_interest(section))
        self._folder = path.parent

    def variable(self, name: str, text: str) -> None:
        """Add what an environment variable says, if it is one of ``[security]`` that counts here."""
        keys = name[len(PREFIX) :].lower().split("__")
        if keys in (["allow"], ["refuse"]):
            words = [part.strip(" \"'") for part in text.strip("[] ").split(",")]
            self._values[keys[0]] = [word for word in words if word]
        elif keys == ["profile"]:
            self._values["profile"] = text
        elif keys == ["custom", "base"]:
            _merge(self._values, {"custom": {"base": text}})

    def settings(self) -> NameSettings:
        """What was read."""
        if not self._values:
            return NameSettings()
        scripts, custom = self._values.get("scripts"), self._values.get("custom")
        base = custom.get("base") if isinstance(custom, Mapping) else None
        return NameSettings(
            _rules(self._values),
            base if isinstance(base, str) else DEFAULT,
            tuple((pattern, _rules(one)) for pattern, one in scripts.items())
            if isinstance(scripts, Mapping)
            else (),
            self._folder,
        )


def _rules(table: Any) -> NameRules:
    if not isinstance(table, Mapping):
        return NameRules()
    profile = table.get("profile")
    return NameRules(
        _words(table.get("allow")), _words(table.get("refuse")), profile if isinstance(profile, str) else None
    )


def _words(value: Any) -> frozenset[str]:
    words: Iterable[Any] = value if isinstance(value, list) else ()
    return frozenset(word for word in words if isinstance(word, str))


def _merge(into: dict[str, Any], values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        before = into.get(key)
        if isinstance(before, dict) and isinstance(value, Mapping):
            _merge(before, value)
        else:
            into[key] = dict(value) if isinstance(value, Mapping) else value
