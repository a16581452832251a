"""A name of the language that the security profile leaves out.

## What it does

Reports the use of functions and globals that the profile of the scripts leaves out: `medium` where
`profile` in `[lint]` and `--profile` say nothing else. [Security](../security.md) tells of the profiles.

## Why

The script finds a function in its place that does nothing but raise a `SecurityError`.

## Example

```lua
local file = io.open("notes.txt")
print(file)
```

```javascript
console.log(new SharedArrayBuffer(8));
```

## Use instead

```lua
local text = Tool.execute("file-operations", { operation = "read", path = "notes.txt" }).text
print(text)
```

```javascript
console.log(new ArrayBuffer(8));
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.lint.guards import is_guard
from llmspell_engine.lint.rule import Rule
from llmspell_engine.security.names import LADDER, last_profile, refused_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject
    from llmspell_engine.text import Span

RULE = Rule("LS201", "refused-name", "warning")

_INSTEAD = {
    "io.open": "use the tool 'file-operations', or ",
    "os.remove": "use the tool 'file-operations', or ",
    "os.rename": "use the tool 'file-operations', or ",
    "io.popen": "use the tool 'process-executor', or ",
    "os.execute": "use the tool 'process-executor', or ",
    "dofile": "use require, or ",
    "SharedArrayBuffer": "use ArrayBuffer, or ",
}


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report the names of the language that the profile leaves out."""
    profile = subject.profile if subject.profile in LADDER else "medium"
    refused = refused_names(subject.language, profile)
    if not refused:
        return
    for span, name in _used(subject):
        if name in refused:
            last = last_profile(subject.language, name)
            message = (
                f"the profile '{profile}' leaves '{name}' out; {_INSTEAD.get(name, '')}run the script with"
                f" --profile {last}"
            )
            yield RULE.at(span, message)


def _used(subject: Subject) -> Iterator[tuple[Span, str]]:
    """The uses of what belongs to the language, but for those that ask whether it is there."""
    own = subject.catalog.standard(subject.language).globals
    for one in subject.semantics.references:
        if one.declaration is None and one.name in own and not is_guard(subject.tree, one.span):
            yield one.span, one.name
    for use in subject.semantics.member_accesses:
        entity = subject.semantics.inference.host_entity(use.owner)
        if entity is not None and subject.is_of_the_language(entity):
            yield use.access.name_span, f"{entity.name}.{use.access.name}"
