"""What ``llmspell run`` and the debugger let a script do, by the options that say so."""

# ruff: noqa: E501 - a script is easier to read in one line

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support import commands
from support.processes import environment
from support.web_server import page, web_server

COMMAND = [sys.executable, "-m", "llmspell_cli"]
SUFFIX = {"lua": "lua", "javascript": "js"}
TIMEOUT = 40
PLAIN = environment()


def llmspell(
    folder: Path, *words: str, variables: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return commands.llmspell(*words, cwd=folder, env={**PLAIN, **(variables or {})}, timeout=TIMEOUT)


def written(folder: Path, language: Language, lua: str, javascript: str) -> str:
    name = f"x.{SUFFIX[language]}"
    (folder / name).write_text(lua if language == "lua" else javascript)
    return name


@dataclass(frozen=True)
class Option:
    """What a script does, the option that allows it, and the rule that refuses it without."""

    option: str
    value: str
    rule: str
    lua: str
    javascript: str
    prints: str


OPTIONS = [
    Option(
        "--allow-read",
        "{outside}",
        "read",
        "print(Tool.execute('file-operations', { operation = 'read', path = '{outside}/a.txt' }).text)",
        "console.log((await Tool.execute('file-operations', { operation: 'read', path: '{outside}/a.txt' })).text)",
        "secret",
    ),
    Option(
        "--allow-write",
        "{outside}",
        "write",
        "print(Tool.execute('file-operations', { operation = 'copy', source_path = 'here.txt', target_path = '{outside}/b.txt' }).success)",
        "console.log((await Tool.execute('file-operations', { operation: 'copy', source_path: 'here.txt', target_path: '{outside}/b.txt' })).success)",
        "true",
    ),
    Option(
        "--allow-host",
        "{host}",
        "hosts",
        "print(Tool.execute('http-requester', { url = 'http://{host}/hello' }).success)",
        "console.log((await Tool.execute('http-requester', { url: 'http://{host}/hello' })).success)",
        "true",
    ),
    Option(
        "--allow-process",
        "echo",
        "processes",
        "print((Tool.execute('process-executor', { executable = 'echo', arguments = { 'hi' } }).text:gsub('%s+$', '')))",
        "console.log((await Tool.execute('process-executor', { executable: 'echo', arguments: ['hi'] })).text.trim())",
        "hi",
    ),
    Option("--allow-env", "MY_OWN", "variables", "print(os.getenv('MY_OWN'))", "console.log(process.env.MY_OWN)", "value"),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", OPTIONS, ids=lambda case: case.option)
def test_an_option_allows_what_it_names_and_its_error_names_it(
    case: Option, language: Language, tmp_path: Path
) -> None:
    folder, outside = tmp_path / "project", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "a.txt").write_text("secret")
    (folder / "here.txt").write_text("here")
    with web_server({"/hello": page({})}) as server:
        places = {"{outside}": str(outside), "{host}": server.url.removeprefix("http://")}

        def filled(text: str) -> str:
            for word, place in places.items():
                text = text.replace(word, place)
            return text

        script = written(folder, language, filled(case.lua), filled(case.javascript))
        variables = {"MY_OWN": "value"}
        refused = llmspell(folder, "run", script, variables=variables)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "the profile 'medium' does not allow" in refused.stderr
        assert f"(rule `{case.rule}`)" in refused.stderr
        assert f"allow it with {case.option} " in refused.stderr
        value = filled(case.value)
        allowed = llmspell(folder, "run", script, case.option, value, variables=variables)
        assert (allowed.returncode, allowed.stdout, allowed.stderr) == (0, f"{case.prints}\n", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_error_names_can_be_given_as_it_stands(language: Language, tmp_path: Path) -> None:
    """The remedy of a message is one that works: it is read from the message and tried."""
    script = written(tmp_path, language, "print(os.getenv('MY_OWN'))", "console.log(process.env.MY_OWN)")
    told = llmspell(tmp_path, "run", script, variables={"MY_OWN": "value"}).stderr
    option, value = told.partition("allow it with ")[2].split(" or ")[0].split()
    assert llmspell(tmp_path, "run", script, option, value, variables={"MY_OWN": "value"}).stdout == "value\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_profile_is_that_of_the_option(language: Language, tmp_path: Path) -> None:
    script = written(tmp_path, language, "print(load('return 1')())", "console.log(eval('1'))")
    (tmp_path / "llmspell.toml").write_text("[security]\nprofile = 'high'\n")
    assert "the profile 'high' does not allow" in llmspell(tmp_path, "run", script).stderr
    assert llmspell(tmp_path, "run", script, "--profile", "medium").stdout == "1\n"
    unknown = llmspell(tmp_path, "run", script, "--profile", "lax")
    assert (unknown.returncode, unknown.stdout) == (2, "")


STUCK = (
    "io.stderr:write('ready\\n') string.find(string.rep('a', 60), string.rep('a-', 60) .. 'b')",
    "console.error('ready'); 'a'.repeat(4e6).indexOf('a'.repeat(2e6) + 'b')",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_script_that_no_limit_can_interrupt_is_ended_with_its_process(
    language: Language, tmp_path: Path
) -> None:
    script = written(tmp_path, language, *STUCK)
    (tmp_path / "llmspell.toml").write_text("[security.limits]\nseconds = 0.5\n")
    begin = time.monotonic()
    done = llmspell(tmp_path, "run", script)
    took = time.monotonic() - begin
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ready\n")
    assert "ResourceLimitError: the script ran longer than 0.5 s" in done.stderr
    assert 2.5 <= took < 20


HOLDS_UP = """
import ctypes, sys
from llmspell_cli.running.guard import guarded
from llmspell_engine.runtime.base import RunContext, Streams
from llmspell_engine.security.limits import Limits
from dataclasses import replace
context = RunContext(Streams(print, print, lambda: None))
rules = replace(context.permissions.rules, limits=Limits(seconds=float(sys.argv[1])))
with guarded(replace(context, permissions=replace(context.permissions, rules=rules))):
    ctypes.PyDLL(None).usleep(int(float(sys.argv[2]) * 1e6))  # holds Python's lock
print("went on")
"""


@pytest.mark.parametrize(("seconds", "takes", "ends"), [("0.2", "40", True), ("60", "0.01", False)])
def test_a_library_that_holds_everything_up_is_ended_from_beside(
    seconds: str, takes: str, ends: bool
) -> None:
    """Not even another thread of the process can end it: a process beside it does."""
    done = subprocess.run(
        [sys.executable, "-c", HOLDS_UP, seconds, takes],
        env=PLAIN,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )
    if ends:
        assert (done.returncode, done.stdout) == (-signal.SIGKILL, "")
        assert done.stderr.startswith("ResourceLimitError: the script ran longer than 0.2 s, the most that")
    else:
        assert (done.returncode, done.stdout, done.stderr) == (0, "went on\n", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_limit_tells_the_place_and_what_raises_it(language: Language, tmp_path: Path) -> None:
    script = written(
        tmp_path, language, "local x = 1\nwhile true do x = x + 1 end", "let x = 1;\nfor (;;) x += 1;"
    )
    (tmp_path / "llmspell.toml").write_text("[security.limits]\nseconds = 0.3\n")
    done = llmspell(tmp_path, "run", script)
    place = f"{script}:2" if language == "lua" else f"{script}:2:1"
    assert done.stderr.startswith(f"{place}: ResourceLimitError: the script ran longer than 0.3 s")
    assert "raise seconds in [security.limits]" in done.stderr


def test_the_audit_is_whole_lines_whatever_is_asked_for(tmp_path: Path) -> None:
    odd = 'a\\nb\\r\\u2028{"decision": "allowed"}\\u0000'
    script = written(
        tmp_path,
        "javascript",
        "",
        f"for (const path of ['/etc/{odd}', '/x/\\ud800']) try {{ await Tool.execute('file-operations',"
        " { operation: 'read', path }) } catch (error) { console.log(error.name) }"
        f" try {{ process.env['X{odd}'] }} catch (error) {{ console.log(error.name) }}",
    )
    (tmp_path / "llmspell.toml").write_text("[security]\naudit = 'audit.jsonl'\n")
    done = llmspell(tmp_path, "run", script)
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_bytes().split(b"\n")[:-1]]
    assert done.stderr == ""
    assert {line["decision"] for line in lines} == {"refused"}
