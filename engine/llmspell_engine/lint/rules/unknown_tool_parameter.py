"""A parameter that a tool does not take.

## What it does

Reports keys of a tool's parameters that its schema does not have.

## Why

The tool refuses the call.

## Example

```lua
print(Tool.execute("calculator", { input = "1 + 1", precison = 2 }))
```

```javascript
console.log(await Tool.execute("calculator", { input: "1 + 1", precison: 2 }));
```

## Use instead

```lua
print(Tool.execute("calculator", { input = "1 + 1" }))
```

```javascript
console.log(await Tool.execute("calculator", { input: "1 + 1" }));
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

RULE = Rule("LS112", "unknown-tool-parameter", "error", tolerant=True)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report keys that tools do not take."""
    return unknown_keys(subject, RULE, of_tools=True)
