"""A local name that is never used.

## What it does

Reports local variables, functions, classes and imports that nothing reads. Parameters, loop variables
and names that begin with `_` are left alone; in JavaScript also exported names and names that
`...rest` leaves out.

## Why

It is left over, or the name that should be used is misspelt elsewhere.

## Example

```lua
local unused = 1
print("done")
```

```javascript
const unused = 1;
console.log("done");
```

## Use instead

```lua
local used = 1
print(used)
```

```javascript
const used = 1;
console.log(used);
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.diagnostics import Edit, Fix
from llmspell_engine.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tree_sitter

    from llmspell_engine.analysis.scopes import Declaration
    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.subject import Subject

RULE = Rule("LS402", "unused-local", "warning")

_KINDS = frozenset({"local", "constant", "function", "class", "import"})


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Report names without a read."""
    for made in subject.semantics.declarations:
        if _is_unused(made) and not _is_left_out(subject, made):
            what = "assigned but never used" if made.references else "never used"
            message = f"'{made.name}' is {what}"
            yield RULE.at(made.span, message, fix=_fix(subject, made), tags=("unnecessary",))


def _is_unused(made: Declaration) -> bool:
    if made.kind not in _KINDS or made.is_implicit or made.is_exported or made.attribute == "close":
        return False
    return not made.name.startswith("_") and not made.reads


def _is_left_out(subject: Subject, made: Declaration) -> bool:
    """Whether the name is taken out of an object only so that ``...rest`` does not hold it."""
    node = _node(subject, made)
    while node is not None and node.type != "object_pattern":
        node = node.parent if node.type in _PATTERN_PARTS else None
    return node is not None and any(child.type == "rest_pattern" for child in node.children)


_PATTERN_PARTS = frozenset(
    {
        "identifier",
        "pair_pattern",
        "shorthand_property_identifier_pattern",
        "object_assignment_pattern",
        "assignment_pattern",
    }
)


def _fix(subject: Subject, made: Declaration) -> Fix | None:
    """Mark the name as meant to be unused. What it stands for may have effects, so it stays."""
    node = _node(subject, made)
    if made.kind not in ("local", "constant", "function") or node is None:
        return None
    if node.type == "shorthand_property_identifier_pattern":
        return None
    places = [made.span, *(one.span for one in made.references)]
    new = f"_{made.name}"
    if made.scope.lookup(new, made.scope.end) is not None:
        return None
    return Fix(f"Rename to '{new}'", tuple(Edit(place, new) for place in places), safe=True)


def _node(subject: Subject, made: Declaration) -> tree_sitter.Node | None:
    tree = subject.tree
    return tree.root.descendant_for_byte_range(tree.byte(made.start), tree.byte(made.end))
