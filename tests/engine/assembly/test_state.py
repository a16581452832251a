"""Where a run's state is kept: where it is asked for, or with the project in the user's folder for data."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from contextvars import Context
from pathlib import Path

import pytest
from llmspell_engine.assembly.assemble import assemble
from llmspell_engine.assembly.launch import AssemblyError, Launch
from llmspell_engine.state import SQLiteStore, StateStore
from llmspell_engine.state.location import data_folder, file_of_project
from support.redis_server import redis_server
from support.runtime import SUFFIX, Script, both, run


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "data"


def launched(folder: Path, use: Callable[[StateStore], object], **how: object) -> StateStore:
    """Use the store of a launch, and be done with it."""
    services = assemble(Launch(folder=folder, **how)).services  # type: ignore[arg-type]
    use(services.state)
    services.close()
    return services.state


def save(store: StateStore) -> None:
    store.save("global", "k", "1")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project" / "scripts").mkdir(parents=True)
    return tmp_path / "project"


def files(data: Path) -> list[str]:
    return sorted(path.name.split("-")[0] for path in data.rglob("*.db"))


def test_a_script_that_keeps_nothing_makes_no_file(project: Path, data: Path) -> None:
    launched(project, lambda _: None)
    assert not data.exists()


def test_state_of_a_folder_outlives_the_run(project: Path, data: Path) -> None:
    launched(project, save)
    found: list[str | None] = []
    launched(project, lambda store: found.append(store.load("global", "k")))
    launched(project / "scripts", lambda store: found.append(store.load("global", "k")))
    assert (found, files(data)) == (["1", None], ["project", "scripts"])


def test_scripts_below_one_configuration_share_their_state(project: Path, data: Path) -> None:
    (project / "llmspell.toml").write_text("version = 1\n")
    launched(project, save)
    found: list[str | None] = []
    launched(project / "scripts", lambda store: found.append(store.load("global", "k")))
    assert (found, files(data)) == (["1"], ["project"])


def test_the_configuration_of_the_user_makes_no_project(project: Path, data: Path, tmp_path: Path) -> None:
    (tmp_path / "config" / "llmspell").mkdir(parents=True)
    (tmp_path / "config" / "llmspell" / "llmspell.toml").write_text("version = 1\n")
    launched(project, save)
    launched(project / "scripts", save)
    assert files(data) == ["project", "scripts"]


@pytest.mark.parametrize("how", ["argument", "configuration"])
def test_state_can_be_kept_in_memory(project: Path, data: Path, how: str) -> None:
    if how == "configuration":
        (project / "llmspell.toml").write_text("[state]\nfile = ':memory:'\n")
    given = {"state": Path(":memory:")} if how == "argument" else {}
    assert launched(project, save, **given).kind == "memory"
    assert not data.exists()
    assert sorted(path.name for path in project.iterdir()) in (["scripts"], ["llmspell.toml", "scripts"])


def test_a_file_that_is_asked_for(project: Path, data: Path) -> None:
    launched(project, save, state=project / "own.db")
    with closing(SQLiteStore(project / "own.db")) as store:
        assert store.load("global", "k") == "1"
    assert not data.exists()


@pytest.mark.parametrize("given", [".", "..", "/", "scripts"])
def test_a_folder_that_is_asked_for_is_told(
    given: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    with pytest.raises(
        AssemblyError, match=f"the state file '{re.escape(given)}' cannot be used: unable to open"
    ):
        launched(project, save, state=Path(given))


def test_a_configured_server_keeps_the_state(project: Path, data: Path) -> None:
    with redis_server() as server:
        (project / "llmspell.toml").write_text(
            f"[state]\nredis = '{server.url}'\nnamespace = 'office'\n", "utf-8"
        )
        assert launched(project, save).kind == "redis"
        found: list[str | None] = []
        launched(project, lambda store: found.append(store.load("global", "k")))
        assert found == ["1"]
        services = assemble(Launch(folder=project)).services
        backups = services.state_backups()
        services.close()
        assert backups is not None
        assert backups.name.startswith("redis-127.0.0.1_")
    assert not data.exists()


def test_a_configured_server_that_is_not_there_is_told_without_the_password(project: Path) -> None:
    (project / "llmspell.toml").write_text("[state]\nredis = 'redis://:hidden@127.0.0.1:1'\n")
    with pytest.raises(AssemblyError, match=r"state in Redis at 127\.0\.0\.1:1 llmspell:state: ") as raised:
        assemble(Launch(folder=project))
    assert "hidden" not in str(raised.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no XDG folders")
def test_a_user_without_a_folder_for_data(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (project / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(project / "file"))
    # In a context of its own: the log of a run of another test would hear of it otherwise.
    assert Context().run(launched, project, save).kind == "memory"
    told = capfd.readouterr().err
    assert "State is kept in memory and is lost at the end; name a file with --state FILE" in told
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", str(project))
    if sys.platform == "linux":
        assert data_folder() == project / ".local/share/llmspell"


def test_projects_of_the_same_name_are_apart(tmp_path: Path) -> None:
    one, two = file_of_project(tmp_path / "a/x y"), file_of_project(tmp_path / "b/x y")
    assert one is not None
    assert two is not None
    assert one != two
    assert one.name.startswith("x_y-")
    assert file_of_project(tmp_path / "a" / "." / "x y") == one


COUNT = {
    "lua": "print(State.increment('global', 'n')) print(State.get_storage_usage().backend)",
    "javascript": "console.log(State.increment('global', 'n')); console.log(State.getStorageUsage().backend)",
}


@both
def test_the_command_keeps_state(language: str, tmp_path: Path) -> None:
    script = tmp_path / f"main{SUFFIX[language]}"
    script.write_text(COUNT[language])  # type: ignore[index]

    def said(*options: str) -> str:
        command = [sys.executable, "-m", "llmspell_cli.main", "run", str(script), *options]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, env=os.environ)
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout

    assert [said(), said()] == ["1\nsqlite\n", "2\nsqlite\n"]
    assert said("--state", ":memory:") == "1\nmemory\n"


@both
def test_a_backup_stands_beside_its_file(language: str, project: Path) -> None:
    services = assemble(Launch(folder=project, state=project / "own.db")).services
    text = {
        "lua": "State.save('global', 'k', 1) print(State.create_backup('why').entries)",
        "javascript": "State.save('global', 'k', 1); console.log(State.createBackup('why').entries)",
    }
    ran = run(Script(language, text[language], services=services))  # type: ignore[arg-type]
    services.close()
    assert (ran.out, ran.error) == ("1\n", None)
    assert len(list((project / "own.db.backups").glob("*.db"))) == 1
