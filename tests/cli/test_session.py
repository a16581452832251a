"""``llmspell session``, and ``--session`` of ``run`` and ``eval``: what they print, and how they exit."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from llmspell_cli.main import main
from llmspell_engine.sessions.artifacts import Artifacts, Made
from llmspell_engine.sessions.model import Session
from llmspell_engine.sessions.sessions import Sessions
from llmspell_engine.state import SQLiteStore
from support import commands
from support.runtime import SUFFIX, both

NO = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


class Clock:
    """Seconds since 1970, one more each time."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Session]:
    """Three sessions in ``state.db`` of the current folder."""
    monkeypatch.chdir(tmp_path)
    with closing(SQLiteStore(tmp_path / "state.db")) as store:
        sessions = Sessions(store, clock=Clock())
        found = {
            "report": sessions.create(name="report", tags=("weekly", "draft"), metadata={"n": 1}),
            "notes": sessions.create(name="notes", description="über Gezeiten"),
            "done": sessions.create(name="done", tags=("weekly",)),
        }
        report = found["report"].id
        store.save(f"session:{report}", "chapter", "3")
        sessions.checkpoint(report, "first")
        Artifacts(sessions).store(report, Made("agent_output", "r.md", "# Tides"))
        sessions.suspend(found["notes"].id)
        sessions.complete(found["done"].id)
    return found


def call(*words: str) -> int:
    return main(["session", words[0], "--state", "state.db", *words[1:]])


LISTED: list[tuple[list[str], list[str]]] = [
    ([], ["done", "notes", "report"]),
    (["--order", "name", "--limit", "2"], ["done", "notes"]),
    (["--order", "updated"], ["done", "notes", "report"]),
    (["--status", "suspended"], ["notes"]),
    (["--tag", "weekly"], ["done", "report"]),
    (["--tag", "weekly", "--tag", "draft"], ["report"]),
    (["--name", "n*"], ["notes"]),
    (["--status", "expired"], []),
]


