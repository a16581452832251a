"""A required parameter of a tool that is not given.

## What it does

Reports parameters of a tool that lack a key its schema requires, and calls that give no parameters to a
tool that requires some.

## Why

The tool refuses the call.

## Example

```lua
print(Tool.execute("text-manipulator", { operation = "uppercase" }))
```

```javascript
console.log(await Tool.execute("text-manipulator", { operation: "uppercase" }));
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

from llmspell_engine.lint.options import missing_keys
from llmspell_engine.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS113", "missing-tool-parameter", "error", tolerant=True)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report required parameters of tools that are missing."""
    return missing_keys(subject, RULE, of_tools=True)
