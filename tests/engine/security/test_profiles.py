"""A profile is chosen by the launch and the configuration, and holds in both languages and in tools."""

# ruff: noqa: E501 - a script is easier to read in one line

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.assembly import AssemblyError, Launch, assemble
from llmspell_engine.language import Language
from llmspell_engine.runtime.base import ScriptError, Streams
from llmspell_engine.runtime.create import create
from support.runtime import SUFFIX, both


@dataclass(frozen=True)
class Case:
    """A script under a launch and a configuration, and what it prints or fails with."""

    name: str
    lua: str
    javascript: str
    expect: str
    config: str = ""
    launch: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """For the names of tests."""
        return self.name


READ = (
    "print((Tool.execute('file-operations', { operation = 'read', path = '{outside}/data.txt' }).text))",
    "console.log((await Tool.execute('file-operations', { operation: 'read', path: '{outside}/data.txt' })).text)",
)
GETENV = ("print(os.getenv('MY_SETTING'))", "console.log(process.env.MY_SETTING)")
REFUSED_READ = (
    "the profile 'medium' does not allow reading '{outside}/data.txt' (rule `read`); allow it with --allow-read"
    ' {outside}/data.txt or read = ["{outside}/data.txt"] in [security]'
)
CODE = ("print(load('return 1')())", "console.log(eval('1'))")
IMPORT = ("print((require('lib.value')))", "import value from './lib/value.js'; console.log(value)")
CASES = [
    Case("files outside are refused", *READ, f"file-operations: {REFUSED_READ}"),
    Case("files that the command line allows", *READ, "data\n", launch={"allow_read": (Path("{outside}"),)}),
    Case("files that the configuration allows", *READ, "data\n", "[security]\nread = ['../outside']\n"),
    Case("the profile none", *READ, "data\n", "[security]\nprofile = 'none'\n"),
    Case(
        "the command line wins",
        *CODE,
        "the profile 'high' does not allow '{code}' (rule `names`); allow it with --profile medium or"
        ' allow = ["{code}"] in [security]',
        "[security]\nprofile = 'none'\n",
        {"profile": "high"},
    ),
    Case("a name that is allowed", *CODE, "1\n", "[security]\nprofile = 'high'\nallow = ['load', 'eval']\n"),
    Case(
        "a name that is refused",
        *CODE,
        "the profile 'medium' does not allow '{code}' (rule `names`); take \"{code}\" out of refuse in [security]",
        "[security]\nrefuse = ['load', 'eval']\n",
    ),
    Case(
        "a variable",
        *GETENV,
        "the profile 'medium' does not allow the environment variable 'MY_SETTING' (rule `variables`); allow it"
        ' with --allow-env MY_SETTING or variables = ["MY_SETTING"] in [security]',
    ),
    Case("a variable that is allowed", *GETENV, "value\n", launch={"allow_env": ("MY_*",)}),
    Case(
        "the profile custom",
        *GETENV,
        "value\n",
        "[security]\nprofile = 'custom'\nallow = ['os.getenv']\n[security.custom]\nbase = 'high'\nvariables = 'plain'\n",
    ),
    Case(
        "what holds for some scripts",
        *GETENV,
        "value\n",
        "[security.scripts.'main.*']\nprofile = 'low'\n[security.scripts.'other/**']\nprofile = 'high'\n",
    ),
    Case(
        "modules outside",
        *IMPORT,
        "the profile 'medium' does not allow loading '{folder}/lib/value{suffix}', which is"
        " '{outside}/value{suffix}', outside of the script's folder (rule `modules`); allow it with"
        ' modules = ["{outside}"] in [security]',
    ),
    Case("modules of a folder that is allowed", *IMPORT, "7\n", "[security]\nmodules = ['../outside']\n"),
    Case("modules of anywhere", *IMPORT, "7\n", launch={"profile": "none"}),
    Case(
        "a limit",
        "while true do end",
        "for (;;);",
        "the script ran longer than 0.2 s, the most that the profile 'medium' gives it; raise seconds in"
        " [security.limits]",
        "[security.limits]\nseconds = 0.2\n",
    ),
]