@pytest.mark.parametrize(("words", "names"), LISTED)
def test_sessions_are_listed(
    words: list[str], names: list[str], made: dict[str, Session], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("list", *words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[3] for line in lines] == names
    assert [line.split()[0] for line in lines] == [made[name].id for name in names]
    assert call("list", "--format", "json", *words) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == names


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "there is none; llmspell run SCRIPT --session NAME begins one"),
        (["--status", "expired"], "no session is so"),
    ],
)
def test_where_no_session_is_listed_that_is_said(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    SQLiteStore(tmp_path / "state.db").close()
    assert main(["session", "list", "--state", str(tmp_path / "state.db"), *words]) == 0
    assert capsys.readouterr() == ("", f"llmspell session: {told}\n")


def test_a_session_is_shown(made: dict[str, Session], capsys: pytest.CaptureFixture[str]) -> None:
    assert call("show", "report") == 0
    by_name = capsys.readouterr().out
    assert call("show", made["report"].id) == 0
    assert capsys.readouterr().out == by_name
    lines = by_name.splitlines()
    assert lines[0] == f"id: {made['report'].id}"
    for line in (
        "status: active",
        "tags: weekly, draft",
        "record_events: false",
        'custom_metadata: {"n": 1}',
        "  chapter = 3",
    ):
        assert line in lines, by_name
    assert lines[-1].startswith("  r.md version 1, 7 bytes, agent_output, text/markdown, 2023-11-14T22:13:")
    assert any(line.startswith("  1 first, ") and line.endswith(": chapter") for line in lines)
    assert call("show", made["done"].id, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["status"] == "completed"


def test_a_session_is_exported(
    made: dict[str, Session], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("export", "report") == 0
    printed = json.loads(capsys.readouterr().out)
    assert call("export", made["report"].id, "--output", "report.json") == 0
    written = json.loads((tmp_path / "report.json").read_text("utf-8"))
    for document in (printed, written):
        del document["exported_at"]
    assert printed == written
    assert written["artifacts"][0]["content"] == "# Tides"
    assert (written["format"], written["values"]) == ("llmspell-session", {"chapter": 3})


def test_a_session_is_taken_over(made: dict[str, Session], capsys: pytest.CaptureFixture[str]) -> None:
    assert call("export", "report", "--output", "report.json") == 0
    assert call("import", "report.json") == 2
    assert "already; delete it before" in capsys.readouterr().err
    assert main(["session", "import", "report.json", "--state", "other.db"]) == 0
    assert capsys.readouterr().out == f"{made['report'].id}\n"
    with closing(SQLiteStore(Path("other.db"))) as store:
        artifacts = Artifacts(Sessions(store))
        assert artifacts.content(artifacts.all(made["report"].id)[0]) == "# Tides"


@pytest.mark.parametrize(
    ("text", "code", "why"),
    [
        (None, 2, "cannot read 'none.json': no such file or directory"),
        ("{", 2, "'none.json' is no JSON"),
        ("{}", 2, "this is no export of a session"),
    ],
)
def test_what_cannot_be_taken_over_is_told(
    text: str | None, code: int, why: str, made: dict[str, Session], capsys: pytest.CaptureFixture[str]
) -> None:
    del made
    if text is not None:
        Path("none.json").write_text(text)
    assert call("import", "none.json") == code
    assert why in capsys.readouterr().err


def test_a_session_is_deleted(made: dict[str, Session], capsys: pytest.CaptureFixture[str]) -> None:
    assert call("delete", "report") == 0
    assert call("delete", made["done"].id) == 0
    assert capsys.readouterr() == ("", "")
    with closing(SQLiteStore(Path("state.db"))) as store:
        assert [one.name for one in Sessions(store).all()] == ["notes"]
        assert not [scope for scope in store.scopes() if made["report"].id in scope]


@pytest.mark.parametrize("action", ["show", "export", "delete"])
@pytest.mark.parametrize("given", ["nobody", "done", NO])
def test_a_session_that_is_not_there_is_told(
    action: str, given: str, made: dict[str, Session], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(action, given) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"llmspell session: there is no session of the id '{given}', and none of this name")


@pytest.mark.parametrize("words", [[], ["list", "--limit", "0"], ["list", "--status", "open"], ["show"]])
def test_wrong_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["session", *words])
    assert left.value.code == 2
    assert "usage: llmspell session" in capsys.readouterr().err


def test_what_cannot_be_read_is_told(made: dict[str, Session], capsys: pytest.CaptureFixture[str]) -> None:
    del made
    with closing(SQLiteStore(Path("state.db"))) as store:
        store.save(".sessions", "x", "{}")
    assert call("list") == 1
    assert capsys.readouterr().err == "llmspell session: what is kept of the session 'x' is damaged\n"


def test_what_cannot_be_written_is_told(made: dict[str, Session], capsys: pytest.CaptureFixture[str]) -> None:
    del made
    assert call("export", "report", "--output", "none/report.json") == 1
    assert "none/report.json" in capsys.readouterr().err


# Runs in sessions

COUNTS = {
    "lua": "print(State.increment('session', 'runs'), Session.get(Session.get_current()).name)",
    "javascript": "console.log(State.increment('session', 'runs') + '\\t'"
    " + Session.get(Session.getCurrent()).name)",
}
TELLS = {
    "lua": "for _, point in ipairs({ 'SessionStart', 'SessionRestore' }) do Hook.register(point, function(c)"
    " print(point, c.data.operation, c.data.name, c.data.session_id == Session.get_current()) end) end",
    "javascript": "for (const point of ['SessionStart', 'SessionRestore']) Hook.register(point, (c) =>"
    " console.log([point, c.data.operation, c.data.name,"
    " c.data.session_id === Session.getCurrent()].join('\\t')))",
}


def run(language: str, text: str, *words: str) -> tuple[int, str, str]:
    """A script's exit code, and what it wrote."""
    script = Path(f"main{SUFFIX[language]}")
    script.write_text(text)
    ran = commands.llmspell("run", str(script), "--state", "state.db", *words, cwd=Path.cwd())
    return ran.returncode, ran.stdout, ran.stderr


@both
def test_a_run_goes_on_in_its_session(language: str, made: dict[str, Session]) -> None:
    for session, line in (
        ("report", "1\treport"),
        (made["report"].id, "2\treport"),
        ("nightly", "1\tnightly"),
        ("report", "3\treport"),
        ("nightly", "2\tnightly"),
    ):
        assert run(language, COUNTS[language], "--session", session) == (0, f"{line}\n", "")


@both
def test_hooks_are_told_of_the_session_that_a_run_is_started_in(
    language: str, made: dict[str, Session]
) -> None:
    del made
    for words, line in (
        (["--session", "nightly"], "SessionStart\tcreate\tnightly\ttrue\n"),
        (["--session", "nightly"], "SessionRestore\tload\tnightly\ttrue\n"),
        ([], ""),
    ):
        assert run(language, TELLS[language], *words) == (0, line, "")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (NO, f"there is no session '{NO}'; Session.list() tells which ones there are"),
        ("{done}", "is completed and cannot be loaded: what is completed is over; Session.create begins"),
    ],
)
def test_a_run_is_not_started_in_what_does_not_go_on(given: str, why: str, made: dict[str, Session]) -> None:
    code, out, err = run("lua", "print('ran')", "--session", given.format(done=made["done"].id))
    assert (code, out) == (2, "")
    assert err.startswith("llmspell run: ")
    assert why in err


def test_a_name_whose_session_is_over_begins_another(made: dict[str, Session]) -> None:
    code, out, _ = run("lua", "print(Session.get_current())", "--session", "done")
    assert code == 0
    assert out.strip() not in ("nil", made["done"].id)


def test_limits_are_configured(made: dict[str, Session]) -> None:
    del made
    Path("llmspell.toml").write_text(
        "[sessions]\nmax_artifact_bytes = 3\nmax_artifacts = 1\nttl_seconds = 60\n"
    )
    text = (
        "local id = Session.get_current() print(Session.get(id).expires_at ~= nil)"
        " print(pcall(Artifact.store, id, 'custom', 'a', 'four'))"
        " Artifact.store(id, 'custom', 'a', 'one') print(pcall(Artifact.store, id, 'custom', 'b', 'two'))"
    )
    code, out, _ = run("lua", text, "--session", "new")
    assert code == 0
    first, second, third = out.splitlines()
    assert first == "true"
    assert (
        "the artifact 'a' has 4 bytes, and 3 are allowed; raise 'max_artifact_bytes' in [sessions]" in second
    )
    assert "the session 'new' has 1 artifacts, and 1 are allowed" in third
