"""The section ``[lint]``, read without the validation library: for the linter and the language server.

It is found, merged and told of as :func:`~llmspell_engine.config.resolution.resolve` does with all sections;
a test holds the two together. Besides, rules that do not exist are told here, where rules are known. What
``[security]`` says of names of a language goes along.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from llmspell_engine.config import documents
from llmspell_engine.config.error import ConfigError
from llmspell_engine.config.interpolation import layer_of
from llmspell_engine.config.origin import Keys, Origin
from llmspell_engine.config.packaged_tools import packaged_tool_names
from llmspell_engine.config.security_names import PREFIX as _SECURITY
from llmspell_engine.config.security_names import SecurityNames
from llmspell_engine.config.tool_names import tool_names
from llmspell_engine.config.versions import version_of
from llmspell_engine.config.wording import dotted, origin_of, unknown
from llmspell_engine.diagnostics import Severity
from llmspell_engine.lint.settings import LintSettings, unknown_selectors

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
LISTS = ("select", "ignore", "exclude")
KEYS = ("select", "ignore", "severity", "exclude", "profile")
PROFILES = ("none", "low", "medium", "high", "custom")
_VARIABLE = "LLMSPELL_LINT__"


@dataclass(frozen=True, slots=True)
class LintSection:
    """What a configuration says of linting."""

    settings: LintSettings = field(default_factory=LintSettings)
    exclude: tuple[str, ...] = ()
    folder: Path | None = None
    """The folder that the patterns of ``exclude`` are relative to; None for the current one."""

    def excludes(self, path: Path) -> bool:
        """Whether a file is left out, by itself or with a folder that it is in."""
        if not self.exclude:
            return False
        try:
            relative = path.absolute().relative_to((self.folder or Path.cwd()).absolute())
        except ValueError:
            return False
        places = [relative, *relative.parents[:-1]]
        return any(_matches(pattern, place.as_posix()) for pattern in self.exclude for place in places)


NOTHING = LintSection(LintSettings(packaged_tools=packaged_tool_names))


def lint_section(folder: Path) -> LintSection:
    """What is configured for the scripts of a folder. Raises ConfigError with all faults."""
    paths = [path for path in (documents.user_file(), documents.find(folder.absolute())) if path is not None]
    prefixes = (_VARIABLE, _SECURITY)
    variables = tuple((name, text) for name, text in os.environ.items() if name.startswith(prefixes))
    if not paths and not variables:
        return NOTHING
    stamps = tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in dict.fromkeys(paths))
    found = _read(stamps, variables)
    if isinstance(found, ConfigError):
        raise found
    tools = tool_names(paths)
    return replace(found, settings=replace(found.settings, tools=tools)) if tools else found


def lint_section_of(path: Path) -> LintSection:
    """What one file says by itself. Raises ConfigError with all faults."""
    reading = _Reading()
    reading.file(path)
    return reading.section()


@lru_cache(maxsize=64)
def _read(
    stamps: tuple[tuple[Path, int, int], ...], variables: tuple[tuple[str, str], ...]
) -> LintSection | ConfigError:
    """The section of files as they are at a time; many scripts share one.

    Lines are looked for only where there are faults to tell, for that takes longer than all the rest.
    """
    for with_lines in (False, True):
        reading = _Reading(with_lines=with_lines)
        for path, _, _ in stamps:
            reading.file(path)
        for name, text in variables:
            reading.variable(name, text)
        try:
            return reading.section()
        except ConfigError as error:
            found = error
    return found


class _Reading:
    def __init__(self, *, with_lines: bool = True) -> None:
        self._with_lines = with_lines
        self._values: dict[str, Any] = {}
        self._origins: dict[Keys, Origin] = {}
        self._broken: set[Keys] = set()
        self._faults: list[str] = []
        self._security = SecurityNames()

    def file(self, path: Path) -> None:
        try:
            document = documents.read(path)
            version_of(document)
        except ConfigError as error:
            self._faults += error.faults
            return
        self._note_security(document)
        values = {key: value for key, value in document.values.items() if key == "lint"}
        section = replace(document, values=values)
        if not self._with_lines:
            section.forget_lines()
        layer, faults = layer_of(section, os.environ)
        self._faults += faults
        self._broken |= layer.broken
        self._origins.update(layer.origins)
        given = layer.values.get("lint", {})
        if isinstance(given, Mapping):
            self._merge(given)
        else:
            self._fault(("lint",), "should be a table")

    def _note_security(self, document: documents.Document) -> None:
        told = SecurityNames.of_interest(document.values.get("security"))
        if told:
            section = replace(document, values=told)
            section.forget_lines()
            layer, _ = layer_of(section, os.environ)
            self._security.file(document.path, layer.values)

    def variable(self, name: str, text: str) -> None:
        if name.startswith(_SECURITY):
            return self._security.variable(name, text)
        word = name[len(_VARIABLE) :].lower()
        if word not in (*LISTS, "profile") and not word.startswith("severity__"):
            self._faults.append(f"{name}: {unknown(('lint', word), KEYS)}")
            return None
        keys = ("lint", *word.replace("_", "-").split("--", 1))
        self._origins[keys] = Origin("variable", name)
        if word in LISTS:
            self._merge({word: [part.strip() for part in text.strip("[]").split(",") if part.strip()]})
        elif word == "profile":
            self._merge({word: text})
        else:
            self._merge({"severity": {keys[-1]: text}})
        return None

    def section(self) -> LintSection:
        """What was read. Raises ConfigError."""
        for key, value in self._values.items():
            self._check(key, value)
        if self._faults:
            raise ConfigError(dict.fromkeys(self._faults))
        settings = LintSettings(
            tuple(self._values.get("select", ())),
            tuple(self._values.get("ignore", ())),
            tuple(self._values.get("severity", {}).items()),
            self._values.get("profile"),
            packaged_tools=packaged_tool_names,
            names=self._security.settings(),
        )
        folder = origin_of(self._origins, ("lint", "exclude")).folder
        return LintSection(settings, tuple(self._values.get("exclude", ())), folder)

    def _merge(self, given: Mapping[str, Any]) -> None:
        for key, value in given.items():
            before = self._values.get(key)
            is_table = isinstance(before, dict) and isinstance(value, Mapping)
            self._values[key] = {**before, **value} if is_table and before else value

    def _check(self, key: str, value: Any) -> None:
        keys = ("lint", key)
        if key not in KEYS:
            self._faults.append(f"{origin_of(self._origins, keys).place}: {unknown(keys, KEYS)}")
        elif key == "severity":
            self._check_severities(value)
        elif key == "profile":
            self._check_choice(keys, value, PROFILES)
        elif not isinstance(value, list):
            self._fault(keys, "should be a list")
        else:
            words = [((*keys, str(at)), each) for at, each in enumerate(value)]
            self._check_words(words, are_selectors=key != "exclude")

    def _check_severities(self, value: Any) -> None:
        if not isinstance(value, Mapping):
            return self._fault(("lint", "severity"), "should be a table")
        self._check_words([(("lint", "severity", word), word) for word in value], are_selectors=True)
        for word, severity in value.items():
            self._check_choice(("lint", "severity", word), severity, SEVERITIES)
        return None

    def _check_choice(self, keys: Keys, value: Any, choices: Sequence[str]) -> None:
        if value not in choices:
            shown = ", ".join(f"'{one}'" for one in choices[:-1])
            self._fault(keys, f"should be {shown} or '{choices[-1]}'")

    def _check_words(self, words: Sequence[tuple[Keys, Any]], *, are_selectors: bool) -> None:
        for keys, word in words:
            if keys in self._broken:
                continue
            if not isinstance(word, str):
                self._fault(keys, "should be a valid string")
            elif not word:
                self._fault(keys, "should have at least 1 character")
            elif are_selectors:
                for sentence in unknown_selectors([word]):
                    self._fault(keys, sentence)

    def _fault(self, keys: Keys, what: str) -> None:
        self._faults.append(f"{origin_of(self._origins, keys).place}: '{dotted(keys)}': {what}")


def _matches(pattern: str, path: str) -> bool:
    """Whether a pattern means a path: all of it where the pattern has a ``/``, else its last name."""
    pattern = pattern.removeprefix("./").rstrip("/")
    return bool(_compiled(pattern).fullmatch(path if "/" in pattern else path.rpartition("/")[2]))


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_expressions(pattern.lstrip("/"))), re.DOTALL)


def _expressions(pattern: str) -> Iterator[str]:
    special = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    for part in re.findall(r"\*\*/|/\*\*$|\*\*|\*|\?|[^*?/]+|/", pattern):
        yield special.get(part) or re.escape(part)
