"""A constant value that a tool's parameter does not take.

## What it does

Compares constant parameters of a tool with the tool's schema: type, listed values, range, length,
pattern.

## Why

The tool refuses the call.

## Example

```lua
print(Tool.execute("text-manipulator", { operation = "shout", input = "hello" }))
```

```javascript
console.log(await Tool.execute("text-manipulator", { operation: "shout", input: "hello" }));
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

from llmspell_engine.lint.options import invalid_values
from llmspell_engine.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS114", "invalid-tool-parameter", "error", tolerant=True)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report constants that tools do not take."""
    return invalid_values(subject, RULE, of_tools=True)
