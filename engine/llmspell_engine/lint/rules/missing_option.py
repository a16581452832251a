"""A required option that is not given.

## What it does

Reports option tables without a key that their schema requires. A table with computed keys or a spread
may hold anything and is left alone.

## Why

The call raises an error when it runs.

## Example

```lua
print(Agent.create({ name = "helper" }))
```

```javascript
console.log(Agent.create({ name: "helper" }));
```

## Use instead

```lua
print(Agent.create({ name = "helper", model = "echo" }))
```

```javascript
console.log(Agent.create({ name: "helper", model: "echo" }));
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.lint.options import missing_keys
from llmspell_engine.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS106", "missing-option", "error", tolerant=True)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report required options that are missing."""
    return missing_keys(subject, RULE, of_tools=False)
