"""[lint], read without the validation library, says and refuses what the whole configuration does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from llmspell_engine.assembly.launch import Launch
from llmspell_engine.assembly.permissions import permissions_of
from llmspell_engine.config import ConfigError, resolve
from llmspell_engine.config.lint_section import lint_section
from llmspell_engine.diagnostics import Diagnostic
from llmspell_engine.lint.settings import LintSettings
from llmspell_engine.security.names import refused_names
from llmspell_engine.text import Span

RIGHT = [
    "",
    "[lint]\n",
    "[lint]\nselect = ['LS1', 'unused-local']\nignore = ['LS402']\nexclude = ['a/**']\n",
    "[lint.severity]\nLS4 = 'hint'\n'unused-local' = 'error'\n",
    "lint = { select = ['${RULE:-LS1}'] }\n",
    "[run]\nmax_calls = 1\n",
]
WRONG = [
    "[lint]\nselct = []\n",
    "[lint]\nselect = 'LS1'\n",
    "[lint]\nselect = [\n'LS1',\n1, '']\n",
    "[lint]\n\nexclude = [2]\nmore = 1\n",
    "[lint]\nseverity = []\n",
    "[lint.severity]\nLS1 = 'bad'\n",
    "[lint.severity]\nLS1 = 1\n",
    "lint = 3\n",
    "[lint]\nselect = ['${NONE}']\n",
    "version = 9\n",
    "[lint\n",
]


@pytest.mark.parametrize("text", RIGHT)
def test_both_readers_say_the_same(text: str, tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text(text)
    whole, alone = resolve(tmp_path).config.lint, lint_section(tmp_path)
    assert alone.settings == LintSettings(whole.select, whole.ignore, tuple(whole.severity.items()))
    assert alone.exclude == whole.exclude


@pytest.mark.parametrize("text", WRONG)
def test_both_readers_refuse_the_same(text: str, tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text(text)
    with pytest.raises(ConfigError) as whole:
        resolve(tmp_path)
    with pytest.raises(ConfigError) as alone:
        lint_section(tmp_path)
    assert set(alone.value.faults) == set(whole.value.faults)


def test_rules_that_do_not_exist_are_told(tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text(
        "[lint]\nignore = ['LS1',\n'unusd-local']\nseverity = {X = 'info'}\n"
    )
    with pytest.raises(ConfigError) as raised:
        lint_section(tmp_path)
    assert [fault.rpartition("/")[2] for fault in raised.value.faults] == [
        "llmspell.toml:3: 'lint.ignore[1]': no rule is called 'unusd-local'; did you mean 'unused-local'?",
        "llmspell.toml:4: 'lint.severity.X': no rule is called 'X'",
    ]


def test_sources_are_merged(tmp_path: Path, user_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (user_folder / "llmspell.yaml").write_text("lint: {ignore: [LS1], severity: {LS4: hint, LS1: info}}\n")
    (tmp_path / "llmspell.json").write_text('{"lint": {"select": ["LS4"], "severity": {"LS4": "error"}}}')
    monkeypatch.setenv("LLMSPELL_LINT__IGNORE", "LS402, LS1")
    found = lint_section(tmp_path).settings
    assert (found.select, found.ignore) == (("LS4",), ("LS402", "LS1"))
    assert dict(found.severity) == {"LS4": "error", "LS1": "info"}


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    for words in ("['LS1']", "['LS1', 'LS4']"):
        (tmp_path / "llmspell.toml").write_text(f"lint.ignore = {words}\n")
        assert len(lint_section(tmp_path).settings.ignore) == words.count("LS")


@pytest.mark.parametrize(
    ("pattern", "excluded", "kept"),
    [
        ("generated/**", ["generated/a.lua", "generated/b/c.lua"], ["a/generated/x.lua", "generated.lua"]),
        ("generated", ["generated/a.lua", "a/generated/x.lua"], ["generated2/a.lua"]),
        ("generated/", ["generated/a.lua"], ["x.lua"]),
        ("*.min.js", ["a.min.js", "b/c.min.js"], ["min.js", "a.min.lua"]),
        ("src/*.lua", ["src/a.lua"], ["src/b/a.lua", "x/src/a.lua"]),
        ("**/tests/**", ["tests/a.lua", "a/tests/b/c.lua"], ["a/test/b.lua"]),
        ("./a?.lua", ["ab.lua", "b/ac.lua"], ["a.lua", "abc.lua"]),
    ],
)
def test_patterns(pattern: str, excluded: list[str], kept: list[str], tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text(f"lint.exclude = ['{pattern}']\n")
    section = lint_section(tmp_path)
    assert [name for name in (*excluded, *kept) if section.excludes(tmp_path / name)] == excluded
    assert not section.excludes(tmp_path.parent / "elsewhere.lua")


@pytest.mark.parametrize(
    ("severity", "expect"),
    [
        ({}, "warning"),
        ({"LS": "hint"}, "hint"),
        ({"LS402": "info", "LS4": "error"}, "info"),
        ({"ls4": "error"}, "error"),
        ({"unused-local": "info", "LS4": "error"}, "info"),
        ({"LS402": "error", "unused-local": "info"}, "info"),
        ({"LS1": "error"}, "warning"),
    ],
)
def test_the_most_exact_severity_holds(severity: dict[str, str], expect: str) -> None:
    settings = LintSettings(severity=tuple(severity.items()))  # type: ignore[arg-type]
    assert settings.weighed(Diagnostic(Span(0, 1), "LS402", "unused-local", "warning", "")).severity == expect


CUSTOM = "[security]\nprofile = 'custom'\n[security.custom]\nbase = 'high'\n"


@dataclass(frozen=True)
class NameCase:
    """A configuration, what the command line says of the profile, and the profile that holds for a script."""

    config: str
    given: str | None = None
    profile: str = "medium"
    left_out: str = ""
    allowed: str = ""
    """Names of Lua, divided by blanks."""
    script: str = "main.lua"


NAMES = {
    "nothing": NameCase("", None, "medium", "io.open", "load os.getenv"),
    "asked for": NameCase("", "high", "high", "io.open load"),
    "configured": NameCase("[security]\nprofile = 'high'\n", None, "high", "io.open load"),
    "over the configured": NameCase(
        "[security]\nprofile = 'high'\n", "low", "low", "os.execute", "io.open load"
    ),
    "custom": NameCase(CUSTOM, None, "custom", "io.open load dofile"),
    "custom asked for": NameCase(
        "[security.custom]\nbase = 'low'\n", "custom", "custom", "os.execute", "io.open"
    ),
    "allowed": NameCase("[security]\nallow = ['io.open']\n", None, "medium", "os.remove", "io.open"),
    "refused": NameCase("[security]\nrefuse = ['load']\n", None, "medium", "load io.open", "print"),
    "allowed wins": NameCase("[security]\nallow = ['load']\nrefuse = ['load']\n", None, "medium", "", "load"),
    "of one script": NameCase(
        "[security.scripts.'nightly/**']\nprofile = 'high'\nallow = ['load']\n",
        None,
        "high",
        "io.open dofile",
        "load",
        "nightly/a.lua",
    ),
    "of another script": NameCase(
        "[security.scripts.'nightly/**']\nprofile = 'high'\n", None, "medium", "", "load"
    ),
    "with a variable": NameCase("[security]\nprofile = '${P:-high}'\n", None, "high", "load"),
}


@pytest.mark.parametrize("case", NAMES.values(), ids=NAMES)
def test_the_names_left_out_are_those_of_a_run(case: NameCase, tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text(case.config)
    script = tmp_path / case.script
    found = lint_section(tmp_path).settings.names.left_out(script, "lua", case.given)
    run = permissions_of(
        Launch(folder=tmp_path, script=script, profile=case.given), resolve(tmp_path), tmp_path
    )
    assert (found.profile, found.names) == (run.profile, run.rules.refused["lua"])
    assert found.profile == case.profile
    assert set(case.left_out.split()) <= found.names
    assert not set(case.allowed.split()) & found.names


def test_what_variables_say_of_names_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "llmspell.toml").write_text("[security]\nallow = ['os.remove']\n")
    monkeypatch.setenv("LLMSPELL_SECURITY__PROFILE", "high")
    monkeypatch.setenv("LLMSPELL_SECURITY__ALLOW", "io.open, load")
    found = lint_section(tmp_path).settings.names.left_out(tmp_path / "a.lua", "lua", None)
    run = permissions_of(Launch(folder=tmp_path, script=tmp_path / "a.lua"), resolve(tmp_path), tmp_path)
    assert found.names == run.rules.refused["lua"] == refused_names("lua", "high") - {"io.open", "load"}


@pytest.mark.parametrize(
    "text", ["security = 3", "[security]\nallow = 1\nprofile = 2\nscripts = []\ncustom = 1"]
)
def test_faults_of_other_sections_do_not_stop_the_linter(text: str, tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text(f"{text}\n")
    found = lint_section(tmp_path).settings.names.left_out(tmp_path / "a.lua", "lua", None)
    assert found.names == refused_names("lua", "medium")
