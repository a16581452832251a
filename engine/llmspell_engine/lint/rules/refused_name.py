"""A name of the language that the security profile leaves out.

## What it does

Reports the use of functions and globals that the profile of the scripts leaves out, with `allow` and
`refuse` in `[security]` taken into account, and what is configured there for single scripts. The profile is
that of runs, unless `profile` in `[lint]` or `--profile` names another one. [Security](../security.md) tells
of the profiles.

## Why

The script finds a function in its place that does nothing but raise a `SecurityError`. What no profile has,
such as `string.dump`, is reported whatever the profile.

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
from llmspell_engine.security.names import NOWHERE, last_profile

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
    "os.execute": "use the tool 'process-executor', or ",
    "dofile": "use require, or ",
    "SharedArrayBuffer": "use ArrayBuffer, or ",
}


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report the names of the language that the profile leaves out."""
    names, nowhere = subject.left_out.names, NOWHERE[subject.language]
    for span, name in _used(subject):
        if name in nowhere:
            yield RULE.at(span, f"no profile has '{name}', for {nowhere[name].why}; {nowhere[name].instead}")
        elif name in names:
            yield RULE.at(span, _message(subject, name))


def _message(subject: Subject, name: str) -> str:
    left_out, instead = subject.left_out, _INSTEAD.get(name, "")
    if name in left_out.configured:
        return f"[security] leaves '{name}' out; {instead}take it out of refuse"
    last = last_profile(subject.language, name)
    told = f"the profile '{left_out.profile}' leaves '{name}' out"
    return f"{told}; {instead}run the script with --profile {last}"


def _used(subject: Subject) -> Iterator[tuple[Span, str]]:
    """The uses of what belongs to the language, but for those that ask whether it is there."""
    own = subject.catalog.standard(subject.language).globals
    for one in subject.semantics.references:
        if one.declaration is None and one.name in own and not is_guard(subject.tree, one.span):
            yield one.span, one.name
    for use in subject.semantics.member_accesses:
        entity = subject.semantics.inference.host_entity(use.owner)
        if entity is None or is_guard(subject.tree, use.access.span):
            continue
        if subject.is_of_the_language(entity):
            yield use.access.name_span, f"{entity.name}.{use.access.name}"
