"""What editors and the linter know of hooks and events, out of the catalog."""

from __future__ import annotations

import pytest
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.catalog.loader import load
from llmspell_engine.hooks import HOOK_POINTS
from llmspell_engine.language import Language
from support.lint import lint
from support.runtime import SUFFIX


def proposed(source: str, language: Language) -> list[str]:
    """What is proposed at ``$0``."""
    path, offset = f"/scripts/main{SUFFIX[language]}", source.index("$0")
    workspace = Workspace(load())
    workspace.open(path, source.replace("$0", ""), language)
    return [one.label for one in workspace.snapshot().completions_at(path, offset).items]


@pytest.mark.parametrize("language", ["lua", "javascript"])
def test_the_points_are_proposed(language: Language) -> None:
    labels = proposed('Hook.register("$0")', language)
    assert {*HOOK_POINTS, "pre_tool", "before_tool_execution"} <= set(labels)


@pytest.mark.parametrize(
    ("source", "language", "expect"),
    [
        ('Hook.register("pre_tool", function(context) print(context.$0) end)', "lua", "component_id"),
        ('Hook.register("pre_tool", function(context) print(context.component_id.$0) end)', "lua", "name"),
        ('Hook.register("pre_tool", (context) => context.$0)', "javascript", "correlationId"),
        ('Hook.register("pre_tool", print, { $0 })', "lua", "timeout_ms"),
        ('Hook.enable("$0")', "javascript", "cost_tracking"),
        ('Hook.enable("caching", { $0 })', "javascript", "ttlSeconds"),
        ('Event.on("a.*", function(event) print(event.$0) end)', "lua", "causation_id"),
        ('Event.on("a.*", (event) => event.$0)', "javascript", "eventType"),
        ('Event.subscribe("a", { when_full = "$0" })', "lua", "drop_newest"),
        ('Event.publish("shop.done") Event.on("$0")', "lua", "shop.done"),
    ],
)
def test_what_handlers_get_and_options_take_is_proposed(source: str, language: Language, expect: str) -> None:
    assert expect in proposed(source, language)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('Hook.register("pre_tol", function() end)', "did you mean 'pre_tool'?"),
        ('Hook.register("pre_tool", function(c) print(c.pont) end)', "did you mean 'point'?"),
        ('Hook.enable("logging", { levle = "info" })', "did you mean 'level'?"),
        ('Event.on("a", function(e) print(e.event_typ) end)', "did you mean 'event_type'?"),
    ],
)
def test_slips_are_reported(text: str, message: str) -> None:
    found = [one.message for one in lint(text)]
    assert any(message in one for one in found), found
