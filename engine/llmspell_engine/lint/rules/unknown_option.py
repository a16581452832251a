"""A key that an option table does not take.

## What it does

Reports keys of option tables that their schema does not have. In JavaScript keys are camelCase
(`maxTokens`), in Lua snake_case (`max_tokens`).

## Why

The call raises an error when it runs.

## Example

```lua
print(Agent.create({ name = "helper", model = "echo", temprature = 0.2 }))
```

```javascript
console.log(Agent.create({ name: "helper", model: "echo", temprature: 0.2 }));
```

## Use instead

```lua
print(Agent.create({ name = "helper", model = "echo", temperature = 0.2 }))
```

```javascript
console.log(Agent.create({ name: "helper", model: "echo", temperature: 0.2 }));
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.lint.options import unknown_keys
from llmspell_engine.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS105", "unknown-option", "error", tolerant=True)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report keys that option tables do not have."""
    return unknown_keys(subject, RULE, of_tools=False)
