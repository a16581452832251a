"""A constant argument that its parameter does not take.

## What it does

Compares constant arguments of the script API's functions with what is declared: type, listed values,
range, pattern. The languages' own functions convert what they are given and are left
alone.

## Why

The call raises an error when it runs.

## Example

```lua
print(Tool.execute(42, { input = "1 + 1" }))
```

```javascript
console.log(await Tool.execute(42, { input: "1 + 1" }));
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

from llmspell_engine.catalog.model import spelled
from llmspell_engine.lint.naming import call_name
from llmspell_engine.lint.rule import Rule
from llmspell_engine.lint.values import complaint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS104", "invalid-argument", "error", tolerant=True)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report constants in calls of declared functions that their parameters do not take."""
    for site in subject.semantics.calls:
        if subject.is_of_the_language(site.owner):
            continue
        for parameter, argument in zip(site.parameters, site.arguments, strict=False):
            found = complaint(subject, argument, parameter.schema)
            if found is not None:
                name = spelled(parameter.name, subject.language)
                message = f"argument '{name}' of '{call_name(site)}' {found.message}"
                yield RULE.at(found.span, message, fix=found.fix)
