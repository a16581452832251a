"""Which names of a language a profile leaves out, as data: read by the runtimes and by the linter.

A ladder leads from the profile that trusts scripts to the one that does not. A name stands with the last
profile that has it. What no profile leaves out is not named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from llmspell_engine.language import Language

LADDER = ("none", "low", "medium", "high")
DEFAULT: Literal["medium"] = "medium"
"""The profile that holds where nothing else is said."""

_LAST: Mapping[Language, Mapping[str, str]] = MappingProxyType(
    {
        "lua": MappingProxyType(
            {
                # Programs, and what reaches into the interpreter.
                "io.popen": "none",
                "os.execute": "none",
                **dict.fromkeys(
                    (
                        f"debug.{name}"
                        for name in (
                            "debug", "gethook", "getlocal", "getmetatable", "getupvalue",
                            "getuservalue", "sethook", "setlocal", "setmetatable", "setupvalue",
                            "setuservalue", "upvalueid", "upvaluejoin",
                        )
                    ),
                    "none",
                ),
                # Files, each checked by its path.
                "io.open": "low",
                "os.remove": "low",
                "os.rename": "low",
                # What computes on, and what is checked by other rules.
                "os.getenv": "medium",
                "debug.getinfo": "medium",
                "load": "medium",
                "loadfile": "medium",
                "dofile": "medium",
            }
        ),
        "javascript": MappingProxyType(
            {
                "eval": "medium",
                "Function": "medium",
                "SharedArrayBuffer": "low",
                "Atomics": "low",
                "WeakRef": "medium",
                "FinalizationRegistry": "medium",
            }
        ),
    }
)  # fmt: skip

NOWHERE: Mapping[str, str] = MappingProxyType({"io.popen": "use the tool 'process-executor'"})
"""What these interpreters are built without, so that no profile has it, and what does the same."""


def ruled_names(language: Language) -> frozenset[str]:
    """The names that some profile leaves out."""
    return frozenset(_LAST[language])


def refused_names(language: Language, profile: str) -> frozenset[str]:
    """The names that a profile of the ladder leaves out."""
    height = LADDER.index(profile)
    return frozenset(name for name, last in _LAST[language].items() if LADDER.index(last) < height)


def last_profile(language: Language, name: str) -> str:
    """The last profile of the ladder that has a name."""
    return _LAST[language][name]
