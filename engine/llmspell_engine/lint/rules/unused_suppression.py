"""A suppression comment that suppresses nothing.

## What it does

Reports codes and names in `llmspell: ignore` comments that no finding needed. Codes of rules that are
switched off are left alone.

## Why

The comment tells the next reader of a problem that is no longer there, and would hide a new one.

## Example

```lua
local total = 1 + 1 -- llmspell: ignore unknown-tool
print(total)
```

```javascript
const total = 1 + 1; // llmspell: ignore unknown-tool
console.log(total);
```

## Use instead

```lua
local total = 1 + 1
print(total)
```

```javascript
const total = 1 + 1;
console.log(total);
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.diagnostics import Edit, Fix
from llmspell_engine.lint.registry import rule_named, rules
from llmspell_engine.lint.rule import Rule
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject
    from llmspell_engine.lint.suppression import Entry, Suppression

RULE = Rule("LS002", "unused-suppression", "warning", last=True)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report entries that suppressed nothing."""
    for comment in subject.suppressions:
        for entry in comment.entries:
            if entry not in subject.used and _could_be_used(subject, entry):
                what = f"{entry.word} is ignored here, but nothing" if entry.word else "nothing"
                fix = Fix("Remove the suppression", (_removal(subject, comment, entry),), safe=True)
                yield RULE.at(entry.span, f"{what} is reported", fix=fix, tags=("unnecessary",))


def _could_be_used(subject: Subject, entry: Entry) -> bool:
    if not entry.word:
        spoken = [one for one in rules() if subject.language in one.rule.languages]
        return len(subject.active) == len(spoken)
    found = rule_named(entry.word)
    return found is not None and found in subject.active and not found.rule.last


def _removal(subject: Subject, comment: Suppression, entry: Entry) -> Edit:
    """Take out one entry, or with the last one all of the directive."""
    if len(comment.entries) == 1:
        return Edit(_whole(subject.tree.text.value, comment), "")
    index = comment.entries.index(entry)
    if index:
        return Edit(Span(comment.entries[index - 1].span.end, entry.span.end), "")
    return Edit(Span(entry.span.start, comment.entries[1].span.start), "")


def _whole(text: str, comment: Suppression) -> Span:
    """The comment with the blanks before it, or only the directive when the comment says more before it."""
    start = comment.comment.start
    if text[start : comment.span.start].strip("-/*[= \t\r\n"):
        return comment.span
    while start and text[start - 1] in " \t":
        start -= 1
    return Span(start, comment.comment.end)
