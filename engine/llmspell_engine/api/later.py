"""Names that a declaration mentions and that few calls need.

A module of declarations imports them for the type checker alone, and says with :func:`later` where they are.
Whoever asks the module for one, as the binding of a member does with the types of its parameters, gets it
imported then: a script that makes an agent does not wait for what tells of its health.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from types import SimpleNamespace
from typing import Any, get_type_hints


def later(module: str, **names: Sequence[str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a module: which names are in which modules beside it."""
    homes = {name: home for home, those in names.items() for name in those}

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module '{module}' has no attribute '{name}'")
        return getattr(import_module(f"{module.rpartition('.')[0]}.{homes[name]}"), name)

    return find


def hints_of(declared: Any) -> dict[str, Any]:
    """The types that a class or a function of the API is declared with."""
    return get_type_hints(declared, localns=_Names(declared), include_extras=True)


def hints_of_parameters(function: Callable[..., Any]) -> dict[str, Any]:
    """The same without that of the result, which may need more imports and is not needed for a call."""
    own = {name: hint for name, hint in function.__annotations__.items() if name != "return"}
    parameters = SimpleNamespace(__annotations__=own)
    return get_type_hints(parameters, vars(_module_of(function)), _Names(function), include_extras=True)


class _Names(dict[str, Any]):
    """What a module has, and what it gets when it is asked."""

    def __init__(self, declared: Any) -> None:
        super().__init__()
        self._module = _module_of(declared)

    def __missing__(self, name: str) -> Any:
        try:
            return getattr(self._module, name)
        except AttributeError:
            raise KeyError(name) from None


def _module_of(declared: Any) -> Any:
    return sys.modules[declared.__module__]