def ran(case: Case, language: Language, tmp_path: Path) -> str:
    """What a script prints, or what it fails with."""
    folder, outside = tmp_path / "project", tmp_path / "outside"
    for each in (folder, outside):
        each.mkdir()
    (outside / "data.txt").write_text("data")
    (outside / "value.lua").write_text("return 7")
    (outside / "value.js").write_text("export default 7")
    (folder / "lib").symlink_to(outside)
    (folder / "llmspell.toml").write_text(case.config)
    places = {"{outside}": str(outside), "{folder}": str(folder)}
    script = folder / f"main{SUFFIX[language]}"
    script.write_text(_filled(case.lua if language == "lua" else case.javascript, places))
    launch = {key: _placed(value, places) for key, value in case.launch.items()}
    assembly = assemble(Launch(folder=folder, script=script, **launch))
    printed: list[str] = []
    runtime = create(
        language, assembly.context(language, Streams(printed.append, printed.append)), assembly.services
    )
    try:
        runtime.run(str(script), script.read_text())
    except ScriptError as error:
        return str(error)
    finally:
        runtime.close()
        assembly.services.close()
    return "".join(printed)


def _filled(text: str, places: dict[str, str]) -> str:
    for word, place in places.items():
        text = text.replace(word, place)
    return text


def _placed(value: Any, places: dict[str, str]) -> Any:
    if isinstance(value, tuple):
        return tuple(_placed(one, places) for one in value)
    return Path(_filled(str(value), places)) if isinstance(value, Path) else value


@both
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_profile_holds(
    case: Case, language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SETTING", "value")
    monkeypatch.chdir(tmp_path)
    places = {
        "{outside}": str(tmp_path / "outside"),
        "{folder}": str(tmp_path / "project"),
        "{suffix}": SUFFIX[language],
        "{code}": "load" if language == "lua" else "eval",
    }
    monkeypatch.chdir(tmp_path)
    (tmp_path / "root").mkdir()
    config = case.config + f"[tools]\nroot = '{tmp_path / 'root'}'\n"
    found = ran(Case(case.name, case.lua, case.javascript, "", config, case.launch), language, tmp_path)
    assert found == _filled(case.expect, places)


def test_a_profile_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        AssemblyError, match="there is no security profile 'lax'; there are none, low, medium"
    ):
        assemble(Launch(folder=tmp_path, profile="lax"))


@both
def test_the_audit_tells_what_was_refused_and_masks_secrets(
    language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "sk-0123456789abcdef0123"
    path = f"/nowhere/{secret}"
    text = {
        "lua": f"pcall(Tool.execute, 'file-operations', {{ operation = 'read', path = '{path}' }})"
        " pcall(os.getenv, 'NOBODYS') print(Tool.execute('file-operations', { operation = 'exists', path = 'x' }).text)",
        "javascript": f"try {{ await Tool.execute('file-operations', {{ operation: 'read', path: '{path}' }}) }}"
        " catch {} try { process.env.NOBODYS } catch {}"
        " console.log((await Tool.execute('file-operations', { operation: 'exists', path: 'x' })).text)",
    }
    monkeypatch.chdir(tmp_path)
    config = "[security]\naudit = 'audit.jsonl'\naudit_allowed = true\n"
    case = Case("", text["lua"], text["javascript"], "", config)
    assert ran(case, language, tmp_path) == "false\n"
    audit = tmp_path / "project" / "audit.jsonl"
    lines = [json.loads(line) for line in audit.read_text().splitlines()]
    told = [(line["decision"], line["profile"], line["rule"]) for line in lines]
    assert told == [
        ("refused", "medium", "read"),
        ("refused", "medium", "variables"),
        ("allowed", "medium", "read"),
    ]
    assert secret not in audit.read_text()
    assert audit.stat().st_mode & 0o077 == 0
    assert all(Path(line["script"]).name == f"main{SUFFIX[language]}" for line in lines)
