"""A tool that does not exist.

## What it does

Reports constant tool names that no tool has. Questions such as `Tool.exists("name")` are left alone, and so
are the names of tools that the script makes, of functions, of other tools and of its agents.

## Why

The call raises an error when it runs, or gives `nil`.

## Example

```lua
print(Tool.execute("calculater", { input = "1 + 1" }))
```

```javascript
console.log(await Tool.execute("calculater", { input: "1 + 1" }));
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

from llmspell_engine.lint.rule import Rule
from llmspell_engine.lint.suggest import advice, renaming
from llmspell_engine.tool_names import did_you_mean, meant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS111", "unknown-tool", "error", tolerant=True)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report strings that should name a tool and do not."""
    for literal, name in subject.tool_names:
        is_known = subject.catalog.tool(name) is not None or name in subject.made_tools
        if not is_known and name not in subject.packaged_tools:
            near = meant(name, {*subject.catalog.tools, *subject.made_tools, *subject.packaged_tools})
            fix = renaming(literal.content, near[0]) if literal.content and len(near) == 1 else None
            message = f"no tool is called '{name}'{advice(did_you_mean(near))}"
            yield RULE.at(literal.span, message, fix=fix)
