"""Analysis on the shipped catalog: what the examples use is all known, and so completed."""

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.analysis.workspace import Workspace

EXAMPLES = Path(__file__).parents[3] / "examples"
WHOLE = sorted(path for path in EXAMPLES.rglob("*.[lj]*") if path.is_file() and "broken" not in path.parts)


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_everything_in_an_example_is_known(path: Path) -> None:
    workspace = Workspace()
    workspace.open(str(path), path.read_text())
    document = workspace.snapshot().document(str(path))
    semantics = document.semantics
    undeclared = {one.name for one in semantics.references if one.declaration is None}
    assert document.tree.faults == ()
    assert [name for name in undeclared if semantics.host_global(name) is None] == []
    assert [use.access.name for use in semantics.member_accesses if not use.is_known] == []
    assert [
        entry.key for table in semantics.tables for entry, option in table.entries if option is None
    ] == []
    assert [option.name for table in semantics.tables for option in table.missing] == []


@pytest.mark.parametrize(
    ("source", "language", "label"),
    [
        ("Agent.$0", "lua", "builder"),
        ("Agent.create{ $0 }", "lua", "system_prompt"),
        ("Agent.create({ $0 })", "javascript", "systemPrompt"),
        ("local a = Agent.builder():model('echo'):build()\na:$0", "lua", "execute"),
        ("Tool.execute('$0')", "lua", "text-manipulator"),
        ("Tool['$0']", "lua", "calculator"),
        ("Tool.execute('text-manipulator', { operation = '$0' })", "lua", "trim"),
        ("local r = Tool.execute('hash-calculator', {})\nprint(r.result.$0)", "lua", "hash"),
        ("State.save('$0')", "lua", "global"),
        ("string.$0", "lua", "format"),
        ("Math.$0", "javascript", "floor"),
        ("console.$0", "javascript", "log"),
    ],
)
def test_the_api_is_completed(source: str, language: str, label: str) -> None:
    workspace = Workspace()
    offset = source.index("$0")
    workspace.open("/main", source.replace("$0", ""), language)  # type: ignore[arg-type]
    labels = [item.label for item in workspace.snapshot().completions_at("/main", offset).items]
    assert label in labels
