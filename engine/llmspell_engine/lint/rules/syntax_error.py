"""Text that is no valid script.

## What it does

Reports where the parser cannot make sense of the script, and in JavaScript names that one block declares
twice.

## Why

The script cannot run. While a script has syntax errors, rules about names are silent, and the other
rules look only at statements that parse.

## Example

```lua
local answer = Tool.execute("calculator", { input = "1 + 1"
```

```javascript
const answer = await Tool.execute("calculator", { input: "1 + 1";
```

## Use instead

```lua
local answer = Tool.execute("calculator", { input = "1 + 1" })
print(answer)
```

```javascript
const answer = await Tool.execute("calculator", { input: "1 + 1" });
console.log(answer);
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.lint.redeclared import declared_again
from llmspell_engine.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS001", "syntax-error", "error", tolerant=True)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report each fault of the parser, then what JavaScript refuses although it parses."""
    for fault in subject.tree.faults:
        yield RULE.at(fault.span, fault.message)
    if subject.language == "javascript":
        for made in declared_again(subject.semantics.program):
            yield RULE.at(made.span, f"'{made.name}' is already declared in this block")
