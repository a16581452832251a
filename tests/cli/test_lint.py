"""``llmspell lint`` as a process: what it prints, and how it exits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from llmspell_cli.commands.lint import CLEAN, FAILED, FOUND
from support import commands
from support.processes import environment

ROOT = Path(__file__).parent.parent.parent
FORBIDDEN = {
    "pydantic", "pygls", "lsprotocol", "lupa", "quickjs", "_quickjs", "jsonschema", "importlib.metadata",
}  # fmt: skip


def lint(
    *arguments: str, cwd: Path | None = None, stdin: bytes = b"", **more: str
) -> subprocess.CompletedProcess[bytes]:
    env = {**environment(), **more}
    return commands.llmspell_bytes("lint", *arguments, cwd=cwd or ROOT, stdin=stdin, env=env)


def report(*arguments: str, cwd: Path | None = None, stdin: bytes = b"") -> dict[str, Any]:
    done = lint(*arguments, "--format", "json", cwd=cwd, stdin=stdin)
    assert done.stderr == b""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    (tmp_path / "good.lua").write_text('print("good")\n', "utf-8")
    (tmp_path / "bad.lua").write_text('-- 漢字\nlocal x = "😀" .. zzz\n', "utf-8")
    (tmp_path / "web.mjs").write_text("console.log(zzz);\n", "utf-8")
    (tmp_path / ".hidden.lua").write_text("zzz()\n", "utf-8")
    for hidden in ("node_modules", ".venv", "deep/er"):
        (tmp_path / hidden).mkdir(parents=True)
        (tmp_path / hidden / "more.js").write_text("zzz();\n", "utf-8")
    (tmp_path / "notes.txt").write_text("zzz", "utf-8")
    return tmp_path


def test_a_clean_script(scripts: Path) -> None:
    done = lint("good.lua", cwd=scripts)
    assert (done.returncode, done.stdout, done.stderr) == (CLEAN, b"No problems in 1 file.\n", b"")


def test_text(scripts: Path) -> None:
    done = lint("bad.lua", cwd=scripts)
    assert done.returncode == FOUND
    assert done.stdout.decode() == (
        "bad.lua:2:7: warning LS402 unused-local: 'x' is never used\n"
        '  2 | local x = "😀" .. zzz\n'
        "    |       ^\n"
        "bad.lua:2:18: error LS401 undefined-variable: 'zzz' is not defined\n"
        '  2 | local x = "😀" .. zzz\n'
        "    |                   ^^^\n"
        "Found 1 error, 1 warning in 1 file; 1 with a fix.\n"
    )


def test_json(scripts: Path) -> None:
    found = report("bad.lua", cwd=scripts)
    assert found["version"] == 1
    assert found["summary"] == {
        "files": 1, "errors": 1, "warnings": 1, "infos": 0, "hints": 0, "fixable": 1,
    }  # fmt: skip
    edit = {"line": 2, "column": 7, "endLine": 2, "endColumn": 8, "newText": "_x"}
    assert found["diagnostics"] == [
        {
            "file": "bad.lua", "line": 2, "column": 7, "endLine": 2, "endColumn": 8,
            "code": "LS402", "name": "unused-local", "severity": "warning",
            "message": "'x' is never used", "url": None,
            "fix": {"title": "Rename to '_x'", "safe": True, "edits": [edit]},
        },
        {
            "file": "bad.lua", "line": 2, "column": 18, "endLine": 2, "endColumn": 21,
            "code": "LS401", "name": "undefined-variable", "severity": "error",
            "message": "'zzz' is not defined", "url": None, "fix": None,
        },
    ]  # fmt: skip


def test_directories_are_walked_and_files_sorted(scripts: Path) -> None:
    found = report(".", "web.mjs", "./web.mjs", cwd=scripts)
    assert found["summary"]["files"] == 4
    files = [one["file"] for one in found["diagnostics"]]
    assert files == ["bad.lua", "bad.lua", "deep/er/more.js", "web.mjs"]
    assert report(str(scripts), cwd=ROOT)["diagnostics"][0]["file"] == str(scripts / "bad.lua")


def test_rules_are_chosen(scripts: Path) -> None:
    def codes(*arguments: str) -> list[str]:
        return [one["code"] for one in report("bad.lua", *arguments, cwd=scripts)["diagnostics"]]

    assert codes("--select", "LS401") == ["LS401"]
    assert codes("--select", "LS1,unused-local") == ["LS402"]
    assert codes("--ignore", "LS401", "--ignore", "LS402") == []
    assert lint("bad.lua", "--ignore", "LS4", cwd=scripts).returncode == CLEAN


def test_stdin(scripts: Path) -> None:
    found = report("-", "--stdin-filename", "lib/x.js", cwd=scripts, stdin=b"zzz();")
    assert [(one["file"], one["code"]) for one in found["diagnostics"]] == [("lib/x.js", "LS401")]
    found = report("-", stdin=b"#!/usr/bin/env lua\nprint(zzz)")
    assert [(one["file"], one["line"]) for one in found["diagnostics"]] == [("<stdin>", 2)]


def test_the_report_goes_to_a_file(scripts: Path) -> None:
    done = lint("bad.lua", "--format", "json", "--output", "report.json", cwd=scripts)
    assert (done.returncode, done.stdout) == (FOUND, b"")
    assert json.loads((scripts / "report.json").read_text("utf-8"))["summary"]["errors"] == 1


def test_exit_zero(scripts: Path) -> None:
    assert lint("bad.lua", "--exit-zero", cwd=scripts).returncode == CLEAN


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a script or a directory to check, or - for stdin"),
        (["missing.lua"], "cannot read missing.lua: No such file or directory"),
        (["latin.lua"], "latin.lua is not UTF-8 text (byte 0xe9 at offset 7); save it as UTF-8"),
        (["notes.txt"], "cannot tell the language of notes.txt; name it .lua, .js, .mjs or .cjs"),
        (["-"], "cannot tell the language of stdin; name it, such as --stdin-filename script.lua"),
        (["good.lua", "--select", "unknwon-tool"], "did you mean 'unknown-tool'?"),
        (["good.lua", "--ignore", "LS999"], "no rule is called 'LS999'"),
        (["good.lua", "--output", "no/such/file"], "cannot write no/such/file: No such file or directory"),
        (["--explain", "LS9"], "no rule is called 'LS9'"),
        (["--explain", "LS1"], "'LS1' names several rules; give a full code"),
        (["good.lua", "--format", "xml"], "invalid choice: 'xml'"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(scripts: Path, arguments: list[str], message: str) -> None:
    (scripts / "latin.lua").write_bytes('print("\xe9")'.encode("latin-1"))
    done = lint(*arguments, cwd=scripts)
    assert done.returncode == FAILED
    assert message in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_what_can_be_read_is_still_reported(scripts: Path) -> None:
    done = lint("bad.lua", "missing.lua", cwd=scripts)
    assert done.returncode == FAILED
    assert b"LS401" in done.stdout
    assert b"missing.lua" in done.stderr


def test_explain(scripts: Path) -> None:
    done = lint("--explain", "unknown-tool", cwd=scripts)
    assert done.returncode == CLEAN
    assert done.stdout.decode().startswith("LS111 unknown-tool (error)\n\nA tool that does not exist.\n")


def test_colours_only_where_they_are_wanted(scripts: Path) -> None:
    assert b"\x1b[" not in lint("bad.lua", cwd=scripts).stdout
    if sys.platform == "win32":
        return
    assert "\x1b[31m" in _on_a_terminal(scripts, {})
    assert "\x1b[" not in _on_a_terminal(scripts, {"NO_COLOR": "1"})


def test_a_byte_order_mark_and_carriage_returns(tmp_path: Path) -> None:
    (tmp_path / "x.lua").write_bytes(b"\xef\xbb\xbfprint(1)\r\nprint(zzz)\r\n")
    (found,) = report("x.lua", cwd=tmp_path)["diagnostics"]
    assert (found["line"], found["column"], found["endColumn"]) == (2, 7, 10)


def test_linting_imports_no_heavy_library() -> None:
    program = (
        "import sys, llmspell_cli.main as m\n"
        "m.main(['lint', 'examples/lua/release_notes.lua', 'examples/javascript/release_notes.js'])\n"
        f"sys.exit(' '.join(sorted(set(sys.modules) & {FORBIDDEN!r})) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=50
    )
    assert done.returncode == 0, done.stderr


def _on_a_terminal(scripts: Path, more: dict[str, str]) -> str:
    """What is printed when stdout is a terminal."""
    import os
    import pty

    outside, inside = pty.openpty()
    try:
        subprocess.run(
            [sys.executable, "-m", "llmspell_cli", "lint", "bad.lua"],
            cwd=scripts,
            stdout=inside,
            env={**environment(), "TERM": "xterm", **more},
            check=False,
            timeout=50,
        )
        os.set_blocking(outside, False)
        return os.read(outside, 100_000).decode()
    finally:
        os.close(inside)
        os.close(outside)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end in another way")
def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "many.lua").write_text("zzz()\n" * 3000, "utf-8")
    command = f"{sys.executable} -m llmspell_cli lint many.lua | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=tmp_path,
        capture_output=True,
        env=environment(),
        check=False,
        timeout=50,
    )
    assert (done.returncode, done.stderr) == (FOUND, b"")
