"""A suppression comment that names no rule.

## What it does

Reports words in `llmspell: ignore` comments that are neither the code nor the name of a rule.

## Why

A misspelt code suppresses nothing. Write a reason after `--`.

## Example

```lua
print(anwser) -- llmspell: ignore undefined-variabel
```

```javascript
console.log(anwser); // llmspell: ignore undefined-variabel
```

## Use instead

```lua
print(anwser) -- llmspell: ignore undefined-variable -- set by the host program
```

```javascript
console.log(anwser); // llmspell: ignore undefined-variable -- set by the host program
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.diagnostics import Edit, Fix
from llmspell_engine.lint.registry import rule_named, rules
from llmspell_engine.lint.rule import Rule
from llmspell_engine.lint.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS003", "unknown-suppression", "warning", tolerant=True, last=True)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report words that name no rule."""
    for comment in subject.suppressions:
        for entry in comment.entries:
            if entry.word and rule_named(entry.word) is None:
                meant = nearest(entry.word, [one.rule.name for one in rules()])
                fix = Fix(f"Change to '{meant}'", (Edit(entry.span, meant),), safe=True) if meant else None
                yield RULE.at(entry.span, f"no rule is called '{entry.word}'{did_you_mean(meant)}", fix=fix)
