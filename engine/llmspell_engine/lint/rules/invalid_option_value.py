"""A constant value that an option does not take.

## What it does

Compares constant values in option tables with their schema: type, listed values, range, length,
pattern. Names, calls and operators may give anything and are left alone.

## Why

The call raises an error when it runs.

## Example

```lua
print(Agent.create({ name = "helper", model = "echo", max_tokens = "many" }))
```

```javascript
console.log(Agent.create({ name: "helper", model: "echo", maxTokens: "many" }));
```

## Use instead

```lua
print(Agent.create({ name = "helper", model = "echo", max_tokens = 500 }))
```

```javascript
console.log(Agent.create({ name: "helper", model: "echo", maxTokens: 500 }));
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.lint.options import invalid_values
from llmspell_engine.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS107", "invalid-option-value", "error", tolerant=True)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report constants that options do not take."""
    return invalid_values(subject, RULE, of_tools=False)
