"""An assignment to a name that is a constant.

## What it does

Reports assignments to names that were declared `<const>` or `<close>` in Lua, and `const` or by an
`import` in JavaScript.

## Why

Lua refuses to run the script; JavaScript raises a `TypeError` at the assignment.

## Example

```lua
local limit <const> = 10
limit = 20
print(limit)
```

```javascript
const limit = 10;
limit = 20;
console.log(limit);
```

## Use instead

```lua
local limit = 10
limit = 20
print(limit)
```

```javascript
let limit = 10;
limit = 20;
console.log(limit);
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.scopes import Declaration
    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS403", "constant-assignment", "error")

_CONSTANT = frozenset({"const", "close", "using"})


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report every assignment to a constant."""
    for reference in subject.semantics.references:
        made = reference.declaration
        if reference.kind != "read" and made is not None and made.attribute in _CONSTANT:
            yield RULE.at(reference.span, f"'{made.name}' {_why(made)} and cannot be assigned to")


def _why(made: Declaration) -> str:
    return "is imported" if made.kind == "import" else "is a constant"
