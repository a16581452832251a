"""A promise that nobody waits for.

## What it does

Reports calls of functions that wait (a model, a tool, a timer) as statements of their own, whose promise is
dropped. `void` in front of the call says that it is meant. In Lua such calls wait by themselves.

## Why

The script goes on before the work is done, and no `try` around it catches its error.

## Example

```javascript
Async.sleep(0.1);
console.log("a tenth of a second later");
```

## Use instead

```javascript
await Async.sleep(0.1);
console.log("a tenth of a second later");
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.lint.naming import call_name
from llmspell_engine.lint.promises import waiting_fix
from llmspell_engine.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS502", "floating-promise", "warning", languages=("javascript",))


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report statements that drop the promise of a member that waits."""
    for site in subject.semantics.calls:
        if site.call.is_statement and site.member is not None and site.member.waits:
            message = f"nobody waits for '{call_name(site)}'; await it"
            fix = waiting_fix(subject, site.call, safe=False)
            yield RULE.at(site.call.name_span, message, fix=fix)
