"""Which files, programs and variables may be touched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from llmspell_engine.config.documents import FILE_NAMES
from llmspell_engine.security.paths import CONFIGURATIONS
from llmspell_engine.security.permissions import SecurityError
from support.security import permissions


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder beside a secret, with links that lead in and out."""
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_text("a")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "shared").mkdir()
    (root / "out").symlink_to(tmp_path / "secret.txt")
    (root / "out_dir").symlink_to(tmp_path)
    (root / "in").symlink_to(root / "a.txt")
    (root / "loop").symlink_to(root / "loop")
    (root / "dangling").symlink_to(tmp_path / "nowhere" / "new.txt")
    return root


@dataclass(frozen=True)
class PathCase:
    """A path, and the profiles in which it may be read and written."""

    given: str
    read: str = ""
    write: str = ""


INSIDE = "none low medium high"
PATHS = [
    PathCase("a.txt", INSIDE, "none low medium"),
    PathCase("new.txt", INSIDE, "none low medium"),
    PathCase("sub/../a.txt", INSIDE, "none low medium"),
    PathCase("in", INSIDE, "none low medium"),
    PathCase(".", INSIDE, "none low medium"),
    PathCase("", INSIDE, "none low medium"),
    PathCase("../secret.txt", "none", "none"),
    PathCase("sub/../../secret.txt", "none", "none"),
    PathCase("out", "none", "none"),
    PathCase("out_dir/secret.txt", "none", "none"),
    PathCase("out_dir/root/../secret.txt", "none", "none"),
    PathCase("dangling", "none", "none"),
    PathCase("/etc/passwd", "none", "none"),
    PathCase("/proc/self/environ", "none", "none"),
    PathCase("//etc/passwd", "none", "none"),
    PathCase("..", "none", "none"),
    PathCase("a\0b", "", ""),
]


@pytest.mark.parametrize("profile", ["none", "low", "medium", "high"])
@pytest.mark.parametrize("case", PATHS, ids=lambda case: repr(case.given))
def test_paths(case: PathCase, profile: str, root: Path) -> None:
    allowed = permissions(profile, root=root)
    for ask, profiles in ((allowed.readable, case.read), (allowed.writable, case.write)):
        try:
            found = ask(case.given)
        except SecurityError as error:
            assert profile not in profiles.split()
            rule = "read" if ask == allowed.readable else "write"
            assert (error.profile, error.rule) == (profile, rule)  # noqa: PT017 - a table of both
        else:
            assert profile in profiles.split()
            assert found.is_absolute()
            assert ".." not in found.parts


def test_the_name_of_a_sibling_is_not_inside(root: Path) -> None:
    (root.parent / "root-of-another").mkdir()
    with pytest.raises(SecurityError):
        permissions(root=root).readable("../root-of-another")


def test_what_is_listed_is_allowed_and_nothing_beside_it(root: Path) -> None:
    shared, secret = root.parent / "shared", root.parent / "secret.txt"
    allowed = permissions("high", root=root, read=(secret,), write=(shared,))
    assert allowed.readable("../secret.txt") == secret.resolve()
    assert allowed.writable("../shared/x") == allowed.readable("../shared/x") == shared.resolve() / "x"
    for ask, path in (
        (allowed.writable, "../secret.txt"),
        (allowed.readable, ".."),
        (allowed.writable, "a.txt"),
    ):
        with pytest.raises(SecurityError, match=f"--allow-{'read' if ask == allowed.readable else 'write'} "):
            ask(path)


def test_a_link_itself_may_be_removed_and_not_what_it_leads_to(root: Path) -> None:
    allowed = permissions(root=root)
    assert allowed.writable("out", follow=False) == root.resolve() / "out"
    for path in ("out_dir/secret.txt", "sub/../../secret.txt", ".."):
        with pytest.raises(SecurityError):
            allowed.writable(path, follow=False)


PROGRAMS = [
    ("none", (), "ls", True),
    ("low", (), "ls", False),
    ("medium", (), "ls", False),
    ("medium", ("ls",), "ls", True),
    ("medium", ("ls",), "./ls", False),
    ("medium", ("ls",), "/bin/ls", False),
    ("medium", ("ls",), "lsof", False),
    ("medium", ("tool",), "./tool", False),
    ("medium", ("./tool",), "./tool", True),
    ("medium", ("./tool",), "sub/../tool", True),
    ("medium", ("./tool",), "tool", False),
    ("high", ("ls",), "ls", True),
]


