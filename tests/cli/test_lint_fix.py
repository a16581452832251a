"""``llmspell lint --fix`` and ``--diff``: what is written, what is printed, and how they exit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from llmspell_cli.commands.lint import CLEAN, FAILED, FOUND
from support import commands
from support.processes import environment

OLD = '\ufeffState.set("a", 1)\r\nprint(State.get("a"), zzz)\r\n'
NEW = '\ufeffState.save("global", "a", 1)\r\nprint(State.load("global", "a"), zzz)\r\n'


def lint(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return commands.llmspell_bytes("lint", *arguments, cwd=folder, stdin=stdin)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "old.lua").write_bytes(OLD.encode())
    (tmp_path / "good.lua").write_bytes(b'print("good")\n')
    return tmp_path


def test_scripts_are_fixed_in_place_and_the_rest_is_reported(folder: Path) -> None:
    untouched = (folder / "good.lua").stat().st_mtime_ns
    done = lint(folder, ".", "--fix")
    assert done.returncode == FOUND
    out = done.stdout.decode()
    assert "old.lua:2:34: error LS401 undefined-variable: 'zzz' is not defined" in out
    assert out.endswith("Fixed 2 problems. Found 1 error in 2 files.\n")
    assert (folder / "old.lua").read_bytes() == NEW.encode()
    assert (folder / "good.lua").stat().st_mtime_ns == untouched
    again = lint(folder, "old.lua", "--fix", "--ignore", "undefined-variable")
    assert (again.returncode, again.stdout) == (CLEAN, b"No problems in 1 file.\n")


def test_json_tells_what_is_left(folder: Path) -> None:
    done = lint(folder, "old.lua", "--fix", "--format", "json")
    assert [one["name"] for one in json.loads(done.stdout)["diagnostics"]] == ["undefined-variable"]


def test_a_difference_writes_nothing(folder: Path) -> None:
    done = lint(folder, ".", "--diff")
    assert done.returncode == FOUND
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "--- old.lua"
    assert [line for line in lines if line.startswith("+")][2:] == ['+print(State.load("global", "a"), zzz)']
    assert (folder / "old.lua").read_bytes() == OLD.encode()
    assert lint(folder, "good.lua", "--diff").returncode == CLEAN


def test_the_difference_of_standard_input(folder: Path) -> None:
    given = b'Event.emit("a")'
    done = lint(folder, "-", "--stdin-filename", "x.lua", "--diff", stdin=given)
    assert done.stdout.decode().splitlines()[3:] == [
        '-Event.emit("a")', "\\ No newline at end of file",
        '+Event.publish("a")', "\\ No newline at end of file",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        OLD,
        '-- a page\x0c, a \u2028 line and \r more\nState.set("a", 1)\nprint(1)\n',
        'print("\u0085", "\x1c")\nprint(2)\nprint(3)\nprint(4)\nprint(5)\nprint(State.get("a"))',
        'State.set("a", 1)\n\n\n\n\n\n\n\n\n\nprint(State.get("a"))\n',
    ],
)
def test_patch_makes_of_a_difference_what_fixing_makes(text: str, folder: Path) -> None:
    script = folder / "old.lua"
    script.write_bytes(text.encode())
    changes = lint(folder, "old.lua", "--diff").stdout
    lint(folder, "old.lua", "--fix")
    fixed = script.read_bytes()
    script.write_bytes(text.encode())
    patch = ["git", "apply", "--unsafe-paths", "-p0", "-"]
    subprocess.run(patch, cwd=folder, input=changes, check=True, capture_output=True, timeout=50)
    assert script.read_bytes() == fixed != text.encode()


def test_unsafe_fixes_are_asked_for(folder: Path) -> None:
    script = folder / "typo.lua"
    script.write_text('print(Agent.create({ model = "echo", temprature = 1 }).name)\n', "utf-8")
    assert lint(folder, "typo.lua", "--fix").returncode == FOUND
    assert "temprature" in script.read_text("utf-8")
    assert lint(folder, "typo.lua", "--fix", "--unsafe-fixes").returncode == CLEAN
    assert "temperature" in script.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--fix", "--diff", "old.lua"), "--fix writes and --diff does not; give one of them"),
        (("--fix", "-"), "--fix cannot write to stdin; --diff prints the changes"),
        (("--unsafe-fixes", "old.lua"), "--unsafe-fixes goes with --fix or --diff"),
    ],
)
def test_what_cannot_go_together(folder: Path, arguments: tuple[str, ...], sentence: str) -> None:
    done = lint(folder, *arguments)
    assert (done.returncode, done.stdout) == (FAILED, b"")
    assert done.stderr.decode() == f"llmspell lint: {sentence}\n"


OLD_SCRIPTS = {
    "old.lua": """
local a = Agent.createAsync({ name = "helper", model = "echo" })
print(a:complete("one").text, a.execute({ text = "two" }).text)
State.set("count", 2) print(State.get("count"), #State.keys())
local coder = Tool.get("base64_encoder")
print(coder.execute({ operation = "encode", input = "hello" }).text)
print(Tool.execute("hash_calculator", { operation = "hash", input = "x", algorithm = "md5" }).text)
print(Tool.execute("text_manipulator", { operation = "uppercase", input = "hello" }).text)
print(Tool.execute("template_engine", { input = "Hi {{ name }}", context = { name = "you" } }).text)
print(Tool.execute("json_processor", { operation = "query", input = '{"a":[1,2]}', query = ".a[1]" }).text)
print(JSON.encode(JSON.decode("[1,2]")))
""",
    "old.js": """
const a = Agent.createAsync({ name: "helper", model: "echo" });
console.log((await a.complete("one")).text, (await a.execute({ text: "two" })).text);
State.set("count", 2); console.log(State.get("count"), State.keys().length);
const coder = Tool.get("base64_encoder");
console.log((await coder.execute({ operation: "encode", input: "hello" })).text);
const hash = { operation: "hash", input: "x", algorithm: "md5" };
console.log((await Tool.execute("hash_calculator", hash)).text);
console.log((await Tool.execute("text_manipulator", { operation: "uppercase", input: "hello" })).text);
const greeting = { input: "Hi {{ name }}", context: { name: "you" } };
console.log((await Tool.execute("template_engine", greeting)).text);
""",
}


@pytest.mark.parametrize("name", OLD_SCRIPTS)
def test_an_old_script_runs_and_does_the_same_when_it_is_fixed(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(OLD_SCRIPTS[name])

    def ran() -> str:
        command = [sys.executable, "-m", "llmspell_cli", "run", name, "--state", ":memory:"]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=50, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    before = ran()
    assert lint(tmp_path, name).returncode == FOUND
    fixed = lint(tmp_path, name, "--fix")
    assert (fixed.returncode, fixed.stdout[:6]) == (CLEAN, b"Fixed "), fixed.stdout
    assert (tmp_path / name).read_text() != OLD_SCRIPTS[name]
    assert ran() == before
