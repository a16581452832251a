"""Parameters of tools under the names of older scripts: they do the same, and the linter puts them right.

The names are read from the catalog and the calls from support/tool_uses.py, so that one that is added
without a use fails here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.catalog.loader import load
from llmspell_engine.catalog.model import spelled
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.lint.fixing import fix_script
from llmspell_engine.lint.settings import LintSettings
from support import tool_uses
from support.lint import SUFFIXES
from support.runtime import Script, run
from support.tool_uses import USES, at_site, fill
from support.web_server import WebServer, web_server

CATALOG = load()
RULE = "LS109"


@dataclass(frozen=True, slots=True)
class Older:
    """A parameter under an older name: its tool, and what it is called now where it has a name still."""

    tool: str
    name: str
    now: str | None


OLDER = [
    Older(tool.name, name, schema.get("x-alias"))
    for tool in CATALOG.tools.values()
    for name, schema in tool.parameters["properties"].items()
    if schema.get("deprecated")
]
FAILING: dict[str, dict[str, Any]] = {
    "dns-lookup": {"input": "host.invalid", "record_type": "NONE"},
    "web-searcher": {"input": "tides", "provider": "brave"},
}
"""Calls of tools that need somebody at the other end: they fail alike by either name."""
ADDED: dict[tuple[str, str], dict[str, Any]] = {
    ("archive-handler", "format"): {
        "operation": "create", "path": "y.zip", "input": ["a.txt"], "format": "zip",
    },
    ("audio-processor", "format"): {
        "operation": "convert", "source_path": "s.wav", "target_path": "o.flac", "format": "flac",
    },
    ("file-watcher", "events"): {
        "operation": "watch", "input": ["."], "timeout_ms": 20, "events": ["create"],
    },
    ("image-processor", "format"): {
        "operation": "convert", "source_path": "p.png", "target_path": "o.out", "format": "jpeg",
    },
    ("image-processor", "maintain_aspect"): {
        "operation": "resize", "source_path": "p.png", "target_path": "o.png", "width": 10, "height": 10,
        "maintain_aspect": False,
    },
    ("log-analyzer", "text"): {"text": tool_uses.LOG},
    ("template-creator", "operation"): {"operation": "render", "input": "hi"},
    ("webhook-caller", "retry_count"): {"input": "{site}/json", "retry_count": 0},
    ("webhook-caller", "retry_delay"): {"input": "{site}/json", "retry_delay": 5},
}  # fmt: skip
"""Calls for what no use of a tool gives."""
CHANGING = re.compile(
    r'"[a-zA-Z_]*(?:_?[mM]s|[tT]ime|[dD]ate|[tT]imestamp|_at|At)": ?[^,}]*|\d\d:\d\d:\d\d GMT'
)
"""What differs from one call to the next."""


@pytest.fixture(scope="module")
def site() -> Iterator[WebServer]:
    with web_server(tool_uses.PAGES) as server:
        yield server


def parameters(older: Older) -> dict[str, Any]:
    """The parameters of a call that gives one by its older name."""
    added = ADDED.get((older.tool, older.name))
    if added is not None:
        return added
    uses = [use.parameters for use in USES.get(older.tool, ())] or [FAILING[older.tool]]
    given = next(one for one in uses if older.now in one and older.name not in one)
    return {older.name if key == older.now else key: value for key, value in given.items()}


def script(older: Older, given: dict[str, Any], language: Language) -> str:
    """A script that calls the tool, and prints what comes of it."""
    if language == "lua":
        call = f'Tool.execute, "{older.tool}", {{ {_entries(given)} }}'
        shown = "ok and JSON.stringify(found.result) or found.message"
        return f"local ok, found = pcall({call})\nprint(ok, {shown})"
    named = {spelled(key, language): value for key, value in given.items()}
    call = f'await Tool.execute("{older.tool}", {json.dumps(named)})'
    return (
        f"try {{\n  const found = {call};\n  console.log(true, JSON.stringify(found.result));\n"
        "} catch (error) { console.log(false, error.message); }"
    )


def _entries(given: dict[str, Any]) -> str:
    return ", ".join(f"{key} = {_lua(value)}" for key, value in given.items())


def _lua(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"[{json.dumps(key)}] = {_lua(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "{ " + ", ".join(map(_lua, value)) + " }"
    return "nil" if value is None else json.dumps(value, ensure_ascii=False)


def output(text: str, language: Language, folder: Path) -> str:
    """What a script prints in a folder with the files of the uses, without what changes."""
    folder.mkdir()
    fill(folder)
    context = tool_uses.context(folder)
    services = Services(root=folder, tool_settings=context.settings, permissions=context.permissions)
    ran = run(Script(language, text, services=services))
    services.close()
    assert ran.error is None, ran.error
    return CHANGING.sub("", ran.out.replace(str(folder), ""))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("older", OLDER, ids=lambda one: f"{one.tool} {one.name}")
def test_an_older_name_of_a_parameter(
    older: Older, language: Language, site: WebServer, tmp_path: Path
) -> None:
    given = at_site(parameters(older), site.url)
    today = {older.now or key if key == older.name else key: value for key, value in given.items()}
    if older.now is None:
        del today[older.name]
    text = script(older, given, language)
    path = f"/script{SUFFIXES[language]}"
    workspace = Workspace()
    workspace.open(path, text, language)
    new, count, left = fix_script(workspace, path, LintSettings())
    assert (new, count) == (script(older, today, language), 1)
    assert [one.message for one in left if one.code == RULE] == []
    before = output(text, language, tmp_path / "before")
    assert before.startswith("true") is (older.tool not in FAILING), before
    assert "there is no" not in before
    assert output(new, language, tmp_path / "after") == before
