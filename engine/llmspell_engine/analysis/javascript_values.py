"""Constants of JavaScript: the values that literals stand for."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]+\}|u[0-9A-Fa-f]{4}|\r\n|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}


def _unescape(match: re.Match[str]) -> str:
    code = match[0][1:]
    if code[0] in "xu" and len(code) > 1:
        number = int(code[1:].strip("{}"), 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    return _SIMPLE.get(code, code)


def constant_value(source: str) -> int | float | bool | None:
    """The value of ``null``, ``undefined``, a boolean or a number as written."""
    if source in ("true", "false"):
        return source == "true"
    if source in ("null", "undefined"):
        return None
    digits = source.replace("_", "").lower().removesuffix("n")
    try:
        if digits[:2] in ("0x", "0b", "0o"):
            return int(digits, 0)
        return float(digits) if any(sign in digits for sign in ".e") else int(digits)
    except ValueError:
        return 0


def string_value(inner: str) -> str:
    """The value of what stands between the quotes of a string."""
    return _ESCAPE.sub(_unescape, inner) if "\\" in inner else inner
