"""A global of the script API that does not exist.

## What it does

Reports names that look like globals of the script API but are none: near misses of one, and in Lua
capitalised names whose members are used. A name whose existence the script asks for
(`if Tools then`) is left alone.

## Why

In Lua the name is `nil` and using it raises an error; in JavaScript it raises a `ReferenceError`.

## Example

```lua
local answer = Tol.execute("calculator", { input = "1 + 1" })
print(answer)
```

```javascript
const answer = Tol.execute("calculator", { input: "1 + 1" });
console.log(answer);
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

from llmspell_engine.lint.rule import Rule
from llmspell_engine.lint.suggest import did_you_mean, renaming
from llmspell_engine.lint.undefined import undefined_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS101", "unknown-global", "error")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report undefined names that look like the API's."""
    for one in undefined_names(subject):
        if one.is_host_like:
            message = f"there is no global '{one.reference.name}'{did_you_mean(one.meant)}"
            yield RULE.at(one.reference.span, message, fix=renaming(one.reference.span, one.meant))
