"""A variable that nothing defines.

## What it does

Reports reads of names that neither the script nor the language nor the script API defines, and in
JavaScript assignments to names that are never declared. A name whose existence the script asks for
(`name ~= nil`, `typeof name`) is left alone.

## Why

In Lua the name is `nil`; in JavaScript using it raises a `ReferenceError`. Most often it is misspelt.

## Example

```lua
local answer = 42
print(anwser)
```

```javascript
const answer = 42;
console.log(anwser);
```

## Use instead

```lua
local answer = 42
print(answer)
```

```javascript
const answer = 42;
console.log(answer);
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.lint.rule import Rule
from llmspell_engine.lint.suggest import advice, did_you_mean, renaming
from llmspell_engine.lint.undefined import undefined_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS401", "undefined-variable", "error")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report undefined names that look like the script's own, and writes that JavaScript refuses."""
    for one in undefined_names(subject):
        if not one.is_host_like:
            message = f"'{one.reference.name}' is not defined{advice(one.instead) or did_you_mean(one.meant)}"
            yield RULE.at(one.reference.span, message, fix=renaming(one.reference.span, one.meant))
    if subject.language == "javascript":
        for made in subject.semantics.declarations:
            if made.kind == "global":
                yield RULE.at(made.span, f"'{made.name}' is assigned but not declared; use let or const")
