"""A promise that is used as if it were the value it brings.

## What it does

Reports promises whose members are read, that are joined to texts, reckoned or compared with, looped over,
printed, or passed where a value of another type is declared; and in JavaScript streams that are looped over
with a plain `for`. The fix waits for them, where that may be.

## Why

A promise has none of the members of its value and is no text: what comes out is `undefined`, `[object
Promise]` or `NaN`, in Lua an error.

## Example

```lua
local word = Async.run(function() return "ready" end)
print("It is " .. word)
```

```javascript
const result = Tool.execute("calculator", { input: "1 + 1" });
console.log(result.result);
```

## Use instead

```lua
local word = Async.run(function() return "ready" end)
print("It is " .. word:await())
```

```javascript
const result = await Tool.execute("calculator", { input: "1 + 1" });
console.log(result.result);
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis import schemas
from llmspell_engine.analysis.nodes import Call, Field, Index, MemberAccess, Operation
from llmspell_engine.analysis.values import Handle
from llmspell_engine.lint.naming import OBJECT_MEMBERS
from llmspell_engine.lint.promises import looping_fix, promises, shown, waiting_fix
from llmspell_engine.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.nodes import Expression, Name
    from llmspell_engine.catalog.model import Schema
    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS501", "missing-await", "error")

_USING = frozenset(
    (
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "^",
        "**",
        "..",
        "#",
        "<",
        ">",
        "<=",
        ">=",
        "++",
        "+=",
        "-=",
        "template",
        "item",
    )
)
"""Operators that make nothing useful of a promise."""
_PRINTING = frozenset(("console", "print"))


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report promises that are used as values, each once."""
    taken_apart = {
        id(one.object) for one in subject.semantics.program.member_accesses if _reads(subject, one)
    }
    for promise in promises(subject):
        is_printed = _is_printed(subject, promise)
        if id(promise) in taken_apart or is_printed or _is_value(subject, promise):
            span = promise.name_span if isinstance(promise, Call) else promise.span
            yield RULE.at(
                span,
                f"{shown(subject, promise)}; {_advice(subject)}",
                fix=waiting_fix(subject, promise, safe=not is_printed),
                severity="warning" if is_printed else None,
            )
    if subject.language == "javascript":
        yield from _streams(subject)


def _streams(subject: Subject) -> Iterator[Diagnostic]:
    """Handles in a loop that does not wait for what they give."""
    semantics = subject.semantics
    taken_from: list[Call | Name] = [*semantics.program.calls]
    taken_from += [one.node for one in semantics.references if one.node is not None]
    for taken in taken_from:
        loop = taken.parent
        if not isinstance(loop, Operation) or loop.operator != "each-value" or _is_awaited(loop):
            continue
        kind = semantics.type_of(taken)
        if isinstance(kind, Handle) and kind.entity.iterates:
            span = taken.name_span if isinstance(taken, Call) else taken.span
            message = f"a {kind.entity.name} is looped over with 'for await'"
            yield RULE.at(span, message, fix=looping_fix(subject, taken))


def _advice(subject: Subject) -> str:
    return "wait for it with ':await()'" if subject.language == "lua" else "await it"


def _reads(subject: Subject, access: MemberAccess) -> bool:
    """Whether a member is read that no promise has; in Lua such a member is unknown to its handle."""
    if subject.language == "lua" or access.is_write or access.name in OBJECT_MEMBERS:
        return False
    inference = subject.semantics.inference
    return inference.host_member(inference.type_of(access.object), access.name) is None


def _is_value(subject: Subject, promise: Call | Name) -> bool:
    parent = promise.parent
    if isinstance(parent, Index):
        return parent.object is promise
    if isinstance(parent, Operation):
        loops = parent.operator == "each-value" and not _is_awaited(parent)
        return loops or (parent.operator in _USING and not _is_awaited(parent))
    return isinstance(parent, Call | Field) and _is_refused(subject, promise)


def _is_awaited(operation: Operation) -> bool:
    """Whether it is the operand of ``for await``."""
    return isinstance(operation.parent, Operation) and operation.parent.operator == "await"


def _is_refused(subject: Subject, promise: Expression) -> bool:
    """Whether its place demands something else, and says what."""
    demanded = subject.semantics.expected(promise)
    if demanded is None:
        return False
    arms = schemas.alternatives(subject.catalog, demanded)
    return not any(schemas.is_generic(arm) or _may_be_promise(arm) for arm in arms)


def _may_be_promise(arm: Schema) -> bool:
    marks = ("x-receives", "x-item", "x-promise")
    return arm.get("x-handle") in ("Promise", "PromiseObject") or any(mark in arm for mark in marks)


def _is_printed(subject: Subject, promise: Call | Name) -> bool:
    call = promise.parent
    if not isinstance(call, Call) or not any(one is promise for one in call.arguments):
        return False
    owner = subject.semantics.call_site(call).owner
    return owner is not None and owner.name in _PRINTING
