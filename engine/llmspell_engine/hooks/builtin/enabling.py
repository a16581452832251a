"""Enabling built-ins by name, with options as a script writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from difflib import get_close_matches
from typing import Any

from llmspell_engine.hooks.builtin.base import Builtin, BuiltinScope
from llmspell_engine.hooks.builtin.caching import Caching
from llmspell_engine.hooks.builtin.cost_tracking import CostTracking
from llmspell_engine.hooks.builtin.logging import Debugging, Logging
from llmspell_engine.hooks.builtin.metrics import Metrics
from llmspell_engine.hooks.builtin.rate_limit import RateLimit
from llmspell_engine.hooks.builtin.retry import Retry
from llmspell_engine.hooks.builtin.security import Security
from llmspell_engine.hooks.builtin.trace import Tracing
from llmspell_engine.hooks.names import HookError
from llmspell_engine.hooks.registry import HookRegistry

_KINDS: dict[str, type[Builtin]] = {
    one.name: one
    for one in (Caching, CostTracking, Debugging, Logging, Metrics, RateLimit, Retry, Security, Tracing)
}
BUILTIN_NAMES = tuple(_KINDS)


def enable(registry: HookRegistry, name: str, options: Mapping[str, Any], scope: BuiltinScope) -> Builtin:
    """Have a built-in's handlers called from now on, in the place of those of its name. Raises HookError."""
    made = _made(name, options)
    made.scope = scope
    handlers = made.handlers()
    disable(registry, name)
    made.registered = [registry.register(one) for one in handlers]
    registry.builtins[name] = made
    return made


def disable(registry: HookRegistry, name: str) -> bool:
    """Call a built-in's handlers no more; whether it was enabled."""
    known = registry.builtins.pop(name, None)
    if known is None:
        return False
    for handler in known.registered:
        registry.unregister(handler)
    known.close()
    return True


def disable_all(registry: HookRegistry) -> None:
    """Disable all that are enabled, so that what they have open is closed."""
    for name in list(registry.builtins):
        disable(registry, name)


def _made(name: str, options: Mapping[str, Any]) -> Builtin:
    kind = _KINDS.get(name)
    if kind is None:
        near = get_close_matches(name, _KINDS, n=1, cutoff=0.6)
        raise HookError(
            f"there is no built-in hook '{name}'; "
            + (f"did you mean '{near[0]}'?" if near else f"there are {', '.join(_KINDS)}")
        )
    known = {one.name: one for one in fields(kind) if one.init}  # type: ignore[arg-type]
    for option in options:
        if option not in known:
            listed = f"it takes {', '.join(known)}" if known else "it takes no options"
            raise HookError(f"'{option}' is no option of the built-in hook '{name}'; {listed}")
    for one in known.values():
        if one.name not in options and one.default is MISSING and one.default_factory is MISSING:
            raise HookError(f"the built-in hook '{name}' needs the option '{one.name}'")
    return kind(**options)
