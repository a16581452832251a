"""A name of the script API that is kept for old scripts only.

## What it does

Reports deprecated members, options, and deprecated names of tools and of their parameters, with what to use
instead; in Lua also members in camel case, as older scripts have them. Where the new name takes
the same the fix is safe.

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

import re
from typing import TYPE_CHECKING

from llmspell_engine.analysis.nodes import MemberAccess
from llmspell_engine.analysis.values import Handle
from llmspell_engine.catalog.model import spelled
from llmspell_engine.diagnostics import Edit, Fix
from llmspell_engine.lint.older_options import put_right
from llmspell_engine.lint.rule import Rule
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.nodes import Call
    from llmspell_engine.analysis.semantics import CallSite, MemberUse
    from llmspell_engine.catalog.model import Entity, Member
    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.language import Language
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS109", "deprecated", "warning", tolerant=True)

_CALL = re.compile(r'(?P<path>[\w.]+)\((?P<first>"[^"]*")(?:, …)?\)')
"""What to use instead where it takes one argument more, and first: ``State.load("global", …)``."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report deprecated members, options and tool names."""
    yield from _members(subject)
    yield from _dots(subject)
    yield from _options(subject)
    yield from _tools(subject)


def _members(subject: Subject) -> Iterator[Diagnostic]:
    uses = subject.semantics.member_accesses
    own = {use.access.name for use in uses if use.access.is_write}
    for use in uses:
        member = use.member
        if member is None:
            continue
        if member.deprecated is None:
            if use.access.name not in own:
                yield from _spelling(subject, use, member)
            continue
        instead = _spelled_path(member.deprecated, subject.language)
        message = f"'{_called(subject, use)}' is deprecated; use {instead}"
        yield RULE.at(
            use.access.name_span, message, fix=_member_fix(subject, use, member), tags=("deprecated",)
        )


def _spelling(subject: Subject, use: MemberUse, member: Member) -> Iterator[Diagnostic]:
    """Report a member that an older script of Lua spells in camel case."""
    spelling = spelled(member.name, subject.language)
    if use.access.name != spelling:
        fix = Fix(f"Change to '{spelling}'", (Edit(use.access.name_span, spelling),), safe=True)
        message = f"'{_called(subject, use)}' is an older spelling; use '{spelling}'"
        yield RULE.at(use.access.name_span, message, fix=fix, tags=("deprecated",))


def _dots(subject: Subject) -> Iterator[Diagnostic]:
    """Tell of methods of handles that an older script of Lua calls with a dot."""
    if subject.language != "lua":
        return
    for site in subject.semantics.calls:
        called = site.call.callee
        if not isinstance(called, MemberAccess) or called.separator != "." or site.member is None:
            continue
        owner = subject.semantics.type_of(called.object)
        if not isinstance(owner, Handle) or subject.is_of_the_language(owner.entity):
            continue
        if not _gives_itself(subject, site):
            dot = Span(called.object.end, called.name_start)
            colon = subject.tree.text.value[dot.start : dot.end].replace(".", ":")
            fix = Fix(f"Change to ':{called.name}'", (Edit(dot, colon),), safe=True)
            message = f"'{owner.entity.name}.{called.name}' is a method; call it with ':'"
            yield RULE.at(called.name_span, message, fix=fix, severity="info")


def _gives_itself(subject: Subject, site: CallSite) -> bool:
    """Whether a call passes the handle by hand: ``agent.execute(agent, "hi")``."""
    called, arguments = site.call.callee, site.call.arguments
    assert isinstance(called, MemberAccess)
    text = subject.tree.text.value
    first = text[arguments[0].start : arguments[0].end] if arguments else None
    return first == text[called.object.start : called.object.end]


def _options(subject: Subject) -> Iterator[Diagnostic]:
    for table in subject.semantics.tables:
        for entry, option in table.entries:
            if option is None or not option.schema.get("deprecated"):
                continue
            told, fix = put_right(subject, table, entry, option)
            message = f"'{entry.key}' is deprecated{told}"
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
    stated = member.deprecated or ""
    adding = _CALL.fullmatch(stated)
    entity = subject.semantics.inference.host_entity(use.owner)
    new = _member_of(entity, adding["path"] if adding else stated)
    if new is None or not _takes(new, member, leading=1 if adding else 0):
        return None
    spelling = spelled(new.name, subject.language)
    rename = Edit(use.access.name_span, spelling)
    if adding is None:
        return Fix(f"Change to '{spelling}'", (rename,), safe=True)
    call = next((one.call for one in subject.semantics.calls if one.call.callee is use.access), None)
    if call is None:
        return None
    title = f"Change to '{spelling}({adding['first']}{', …' if call.arguments else ''})'"
    return Fix(title, (rename, *_first_argument(subject, call, adding["first"])), safe=True)


def _member_of(entity: Entity | None, path: str) -> Member | None:
    """The member of an entity that a path names, with the entity's name or without."""
    owner, _, name = path.rpartition(".")
    if entity is None or owner not in ("", entity.name):
        return None
    return entity.members.get(name)


def _first_argument(subject: Subject, call: Call, argument: str) -> tuple[Edit, ...]:
    """The edits that put an argument before those of a call, also of one without parentheses."""
    text, start = subject.tree.text.value, call.arguments_start
    separator = ", " if call.arguments else ""
    if text[start] == "(":
        return (Edit(Span(start + 1, start + 1), argument + separator),)
    named = call.name_span.end
    gap = Span(named, start) if text[named:start].isspace() else Span(start, start)
    return (Edit(gap, f"({argument}{separator}"), Edit(Span(call.end, call.end), ")"))


def _called(subject: Subject, use: MemberUse) -> str:
    """The member with its owner, as documentation names it."""
    entity = subject.semantics.inference.host_entity(use.owner)
    return f"{entity.name}.{use.access.name}" if entity is not None else use.access.name


def _takes(new: Member, old: Member, *, leading: int) -> bool:
    """Whether what the old member is given fits the new one, after so many arguments of its own."""
    taken, wanted = _shape(new)[leading:], _shape(old)
    rest = new.parameters[leading + len(wanted) :]
    return taken[: len(wanted)] == wanted and all(one.optional or one.variadic for one in rest)


def _shape(member: Member) -> list[tuple[object, bool, bool]]:
    return [(one.schema, one.optional, one.variadic) for one in member.parameters]


def _spelled_path(path: str, language: Language) -> str:
    """A path such as ``State.list_keys`` as a language spells it, in quotes; other advice as it is."""
    call = _CALL.fullmatch(path)
    if call is not None:
        return f"{_spelled_path(call['path'], language)[:-1]}{path[call.end('path') :]}'"
    if not path.replace(".", "").replace("_", "").isalnum():
        return path
    return "'" + ".".join(spelled(part, language) for part in path.split(".")) + "'"
