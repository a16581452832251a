"""Uses and renaming: every case is some scripts with ``$0`` in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from llmspell_engine.analysis.renaming import RenameError
from llmspell_engine.analysis.workspace import Snapshot, Workspace

TOOL = 'Tool.register({ name = "price-of", description = "d", handler = function() end })\n'


@dataclass(frozen=True)
class Case:
    """Scripts, where what is at ``$0`` is used (``*`` where it is made), and what renaming makes of it.

    A text in the place of the renamed scripts is the reason why it is refused.
    """

    name: str
    scripts: Mapping[str, str]
    uses: tuple[str, ...]
    to: str = "new"
    renamed: Mapping[str, str] | str = field(default_factory=dict)


CASES = [
    Case(
        "a variable, and none that hides it",
        {"a.lua": "local x$0 = 1\nlocal function f(x) return x end\nx = x + f(x)"},
        ("a.lua:1:7*", "a.lua:3:1", "a.lua:3:5", "a.lua:3:11"),
        renamed={"a.lua": "local new = 1\nlocal function f(x) return x end\nnew = new + f(new)"},
    ),
    Case(
        "a parameter",
        {"a.js": "const f = (x$0) => x + 1;\nconst x = 2;\nf(x);"},
        ("a.js:1:12*", "a.js:1:18"),
        renamed={"a.js": "const f = (new1) => new1 + 1;\nconst x = 2;\nf(x);"},
        to="new1",
    ),
    Case(
        "a global of the script",
        {"a.lua": "total = 1\nfunction add() tot$0al = total + 1 end"},
        ("a.lua:1:1*", "a.lua:2:16", "a.lua:2:24"),
        renamed={"a.lua": "new = 1\nfunction add() new = new + 1 end"},
    ),
    Case(
        "a name that is used already",
        {"a.lua": "local x$0 = 1\nlocal y = 2\nprint(x, y)"},
        ("a.lua:1:7*", "a.lua:3:7"),
        to="y",
        renamed="with the name 'y' something else would be meant, or it is used already",
    ),
    Case(
        "a word of the language",
        {"a.lua": "local x$0 = 1"},
        ("a.lua:1:7*",),
        to="end",
        renamed="the script would have a fault: a name expected, found 'end'",
    ),
    Case(
        "no name",
        {"a.lua": "local x$0 = 1"},
        ("a.lua:1:7*",),
        to="a b",
        renamed="'a b' is no name that can stand here",
    ),
    Case(
        "a function of a module of Lua",
        {
            "m.lua": "local M = {}\nfunction M.fmt(a) return a end\nreturn M",
            "a.lua": 'local m = require("m")\nprint(m.fm$0t(1))',
        },
        ("a.lua:2:9", "m.lua:2:12*"),
        renamed={
            "m.lua": "local M = {}\nfunction M.new(a) return a end\nreturn M",
            "a.lua": 'local m = require("m")\nprint(m.new(1))',
        },
    ),
    Case(
        "an export of JavaScript, under another name elsewhere",
        {
            "m.js": "export function gr$0oup(a) { return a; }\ngroup(1);",
            "a.js": 'import { group } from "./m.js";\ngroup(1);',
            "b.js": 'import { group as g } from "./m.js";\ng(2);',
        },
        ("m.js:1:17*", "m.js:2:1", "a.js:1:10", "a.js:2:1", "b.js:1:10"),
        to="cluster",
        renamed={
            "m.js": "export function cluster(a) { return a; }\ncluster(1);",
            "a.js": 'import { cluster } from "./m.js";\ncluster(1);',
            "b.js": 'import { cluster as g } from "./m.js";\ng(2);',
        },
    ),
    Case(
        "a method of a class",
        {"a.js": "class A { greet() { return 1; } }\nnew A().gre$0et();"},
        ("a.js:1:11*", "a.js:2:9"),
        to="hello",
        renamed={"a.js": "class A { hello() { return 1; } }\nnew A().hello();"},
    ),
    Case(
        "a variable that is written short as a field",
        {"a.js": "const a$0 = 1;\nconst t = { a };\nf(a, t.a);"},
        ("a.js:1:7*", "a.js:2:13", "a.js:3:3"),
        to="b",
        renamed={"a.js": "const b = 1;\nconst t = { a: b };\nf(b, t.a);"},
    ),
    Case(
        "a field that is written short",
        {"a.js": "const a = 1;\nconst t = { a };\nf(a, t.a$0);"},
        ("a.js:2:13*", "a.js:3:8"),
        to="b",
        renamed={"a.js": "const a = 1;\nconst t = { b: a };\nf(a, t.b);"},
    ),
    Case(
        "a field that is taken out",
        {"a.js": "const t = { a$0: 1 };\nconst { a } = t;\nf(a, t.a);"},
        ("a.js:1:13*", "a.js:2:9", "a.js:3:8"),
        to="b",
        renamed={"a.js": "const t = { b: 1 };\nconst { b: a } = t;\nf(a, t.b);"},
    ),
    Case(
        "a tool of a script, across languages",
        {
            "a.lua": TOOL + 'print(Tool.execute("price$0-of", {}))',
            "b.js": 'Agent.create({ model: "echo", tools: ["price-of"] });\nTool.get("other");',
        },
        ("a.lua:1:25*", "a.lua:2:21", "b.js:1:40"),
        to="cost-of",
        renamed={
            "a.lua": TOOL.replace("price-of", "cost-of") + 'print(Tool.execute("cost-of", {}))',
            "b.js": 'Agent.create({ model: "echo", tools: ["cost-of"] });\nTool.get("other");',
        },
    ),
    Case(
        "an agent of a script, and one of another script by the same name",
        {
            "a.lua": 'Agent.create({ name = "cle$0rk", model = "echo" })\nprint(Agent.get("clerk"))',
            "b.js": 'Agent.create({ name: "clerk", model: "echo" });\nAgent.get("clerk");',
        },
        ("a.lua:1:24*", "a.lua:2:18"),
        to="porter",
        renamed={"a.lua": 'Agent.create({ name = "porter", model = "echo" })\nprint(Agent.get("porter"))'},
    ),
    Case(
        "an agent that several other scripts make",
        {
            "a.lua": 'print(Agent.get("cle$0rk"))',
            "b.js": 'Agent.create({ name: "clerk", model: "echo" });',
            "c.js": 'Agent.create({ name: "clerk", model: "echo" });',
        },
        ("a.lua:1:18", "b.js:1:23*", "c.js:1:23*"),
        renamed="several scripts make 'clerk'; rename it in the one that is meant",
    ),
    Case(
        "an agent that no script makes",
        {"a.lua": 'print(Agent.get("cle$0rk"))', "b.js": 'Agent.get("clerk");'},
        ("a.lua:1:18", "b.js:1:12"),
        renamed="no script here makes 'clerk'; where it is made, it would keep its name",
    ),
    Case(
        "a tool of the engine, by its older name too",
        {"a.lua": 'Tool.get("calc$0ulator")\nTool.get("hash-calculator")', "b.js": 'Tool.get("calculator");'},
        ("a.lua:1:11", "b.js:1:11"),
        renamed="'calculator' is a tool of llmspell",
    ),
    Case(
        "an agent in a workflow",
        {
            "a.lua": 'Agent.create({ name = "writer", model = "echo" })',
            "b.js": 'Workflow.sequential({ name: "w", steps: [{ agent: "wri$0ter", input: "x" }] });',
        },
        ("b.js:1:52", "a.lua:1:24*"),
        to="author",
        renamed={
            "a.lua": 'Agent.create({ name = "author", model = "echo" })',
            "b.js": 'Workflow.sequential({ name: "w", steps: [{ agent: "author", input: "x" }] });',
        },
    ),
    Case(
        "an event, and the patterns that match it",
        {
            "a.lua": 'Event.publish("order.plac$0ed", {})\nEvent.publish("bill.sent", {})',
            "b.js": 'Event.subscribe("order.*");\nEvent.on("order.placed", f);\nEvent.on("*.sent", f);',
        },
        ("a.lua:1:16*", "b.js:1:18", "b.js:2:11"),
        to="order.made",
        renamed={
            "a.lua": 'Event.publish("order.made", {})\nEvent.publish("bill.sent", {})',
            "b.js": 'Event.subscribe("order.*");\nEvent.on("order.made", f);\nEvent.on("*.sent", f);',
        },
    ),
    Case(
        "a pattern of events",
        {"a.lua": 'Event.publish("order.a.placed", {})', "b.js": 'Event.subscribe("order.*.pla$0ced");'},
        ("b.js:1:18", "a.lua:1:16*"),
        renamed="'order.*.placed' is a pattern; rename an event",
    ),
    Case(
        "a key of State, within its scope",
        {
            "a.lua": 'State.save("global", "k", 1)\nState.save("agent:x", "k", 1)\nState.save(s, "k", 1)',
            "b.js": 'State.load("global", "k$0");\nState.get("k");\nState.delete("agent:x", "k");',
        },
        ("b.js:1:23", "b.js:2:12", "a.lua:1:23*"),
        renamed={
            "a.lua": 'State.save("global", "new", 1)\nState.save("agent:x", "k", 1)\nState.save(s, "k", 1)',
            "b.js": 'State.load("global", "new");\nState.get("new");\nState.delete("agent:x", "k");',
        },
    ),
    Case(
        "a global of the API",
        {"a.lua": "Ag$0ent.create({})"},
        (),
        renamed="only what scripts make can be renamed",
    ),
    Case(
        "an option",
        {"a.lua": 'Agent.create({ mod$0el = "echo" })'},
        (),
        renamed="only what scripts make can be renamed",
    ),
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def opened(scripts: Mapping[str, str]) -> tuple[Snapshot, str, int]:
    """The scripts, and the path and offset of the ``$0``."""
    workspace, path, offset = Workspace(), "", 0
    for name, text in scripts.items():
        if "$0" in text:
            path, offset = f"/scripts/{name}", text.index("$0")
        workspace.open(f"/scripts/{name}", text.replace("$0", ""))
    return workspace.snapshot(), path, offset


@each_case
def test_uses(case: Case) -> None:
    snapshot, path, offset = opened(case.scripts)
    found = []
    for use in snapshot.uses_at(path, offset):
        at = snapshot.document(use.location.path).text.position(use.location.span.start)
        name = use.location.path.removeprefix("/scripts/")
        found.append(f"{name}:{at.line + 1}:{at.column + 1}{'*' if use.is_definition else ''}")
    assert tuple(found) == case.uses


@each_case
def test_renaming(case: Case) -> None:
    snapshot, path, offset = opened(case.scripts)
    if isinstance(case.renamed, str):
        with pytest.raises(RenameError) as refusal:
            snapshot.rename(path, offset, case.to)
        assert str(refusal.value) == case.renamed
        return
    found = {}
    for changed, edits in snapshot.rename(path, offset, case.to).items():
        text = snapshot.document(changed).text.value
        for edit in sorted(edits, key=lambda one: one.span, reverse=True):
            text = text[: edit.span.start] + edit.new_text + text[edit.span.end :]
        found[changed.removeprefix("/scripts/")] = text
    assert found == case.renamed


def test_the_same_name_changes_nothing() -> None:
    snapshot, path, offset = opened({"a.lua": "local x$0 = 1"})
    assert snapshot.rename(path, offset, "x") == {}


HOVERS = [
    ({"a.lua": TOOL + 'Tool.get("price$0-of")'}, "tool `price-of`, made in `a.lua:1`\n\nd\n\n"),
    ({"a.lua": TOOL, "b.js": 'Tool.get("price$0-of");'}, "tool `price-of`, made in `a.lua:1`\n\nd\n\n"),
    (
        {"a.lua": 'Event.publish("a.b", {})\nEvent.publish("a.c", {})', "b.js": 'Event.subscribe("a$0.*");'},
        "event `a.*`, published in `a.lua:1`, `a.lua:2`\n\n",
    ),
    (
        {"a.lua": 'State.save("global", "k", 1)\nState.load("global", "k$0")'},
        "key `k`, written in `a.lua:1`\n\n",
    ),
]


@pytest.mark.parametrize(("scripts", "beginning"), HOVERS, ids=[one[1].split(",")[0] for one in HOVERS])
def test_hover_tells_where_a_name_was_given(scripts: Mapping[str, str], beginning: str) -> None:
    snapshot, path, offset = opened(scripts)
    found = snapshot.hover_at(path, offset)
    assert found is not None
    assert found.markdown.startswith(beginning)
    assert "(parameter)" in found.markdown


def test_hover_of_a_name_that_nobody_gave_is_of_its_place() -> None:
    snapshot, path, offset = opened({"a.lua": 'State.load("global", "k$0")'})
    found = snapshot.hover_at(path, offset)
    assert found is not None
    assert "written in" not in found.markdown
