"""A member that its owner does not have.

## What it does

Reports functions and fields that a global, a handle, a result, a module or a library of the language does not
have, or that only stand there to say so (`io.open`). A member the script itself adds, or whose existence
it asks for (`if Agent.reset then`), is left alone. For a field of a result it is a warning, for everything
else an error.

## Why

In Lua the member is `nil`, in JavaScript `undefined`, and calling it raises an error.

## Example

```lua
local agent = Agent.creat({ name = "helper", model = "echo" })
print(agent)
```

```javascript
const agent = Agent.creat({ name: "helper", model: "echo" });
console.log(agent);
```

## Use instead

```lua
local agent = Agent.create({ name = "helper", model = "echo" })
print(agent)
```

```javascript
const agent = Agent.create({ name: "helper", model: "echo" });
console.log(agent);
```
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from llmspell_engine.analysis.values import Handle, HostFunction, ModuleValue, Namespace, Primitive, Record
from llmspell_engine.lint.guards import is_guard
from llmspell_engine.lint.naming import OBJECT_MEMBERS
from llmspell_engine.lint.rule import Rule
from llmspell_engine.lint.suggest import advice, did_you_mean, nearest, renaming
from llmspell_engine.security.names import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.semantics import MemberUse
    from llmspell_engine.diagnostics import Diagnostic, Severity
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS102", "unknown-member", "error", tolerant=True)

_CLOSED = (Namespace, Handle, Record, Primitive, HostFunction, ModuleValue)
"""Owners whose members are all known."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report members that surely do not exist."""
    unknown = [one for one in subject.semantics.member_accesses if _is_unknown(subject, one)]
    added = {_key(one) for one in unknown if one.access.is_write}
    asked = {_key(one) for one in unknown if is_guard(subject.tree, one.access.span)}
    for one in unknown:
        if _key(one) not in added and _key(one) not in asked:
            yield _report(subject, one)


def _is_unknown(subject: Subject, use: MemberUse) -> bool:
    access = use.access
    if _is_refused(subject, use):
        return False
    if _instead(subject, use):
        return True
    if use.is_known or not isinstance(use.owner, _CLOSED):
        return False
    if access.separator == "[" and not access.name.isidentifier():
        return False
    if subject.language == "lua":
        return True
    if isinstance(use.owner, Primitive) and nearest(access.name, use.names) is None:
        return False  # A script may have given it to the prototype, out of sight.
    return access.name not in OBJECT_MEMBERS


def _is_refused(subject: Subject, use: MemberUse) -> bool:
    """Whether no profile has a member of the language, which `refused-name` tells with the reason."""
    if not isinstance(use.owner, Namespace) or not subject.is_of_the_language(use.owner.entity):
        return False
    return f"{use.owner.entity.name}.{use.access.name}" in NOWHERE[subject.language]


def _instead(subject: Subject, use: MemberUse) -> str:
    """What to do instead of a member that the language is wrongly thought to have."""
    if not isinstance(use.owner, Namespace) or not subject.is_of_the_language(use.owner.entity):
        return ""
    return subject.catalog.absence(f"{use.owner.entity.name}.{use.access.name}", subject.language)


def _key(use: MemberUse) -> tuple[str, str]:
    return _owner_name(use), use.access.name


def _report(subject: Subject, use: MemberUse) -> Diagnostic:
    instead = _instead(subject, use)
    meant = None if instead else nearest(use.access.name, use.names)
    verb = "does not export" if isinstance(use.owner, ModuleValue) else "has no member"
    message = f"{_owner_name(use)} {verb} '{use.access.name}'{advice(instead) or did_you_mean(meant)}"
    severity: Severity = "warning" if isinstance(use.owner, Record) else "error"
    span = use.access.name_span
    return RULE.at(span, message, fix=renaming(span, meant), severity=severity)


def _owner_name(use: MemberUse) -> str:
    owner = use.owner
    if isinstance(owner, Namespace):
        return f"'{owner.entity.name}'"
    if isinstance(owner, Handle):
        return f"the handle {owner.entity.name}"
    if isinstance(owner, Record):
        return f"the result {owner.name}" if owner.name else "the result"
    if isinstance(owner, HostFunction):
        return f"'{owner.owner.name}'"
    if isinstance(owner, ModuleValue):
        return f"the module '{PurePath(owner.home.path).name}'"
    return f"a {owner.name}" if isinstance(owner, Primitive) else "it"
