"""Constants of Lua: the values that literals stand for."""

from __future__ import annotations

import re

from llmspell_engine.text import Span

_LONG = re.compile(r"\[(=*)\[\r?\n?")
_ESCAPE = re.compile(r"\\(?:z\s*|x[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]+\}|[0-9]{1,3}|\r\n|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def string_value(source: str) -> tuple[str, Span]:
    """The value of a Lua string literal, and the span between its quotes within ``source``."""
    long = _LONG.match(source)
    if long:
        closing = len(long[1]) + 2
        end = len(source) - closing if source.endswith("]" + long[1] + "]") else len(source)
        return source[long.end() : end], Span(long.end(), max(end, long.end()))
    end = len(source) - 1 if len(source) > 1 and source[-1] == source[0] else len(source)
    inner = source[1:end]
    value = _ESCAPE.sub(_unescape, inner) if "\\" in inner else inner
    return value, Span(1, max(end, 1))


def _unescape(match: re.Match[str]) -> str:
    code = match[0][1:]
    if code[0] == "z":
        return ""
    if code[0] == "x" and len(code) == 3:
        return chr(int(code[1:], 16))
    if code[0] == "u" and len(code) > 2:
        number = int(code[2:-1], 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    if code.isdigit():
        return chr(int(code))
    return _SIMPLE.get(code, "\n" if code == "\r\n" else code)


def constant_value(source: str) -> int | float | bool | None:
    """The value of ``nil``, a boolean or a number as written."""
    if source in ("true", "false"):
        return source == "true"
    if source == "nil":
        return None
    lowered = source.lower()
    try:
        if lowered.startswith("0x"):
            return int(lowered, 16) if lowered[2:].isalnum() and "p" not in lowered else float.fromhex(source)
        return float(lowered) if any(sign in lowered for sign in ".e") else int(lowered)
    except ValueError:
        return 0
