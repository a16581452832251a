"""Promises in a script: which expressions surely are one, and whether and how it may wait for them there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmspell_engine.analysis.derived import is_promise
from llmspell_engine.analysis.nodes import Call, Index, MemberAccess, Name, Operation
from llmspell_engine.diagnostics import Edit, Fix
from llmspell_engine.lint.naming import call_name
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.nodes import Expression
    from llmspell_engine.analysis.scopes import Scope
    from llmspell_engine.lint.subject import Subject


def promises(subject: Subject) -> Iterator[Call | Name]:
    """The calls that surely give a promise, and the names that surely hold what one gave."""
    inference = subject.semantics.inference
    for call in subject.semantics.program.calls:
        if is_promise(inference.type_of(call)):
            yield call
    for made in subject.semantics.declarations:
        held = made.values
        if (
            held
            and all(isinstance(one, Call) for one in held)
            and is_promise(inference.declaration_type(made))
        ):
            yield from (one.node for one in made.reads if one.node is not None)


def shown(subject: Subject, promise: Call | Name) -> str:
    """A promise as a message begins with it."""
    if isinstance(promise, Name):
        return f"'{promise.name}' is a promise"
    return f"'{call_name(subject.semantics.call_site(promise))}' gives a promise"


def waiting_fix(subject: Subject, promise: Call | Name, *, safe: bool = True) -> Fix | None:
    """The change that waits for a promise: where it is used or, for one use, where it is made.

    None where no ``await`` may stand.
    """
    if subject.language == "lua":
        return Fix("Wait for it", (Edit(Span(promise.end, promise.end), ":await()"),), safe)
    target = _origin(promise)
    if not _may_await(target) and not _may_await(target := promise):
        return None
    if not _binds_tighter(target):
        return Fix("Await it", (Edit(Span(target.start, target.start), "await "),), safe)
    edits = (Edit(Span(target.start, target.start), "(await "), Edit(Span(target.end, target.end), ")"))
    return Fix("Await it", edits, safe)


def looping_fix(subject: Subject, taken: Call | Name) -> Fix | None:
    """The ``await`` of the loop over a value; None where none may stand."""
    heads = [found.end("word") for found in _LOOP.finditer(subject.tree.text.value, 0, taken.start)]
    if not heads or not _may_await(taken):
        return None
    return Fix("Await each", (Edit(Span(heads[-1], heads[-1]), " await"),), safe=True)


_LOOP = re.compile(r"(?P<word>\bfor)\s*\(")


def _origin(promise: Call | Name) -> Call | Name:
    """The call that a name was given once for one use: waiting there reads best."""
    made = promise.reference.declaration if isinstance(promise, Name) and promise.reference else None
    if made is None or len(made.values) != 1 or len(made.references) != 1:
        return promise
    (value,) = made.values
    return value if isinstance(value, Call) and value.parent is None else promise


def _scope(promise: Call | Name) -> Scope | None:
    if isinstance(promise, Call):
        return promise.scope
    return promise.reference.scope if promise.reference is not None else None


def _may_await(promise: Call | Name) -> bool:
    """Whether ``await`` may stand there.

    It may in the body of an asynchronous function, and in a module outside functions, but neither among
    parameters nor where a class gives its fields their values.
    """
    scope = _scope(promise)
    while scope is not None and scope.parent is not None and scope.kind != "function":
        if scope.kind == "class":
            return False
        scope = scope.parent
    if scope is None:
        return False
    function = scope.function
    return function is None or (function.is_async and promise.start >= function.body_start)


def _binds_tighter(promise: Expression) -> bool:
    """Whether what stands behind a promise would come before ``await``."""
    parent = promise.parent
    if isinstance(parent, MemberAccess | Index):
        return parent.object is promise
    if isinstance(parent, Call):
        return parent.callee is promise
    return isinstance(parent, Operation) and parent.operator == "**"
