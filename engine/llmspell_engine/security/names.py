"""Which names of a language a profile leaves out, as data: read by the runtimes and by the linter.

A ladder leads from the profile that trusts scripts to the one that does not. A name stands with the last
profile that has it. What no profile has stands by itself, with the reason. What no profile leaves out is not
named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
                # Files in the system's own folder for them.
                "io.tmpfile": "none",
                "os.tmpname": "none",
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


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Why no profile has a thing, and what does the same."""

    why: str
    """What follows on ``for``."""
    instead: str
    """In the imperative."""

    def __str__(self) -> str:
        """What errors and the linter say of it."""
        return f"no profile does, for {self.why}; {self.instead}"


BYTECODE = Nowhere("the interpreter does not check what it is told in bytecode", "load the source text")
NOWHERE: Mapping[Language, Mapping[str, Nowhere]] = MappingProxyType(
    {
        "lua": MappingProxyType(
            {
                "io.popen": Nowhere(
                    "this Lua is built without pipes to programs", "use the tool 'process-executor'"
                ),
                "string.dump": Nowhere("bytecode is run nowhere", "keep the source text, and load it"),
                "debug.getregistry": Nowhere(
                    "the engine's own values are in it", "keep values in a table of the script's own"
                ),
                "debug.setcstacklimit": Nowhere(
                    "the interpreter sees to its stack itself", "turn a deep recursion into a loop"
                ),
                "os.setlocale": Nowhere(
                    "a locale is that of the whole process, and changes how its libraries read numbers",
                    "use string.format and os.date",
                ),
                "package.loadlib": Nowhere(
                    "a library in C finds no Lua in this process to call, and nothing holds it to a limit",
                    "use a tool, or write one in Python",
                ),
                "package.searchers": Nowhere(
                    "modules are found by the engine, which checks where they are",
                    "put what makes a module into package.preload",
                ),
                "package.searchpath": Nowhere(
                    "modules are found by the engine, which checks where they are", "use require"
                ),
            }
        ),
        "javascript": MappingProxyType(
            {
                "Atomics.wait": Nowhere(
                    "it would hold up the thread on which all of the script runs", "await Async.sleep(…)"
                ),
            }
        ),
    }
)
"""What no profile has, and no configuration allows."""


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
