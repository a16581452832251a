"""How messages call what a script calls, and where a script names tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis import schemas
from llmspell_engine.analysis.nodes import Call, Field, Literal, MemberAccess, Name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.semantics import CallSite, Semantics


OBJECT_MEMBERS = frozenset(
    (
        "__proto__",
        "apply",
        "bind",
        "call",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "length",
        "name",
        "propertyIsEnumerable",
        "prototype",
        "toLocaleString",
        "toString",
        "valueOf",
    )
)
"""What every JavaScript object or function has."""


def call_name(site: CallSite) -> str:
    """What is called, in the script's own words where they are short: ``Tool.execute``, ``execute``."""
    callee = site.call.callee
    if isinstance(callee, Name):
        return callee.name
    if not isinstance(callee, MemberAccess):
        return "it"
    owner = callee.object
    return f"{owner.name}{callee.separator}{callee.name}" if isinstance(owner, Name) else callee.name


def tool_names(semantics: Semantics) -> Iterator[tuple[Literal, str]]:
    """Every constant string that stands where a tool's name is expected, but for questions.

    ``Tool.exists("name")`` only asks: a function that takes a name and answers yes or no.
    """
    questions = {site.call.start for site in semantics.calls if site.member and _is_question(site)}
    for literal in semantics.program.strings:
        if not isinstance(literal.value, str) or not isinstance(literal.parent, Call | Field):
            continue
        if isinstance(literal.parent, Call) and literal.parent.start in questions:
            continue
        expected = semantics.expected(literal)
        if expected is not None and schemas.completion_source(semantics.catalog, expected) == "tool":
            yield literal, literal.value


def made_tools(semantics: Semantics) -> Iterator[str]:
    """The names of the tools that the script may make: those it gives to tools, and those of its agents.

    An agent that is made a tool without a name has its own.
    """
    for literal in semantics.program.strings:
        if isinstance(literal.value, str) and isinstance(literal.parent, Call | Field):
            expected = semantics.expected(literal)
            if expected and schemas.named_source(semantics.catalog, expected) in ("tool", "agent"):
                yield literal.value


def _is_question(site: CallSite) -> bool:
    returns = site.member.returns if site.member else None
    return returns is not None and returns.get("type") == "boolean"
