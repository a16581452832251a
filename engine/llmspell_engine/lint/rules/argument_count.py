"""Too few or too many arguments.

## What it does

Compares the number of arguments with what a function of the script API, or of Lua's own library,
declares. Calls whose last argument may stand for several (`f(g())` in Lua, `f(...list)` in JavaScript)
are counted only as far as that is sure.

## Why

The call raises an error when it runs, or silently drops what it does not take.

## Example

```lua
print(Tool.exists("calculator", "fast"))
```

```javascript
console.log(Tool.exists("calculator", "fast"));
```

## Use instead

```lua
print(Tool.exists("calculator"))
```

```javascript
console.log(Tool.exists("calculator"));
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.nodes import Call, Operation
from llmspell_engine.lint.naming import call_name
from llmspell_engine.lint.rule import Rule
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.nodes import Expression
    from llmspell_engine.analysis.semantics import CallSite
    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS103", "argument-count", "error", tolerant=True)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report calls of declared functions with a wrong number of arguments."""
    for site in subject.semantics.calls:
        if not _is_strict(subject, site) or any(_is_spread(one) for one in site.arguments):
            continue
        least = sum(not one.optional and not one.variadic for one in site.parameters)
        most = None if any(one.variadic for one in site.parameters) else len(site.parameters)
        given, is_exact = _given(subject, site)
        if most is not None and given > most:
            extra = Span(site.arguments[most].start, site.arguments[-1].end)
            yield RULE.at(extra, _message(site, least, most, given))
        elif is_exact and given < least:
            yield RULE.at(site.call.name_span, _message(site, least, most, given))


def _is_strict(subject: Subject, site: CallSite) -> bool:
    """Whether the function minds the number of its arguments; those of JavaScript itself never do."""
    if site.member is None:
        return False
    return subject.language == "lua" or not subject.is_of_the_language(site.owner)


def _given(subject: Subject, site: CallSite) -> tuple[int, bool]:
    """How many arguments there are at least, and whether that is exactly how many."""
    number = len(site.arguments)
    if subject.language == "lua" and number and _is_multiple(subject, site.arguments[-1]):
        return number - 1, False
    return number, True


def _is_multiple(subject: Subject, argument: Expression) -> bool:
    """Whether a Lua expression may give any number of values: a call or ``...``."""
    if isinstance(argument, Call):
        return subject.tree.text.value[argument.end : argument.end + 1] != ")" or not _is_wrapped(
            subject, argument
        )
    return isinstance(argument, Operation) and subject.tree.text.value[argument.start : argument.end] == "..."


def _is_wrapped(subject: Subject, argument: Call) -> bool:
    """Whether the call stands in parentheses of its own, which cut it to one value."""
    node = subject.tree.root.descendant_for_byte_range(
        subject.tree.byte(argument.start), subject.tree.byte(argument.end)
    )
    return node is not None and node.parent is not None and node.parent.type == "parenthesized_expression"


def _is_spread(argument: Expression) -> bool:
    return isinstance(argument, Operation) and argument.operator == "spread"


def _message(site: CallSite, least: int, most: int | None, given: int) -> str:
    if most is None:
        takes = f"at least {_counted(least)}"
    elif least == most:
        takes = _counted(most) if most else "no arguments"
    else:
        takes = f"{least} {'or' if most == least + 1 else 'to'} {_counted(most)}"
    return f"'{call_name(site)}' takes {takes}, but {given} {'is' if given == 1 else 'are'} given"


def _counted(number: int) -> str:
    return "1 argument" if number == 1 else f"{number} arguments"