@pytest.mark.parametrize(("profile", "listed", "program", "is_allowed"), PROGRAMS)
def test_programs(profile: str, listed: tuple[str, ...], program: str, is_allowed: bool, root: Path) -> None:
    (root / "tool").write_text("#!/bin/sh\n")
    allowed = permissions(profile, root=root, processes=listed)
    if is_allowed:
        argv = allowed.process([program, "-l", ";", "x"])
        assert Path(argv[0]).is_absolute()
        assert argv[1:] == ["-l", ";", "x"]
    else:
        with pytest.raises(SecurityError, match=r"rule `processes`\); allow it with --allow-process "):
            allowed.process([program])


def test_a_program_that_is_not_there(root: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no program 'no-such-program'"):
        permissions(root=root, processes=("no-such-program",)).process(["no-such-program"])


VARIABLES = [
    ("none", (), "MY_TOKEN", True),
    ("low", (), "MY_TOKEN", False),
    ("low", (), "MY_SETTING", True),
    ("medium", (), "MY_SETTING", False),
    ("medium", ("MY_*",), "MY_TOKEN", True),
    ("medium", ("MY_SETTING",), "MY_SETTING_2", False),
    ("high", (), "HOME", False),
]


@pytest.mark.parametrize(("profile", "listed", "name", "is_allowed"), VARIABLES)
def test_variables(
    profile: str, listed: tuple[str, ...], name: str, is_allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "value")
    allowed = permissions(profile, variables=listed)
    if is_allowed:
        assert allowed.variable(name) == "value"
    else:
        with pytest.raises(SecurityError, match=f"--allow-env {name} or variables"):
            allowed.variable(name)


GUARDED = [
    "llmspell.toml",
    "sub/LLMSPELL.YAML",
    "new/llmspell.json",
    ".git/hooks/pre-commit",
    "sub/.GIT/config",
    ".git",
    "audit.jsonl",
    "sub/../llmspell.toml",
    "people.db-journal",
    "sub/PEOPLE.DB-JOURNAL",
]


@pytest.mark.parametrize("profile", ["low", "medium"])
@pytest.mark.parametrize("path", GUARDED)
def test_what_decides_over_other_runs_is_written_only_where_it_is_listed_itself(
    path: str, profile: str, root: Path
) -> None:
    held = permissions(profile, root=root, guarded=(root / "audit.jsonl",))
    with pytest.raises(SecurityError, match=r"rule `write`.*--allow-write"):
        held.writable(path)
    held.readable(path)
    for listed, allows in ((root, False), (root / path, True)):
        wider = permissions(profile, root=root, guarded=(root / "audit.jsonl",), write=(listed,))
        try:
            wider.writable(path)
        except SecurityError:
            assert not allows
        else:
            assert allows
    permissions("none", root=root).writable(path)


def test_the_names_of_configurations_are_those_that_are_looked_for() -> None:
    assert set(FILE_NAMES) == CONFIGURATIONS


LOADED = [
    "LD_PRELOAD",
    "ld_library_path",
    "PATH",
    "BASH_ENV",
    "GIT_SSH_COMMAND",
    "NODE_OPTIONS",
    "PYTHONPATH",
]


@pytest.mark.parametrize("name", LOADED)
def test_a_listed_program_runs_its_own_code(name: str, root: Path) -> None:
    for profile in ("low", "medium", "high"):
        held = permissions(profile, root=root, processes=("ls",))
        held.process_variables(["MY_VALUE", "LC_ALL", "HOME"])
        with pytest.raises(SecurityError, match=f"'{name}' for a program .rule `processes`."):
            held.process_variables([name])
    permissions("none", root=root).process_variables([name])


def test_programs_are_not_looked_for_where_a_script_may_write(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = root / "mine"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.chdir(root)
    held = permissions(root=root, processes=("mine",))
    for relative in ("", ".", "sub/.."):
        monkeypatch.setenv("PATH", f"{relative}:/usr/bin")
        with pytest.raises(FileNotFoundError):
            held.process(["mine"])
