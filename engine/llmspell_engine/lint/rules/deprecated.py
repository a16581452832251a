"""A name of the script API that is kept for old scripts only.

## What it does

Reports deprecated members, options, and deprecated names of tools and of their parameters, with what to use
instead. Where the new name takes the same the fix is safe.

## Why

Deprecated names go away with a later major version.

## Example

```lua
print(Tool.execute("text_manipulator", { operation = "uppercase", input = "hello" }))
```

```javascript
console.log(await Tool.execute("text_manipulator", { operation: "uppercase", input: "hello" }));
```

## Use instead

```lua
print(Tool.execute("text-manipulator", { operation = "uppercase", input = "hello" }))
```

```javascript
console.log(await Tool.execute("text-manipulator", { operation: "uppercase", input: "hello" }));
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.catalog.model import spelled
from llmspell_engine.diagnostics import Edit, Fix
from llmspell_engine.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.semantics import MemberUse
    from llmspell_engine.catalog.model import Member
    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.language import Language
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS109", "deprecated", "warning", tolerant=True)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report deprecated members, options and tool names."""
    yield from _members(subject)
    yield from _options(subject)
    yield from _tools(subject)


def _members(subject: Subject) -> Iterator[Diagnostic]:
    for use in subject.semantics.member_accesses:
        member = use.member
        if member is None or member.deprecated is None:
            continue
        instead = _spelled_path(member.deprecated, subject.language)
        message = f"'{_called(subject, use)}' is deprecated; use {instead}"
        yield RULE.at(
            use.access.name_span, message, fix=_member_fix(subject, use, member), tags=("deprecated",)
        )


def _options(subject: Subject) -> Iterator[Diagnostic]:
    for table in subject.semantics.tables:
        for entry, option in table.entries:
            if option is None or not option.schema.get("deprecated"):
                continue
            alias = option.schema.get("x-alias")
            message, fix = f"'{entry.key}' is deprecated", None
            if alias is not None:
                spelling = spelled(str(alias), subject.language)
                message += f"; use '{spelling}'"
                is_free = spelling not in {other.key for other in table.table.fields}
                if is_free and not entry.is_shorthand:
                    fix = Fix(f"Change to '{spelling}'", (Edit(entry.key_span, spelling),), safe=True)
            yield RULE.at(entry.key_span, message, fix=fix, tags=("deprecated",))


def _tools(subject: Subject) -> Iterator[Diagnostic]:
    for literal, name in subject.tool_names:
        tool = subject.catalog.tool(name)
        if tool is not None and tool.name != name and literal.content is not None:
            fix = Fix(f"Change to '{tool.name}'", (Edit(literal.content, tool.name),), safe=True)
            message = f"the tool name '{name}' is deprecated; use '{tool.name}'"
            yield RULE.at(literal.span, message, fix=fix, tags=("deprecated",))


def _member_fix(subject: Subject, use: MemberUse, member: Member) -> Fix | None:
    """The new name in place of the old, when it is a member that takes the same arguments."""
    owner_name, _, name = (member.deprecated or "").rpartition(".")
    entity = subject.semantics.inference.host_entity(use.owner)
    if entity is None or owner_name not in ("", entity.name):
        return None
    new = entity.members.get(name)
    if new is None or _shape(new) != _shape(member):
        return None
    spelling = spelled(name, subject.language)
    return Fix(f"Change to '{spelling}'", (Edit(use.access.name_span, spelling),), safe=True)


def _called(subject: Subject, use: MemberUse) -> str:
    """The member with its owner, as documentation names it."""
    entity = subject.semantics.inference.host_entity(use.owner)
    return f"{entity.name}.{use.access.name}" if entity is not None else use.access.name


def _shape(member: Member) -> list[tuple[object, bool, bool]]:
    return [(one.schema, one.optional, one.variadic) for one in member.parameters]


def _spelled_path(path: str, language: Language) -> str:
    """A path such as ``State.list_keys`` as a language spells it, in quotes; other advice as it is."""
    if not path.replace(".", "").replace("_", "").isalnum():
        return path
    return "'" + ".".join(spelled(part, language) for part in path.split(".")) + "'"
