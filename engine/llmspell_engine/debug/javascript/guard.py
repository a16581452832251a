"""A wall between the debugger and the script that calls it."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import ParamSpec

_P = ParamSpec("_P")

_log = logging.getLogger(__name__)


def guarded(function: Callable[_P, None]) -> Callable[_P, None]:
    """Make a function that a script calls never raise: the debugger's errors are none of the script's."""

    @functools.wraps(function)
    def call(*arguments: _P.args, **named: _P.kwargs) -> None:
        try:
            function(*arguments, **named)
        except Exception:  # noqa: BLE001 - whatever it is, the script goes on as without a debugger
            _log.exception("the debugger failed in %s", function.__name__)

    return call
