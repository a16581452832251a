"""Whole numbers as values of options."""

from __future__ import annotations

from collections.abc import Callable

_MOST = 10**15
"""In milliseconds, thirty thousand years: what is beyond is a slip, and cannot be waited for."""
_LONGEST_SHOWN = 40


def whole_number(least: int) -> Callable[[str], int]:
    """What reads such a value, from ``least`` up, for an option."""

    def read(given: str) -> int:
        # The digits are counted first: Python reads no number of more than 4300.
        if not (given.isascii() and given.isdecimal()):
            raise _wrong(given, f"is no whole number from {least} up")
        if len(given.lstrip("0")) > len(str(_MOST)) or int(given) > _MOST:
            raise _wrong(given, f"is more than {_MOST}")
        if int(given) < least:
            raise _wrong(given, f"is no whole number from {least} up")
        return int(given)

    return read


def _wrong(given: str, problem: str) -> Exception:
    from argparse import ArgumentTypeError

    shown = given if len(given) <= _LONGEST_SHOWN else f"{given[:_LONGEST_SHOWN]}…"
    return ArgumentTypeError(f"'{shown}' {problem}")
