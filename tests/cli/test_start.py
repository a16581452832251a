"""What a run does not import: a start is paid for by each run, and by each test that starts one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from llmspell_engine.language import LANGUAGES, Language

PROGRAM = """\
import json, sys
from llmspell_cli.main import main
code = main(["run", *sys.argv[1:]])
print(json.dumps([code, sorted(sys.modules)]))
"""
SUFFIXES = {"lua": "lua", "javascript": "js"}
OTHER: dict[Language, list[str]] = {
    "lua": ["quickjs", "_quickjs", "llmspell_engine.runtime.javascript"],
    "javascript": ["lupa", "llmspell_engine.runtime.lua"],
}
"""What the other language stands on."""

SELDOM = [
    "httpx", "jinja2", "jsonschema", "keyring", "msgspec", "openai", "opentelemetry", "prompt_toolkit",
    "pydantic_ai", "pygls", "redis", "tree_sitter", "watchfiles", "yaml",
    "llmspell_engine.analysis", "llmspell_engine.lint",
]  # fmt: skip
"""What only those scripts wait for that need it."""
WAITING = ["anyio", "asyncio", "ssl"]
METADATA = ["importlib.metadata", "email", "zipfile"]
"""What tells of installed packages: pydantic would look for plug-ins there."""
RARE = [
    f"llmspell_engine.api.{one}"
    for one in (
        "agent_contexts",
        "agent_forms",
        "agent_groups",
        "agent_states",
        "agent_telling",
        "tool_results",
    )
]
"""What only members mention that few scripts call."""
ROOMS = [
    f"llmspell_engine.{room}"
    for room in ("agents", "api", "events", "hooks", "prompts", "providers", "state", "tools", "workflows")
]
WHOLE_CATALOG = ["llmspell_engine.catalog.model", "llmspell_engine.config.model"]
NO_AGENTS = ["llmspell_engine.agents.llm", "llmspell_engine.workflows"]

EMPTY = {"lua": "local answer = 42", "javascript": "const answer = 42;"}
ECHO = {
    "lua": 'assert(Agent.create({ model = "echo" }):execute("hello").text == "hello")',
    "javascript": (
        'const { text } = await Agent.create({ model: "echo" }).execute("hello");\n'
        'if (text !== "hello") throw new Error(text);'
    ),
}
TOOL = {
    "lua": 'assert(Tool.execute("uuid-generator", { operation = "generate" }).success)',
    "javascript": (
        'if (!(await Tool.execute("uuid-generator", { operation: "generate" })).success) throw new Error();'
    ),
}
STATE = {
    "lua": 'State.save("global", "a", 1); assert(State.load("global", "a") == 1)',
    "javascript": 'State.save("global", "a", 1); if (State.load("global", "a") !== 1) throw new Error();',
}
FLOW = {
    "lua": """\
local flow = Workflow.sequential({ steps = { { name = "a", execute = function() return 1 end } } })
assert(flow:execute().success)""",
    "javascript": """\
const flow = Workflow.sequential({ steps: [{ name: "a", execute: () => 1 }] });
if (!(await flow.execute()).success) throw new Error();""",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("scripts", "unneeded"),
    [
        pytest.param(
            EMPTY,
            [*SELDOM, *WAITING, *ROOMS, *WHOLE_CATALOG, "pydantic", "sqlite3", "shutil", "subprocess"],
            id="empty",
        ),
        pytest.param(
            ECHO,
            [*SELDOM, *METADATA, *RARE, *WHOLE_CATALOG, "sqlite3", "llmspell_engine.tools.base"],
            id="agent",
        ),
        pytest.param(TOOL, [*SELDOM, *METADATA, *WAITING, *NO_AGENTS, "sqlite3"], id="tool"),
        pytest.param(STATE, [*SELDOM, *METADATA, *WAITING, *NO_AGENTS, *WHOLE_CATALOG], id="state"),
        pytest.param(FLOW, [*SELDOM, *METADATA, "sqlite3", "llmspell_engine.providers.echo"], id="workflow"),
    ],
)
def test_what_a_script_does_not_need_is_not_imported(
    scripts: dict[Language, str], unneeded: list[str], language: Language, tmp_path: Path
) -> None:
    imported = modules_of(language, scripts[language], tmp_path)
    assert [one for one in (*unneeded, *OTHER[language]) if one in imported] == []


@pytest.mark.parametrize(
    ("scripts", "needed"),
    [
        pytest.param(ECHO, ["anyio", "pydantic", "llmspell_engine.agents.llm"], id="agent"),
        pytest.param(STATE, ["sqlite3", "pydantic", "llmspell_engine.state.sqlite"], id="state"),
    ],
)
def test_what_it_needs_is(scripts: dict[Language, str], needed: list[str], tmp_path: Path) -> None:
    """So that the names above are those under which modules are imported."""
    imported = modules_of("lua", scripts["lua"], tmp_path)
    assert [one for one in needed if one not in imported] == []


def test_options_are_no_configuration(tmp_path: Path) -> None:
    options = ["--state", "state.db", "--max-calls", "3", "--max-cost", "1", "--log-level", "info"]
    options += ["--param", "a=1", "--profile", "low", "--allow-host", "example.com"]
    imported = modules_of("lua", EMPTY["lua"], tmp_path, options)
    assert [one for one in ("pydantic", *WHOLE_CATALOG, *WAITING) if one in imported] == []


CHILD = """\
import subprocess, sys
child = "import sys, pydantic; type('A', (pydantic.BaseModel,), {}); print('own_plugin' in sys.modules)"
print('own_plugin' in sys.modules, subprocess.check_output([sys.executable, '-c', child], text=True).strip())
"""


@pytest.mark.parametrize(
    ("variables", "expected"), [({}, "False True"), ({"PYDANTIC_DISABLE_PLUGINS": ""}, "True True")]
)
def test_plugins_of_pydantic_are_left_out_here_and_not_in_programs_that_are_started(
    variables: dict[str, str], expected: str, tmp_path: Path
) -> None:
    told = tmp_path / "own_plugin-1.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: own-plugin\nVersion: 1\n")
    (told / "entry_points.txt").write_text("[pydantic]\nown = own_plugin:plugin\n")
    (tmp_path / "own_plugin.py").write_text(
        "class plugin:\n    def new_schema_validator(*given, **named):\n        return None, None, None\n"
        "plugin = plugin()\n"
    )
    (tmp_path / "script.lua").write_text(ECHO["lua"], "utf-8")
    program = f"from llmspell_cli.main import main\nassert main(['run', 'script.lua']) == 0\n{CHILD}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), **variables},
    )
    assert (done.returncode, done.stdout.strip()) == (0, expected), done.stderr


def modules_of(language: Language, text: str, folder: Path, options: Sequence[str] = ()) -> set[str]:
    """The modules that a process has imported when a script has ended well."""
    script = folder / f"script.{SUFFIXES[language]}"
    script.write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(script), *options],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
        cwd=folder,
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stderr
    return set(modules)
