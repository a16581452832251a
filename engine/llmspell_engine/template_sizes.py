"""What a template may make, in characters: a short one can ask for a text that fills the memory.

Nothing can stop Python while it makes such a text, so its size is told beforehand: of what operators,
methods of texts and filters make.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from jinja2 import Environment
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.nodes import Concat, Dict, EvalContext, List, Tuple

LARGEST = 16 * 1024 * 1024
"""Characters of a text, or elements of a list."""
_LARGEST_BITS = 100_000
_WIDTHS = re.compile(r"\d{4,}")


class SizedCode(CodeGenerator):
    """Has ``~``, and what makes lists and tables, ask the environment, as other operators do in a sandbox."""

    def visit_List(self, node: List, frame: Frame) -> None:  # noqa: N802 - the name is Jinja's
        """Write what makes a list."""
        self.write("environment.made(")
        super().visit_List(node, frame)
        self.write(")")

    def visit_Tuple(self, node: Tuple, frame: Frame) -> None:  # noqa: N802 - the name is Jinja's
        """Write what makes a tuple, or takes one apart."""
        if node.ctx != "load":
            return super().visit_Tuple(node, frame)
        self.write("environment.made(")
        super().visit_Tuple(node, frame)
        self.write(")")
        return None

    def visit_Dict(self, node: Dict, frame: Frame) -> None:  # noqa: N802 - the name is Jinja's
        """Write what makes a table."""
        self.write("environment.made(")
        super().visit_Dict(node, frame)
        self.write(")")

    def visit_Concat(self, node: Concat, frame: Frame) -> None:  # noqa: N802 - the name is Jinja's
        """Write what joins values to a text."""
        self.write("environment.joined((")
        for one in node.nodes:
            self.visit(one, frame)
            self.write(", ")
        self.write("))")


def check_size(size: float) -> None:
    """Raise SecurityError where something would become too large."""
    if size > LARGEST:
        raise SecurityError(f"it makes a value of more than {LARGEST} characters")


def check_operator(operator: str, left: Any, right: Any) -> None:
    """Look at what an operator would make."""
    if operator == "*":
        for many, text in ((left, right), (right, left)):
            if isinstance(many, int) and isinstance(text, str | list | tuple):
                check_size(_size(text) * many)
    elif operator == "+" and isinstance(left, str | list | tuple) and isinstance(right, str | list | tuple):
        check_size(_size(left) + _size(right))
    elif operator == "%" and isinstance(left, str):
        check_format(left, right)
    if isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length() * right if operator == "**" else left.bit_length() + right.bit_length()
        if bits > _LARGEST_BITS and operator in ("*", "**"):
            raise SecurityError(f"it makes a number of more than {_LARGEST_BITS} binary digits")


def check_format(text: str, values: Any) -> None:
    """Look at the widths in a format, written or taken from its values."""
    check_size(max((int(width[:12]) for width in _WIDTHS.findall(text)), default=0))
    given = values if isinstance(values, tuple) else (values,)
    if "*" in text:
        check_size(max((abs(one) for one in given if isinstance(one, int)), default=0))


def check_method(text: str, name: str, given: tuple[Any, ...]) -> None:
    """Look at what a method of a text would make."""
    if name in ("center", "ljust", "rjust", "zfill", "expandtabs"):
        width = given[0] if given and isinstance(given[0], int) else 0
        check_size(max(len(text), width * (text.count("\t") if name == "expandtabs" else 1)))
    elif name == "replace" and len(given) >= 2 and all(isinstance(one, str) for one in given[:2]):
        check_size(len(text) + text.count(given[0]) * len(given[1]))
    elif name == "join" and given and isinstance(given[0], list | tuple | str):
        check_size(_size(given[0]) + len(text) * len(given[0]))
    elif name in ("format", "format_map"):
        check_format(text, given)


def check_texts(name: str, value: Any, given: tuple[Any, ...]) -> None:
    """Look at what a filter would make that puts texts into another one."""
    parts = [one for one in given if isinstance(one, str)]
    if name == "join":
        many = len(value) if isinstance(value, list | tuple | str) else 0
        return check_size(_size(value) + many * max(0, *map(len, parts), 0))
    text = str(value)
    width = max((one for one in given if isinstance(one, int)), default=1)
    if name == "replace" and len(parts) == 2:
        check_method(text, name, tuple(parts))
    elif name == "indent":
        check_size(len(text) + (text.count("\n") + 1) * max(width, *map(len, parts), 0))
    elif name == "wordwrap":
        check_size(len(text) + len(text) / max(width, 1) * max(0, *map(len, parts), 0))
    return None


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str) else size_as_json(value, {})


def size_as_json(value: Any, known: dict[int, int]) -> int:
    """About how many characters a value has as JSON: tables that lie in several others count each time."""
    if isinstance(value, str):
        return len(value) + 2
    if not isinstance(value, Mapping | list | tuple):
        return 8
    if id(value) not in known:
        known[id(value)] = 0
        parts = [*value.keys(), *value.values()] if isinstance(value, Mapping) else value
        known[id(value)] = sum(size_as_json(one, known) + 2 for one in parts) + 2
    return known[id(value)]


class Growing:
    """Counts what parts of a text come to."""

    def __init__(self) -> None:
        self._size = 0

    def added(self, part: str) -> str:
        """The part. Raises SecurityError where there are too many."""
        self._size += len(part)
        check_size(self._size)
        return part


def sized(filters: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Filters of Jinja's that look at what they would make."""

    def width_of(name: str) -> Callable[..., Any]:
        work = filters[name]

        @wraps(work)
        def looked(*given: Any, **named: Any) -> Any:
            check_size(max((one for one in (*given[1:], *named.values()) if isinstance(one, int)), default=0))
            return work(*given, **named)

        return looked

    def with_texts(name: str) -> Callable[..., Any]:
        work = filters[name]

        @wraps(work)
        def looked(*given: Any, **named: Any) -> Any:
            value, *others = [one for one in given if not isinstance(one, Environment | EvalContext)]
            check_texts(name, value, (*others, *named.values()))
            return work(*given, **named)

        return looked

    def formatted(value: Any, *given: Any, **named: Any) -> Any:
        check_format(str(value), given)
        return filters["format"](value, *given, **named)

    return {
        **{name: width_of(name) for name in ("center", "batch", "slice", "tojson")},
        **{name: with_texts(name) for name in ("join", "replace", "indent", "wordwrap")},
        "format": formatted,
    }
