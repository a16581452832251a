"""``llmspell eval``, and how commands are found."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support import commands
from support.processes import environment

TIMEOUT = 30


def llmspell(folder: Path, *words: str, stdin: str = "", **around: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder to its end."""
    env = {**environment(), **around}
    return commands.llmspell(*words, cwd=folder, stdin=stdin, env=env, timeout=TIMEOUT)


@dataclass(frozen=True)
class Case:
    name: str
    lua: str
    javascript: str
    out: str = ""
    code: int = 0
    err: str = ""
    words: list[str] = field(default_factory=list)


CASES = [
    Case("an expression", "1 + 2", "1 + 2", "3\n"),
    Case("text is printed as it is", "'a' .. 'b'", "'a' + 'b'", "ab\n"),
    Case("statements", "local x = 1\nreturn x + 1", "const x = 1\nx + 1", "2\n"),
    Case("nothing", "local x", "let x", ""),
    Case("output comes before the value", "print('p') return 1", "console.log('p'); 1", "p\n1\n"),
    Case("a table as JSON", "{ a = { 1, 'x' } }", "({ a: [1, 'x'] })", '{"a":[1,"x"]}\n', words=["--json"]),
    Case("nothing as JSON", "nil", "null", "null\n", words=["--json"]),
    Case("a function as JSON", "print", "console.log", "", 1,
         "JSONError: --json: value is a function, which JSON cannot write", ["--json"]),
    Case("what waits", "Tool.execute('calculator', { input = '6 * 7' }).text",
         "(await Tool.execute('calculator', { input: '6 * 7' })).text", "42\n"),
    Case("a promise is waited for", "Async.run(function() return 5 end):await()",
         "Async.run(() => 5)", "5\n"),
    Case("an error", "error('no')", "throw new Error('no')", "", 1, "eval:1: no|eval:1:11: no"),
    Case("a syntax error", "1 +", "1 +", "", 1,
         "eval:1: SyntaxError: unexpected symbol near <eof>"
         "|eval:1:4: SyntaxError: unexpected token in expression: ''"),
    Case("its own exit code", "os.exit(7)", "process.exit(7)", "", 7),
    Case("parameters", "ARGS.text .. ARGS.list[2] .. ARGS[1]", "ARGS.text + ARGS.list[1] + ARGS[0]", "t2w\n",
         words=["--param", "text=t", "--param-json", "list=[1, 2]", "--", "w"]),
    Case("what it begins is waited for", "Async.after(0.01, function() print('rang') end) return 1",
         "setTimeout(() => console.log('rang'), 10); 1", "rang\n1\n"),
    Case("an error of what it begins", "Async.after(0, function() error('late') end) return 1",
         "setTimeout(() => { throw new Error('late') }, 0); 1", "", 1, "eval:1: late|eval:1:30: late"),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_eval(case: Case, language: Language, tmp_path: Path) -> None:
    text = case.lua if language == "lua" else case.javascript
    lua, bar, javascript = case.err.partition("|")
    err = javascript if bar and language == "javascript" else lua
    ran = llmspell(tmp_path, "eval", text, "--language", language, *case.words)
    assert (ran.returncode, ran.stdout, ran.stderr.partition("\n")[0]) == (case.code, case.out, err)


def test_eval_takes_standard_input_and_lua_where_nothing_is_said(tmp_path: Path) -> None:
    assert llmspell(tmp_path, "eval", "-", stdin="local x = 4\nreturn x").stdout == "4\n"
    assert llmspell(tmp_path, "eval", "1 // 1").stdout == "1\n"


UNUSABLE = [
    (["eval"], "llmspell eval: error: the following arguments are required: EXPR"),
    (["eval", "1", "--param-json", "x=[1"],
     "llmspell eval: --param-json x: the text is not JSON: expecting ',' delimiter"
     " at line 1, column 3; text is to be in quotes, or given by --param"),
    (["eval", "1", "--param-json", "x"],
     "llmspell eval: --param-json takes NAME=JSON, and 'x' is not of that form"),
    (["eval", "1", "--record"], "llmspell eval: recording needs a file; name it with --cassette FILE"),
    (["repl", "--config", "no.toml"], "llmspell repl: no.toml: cannot be read: No such file or directory"),
    (["rnu"], "llmspell: there is no command 'rnu'; did you mean 'run'?"),
    (["xyzzy"], "llmspell: there is no command 'xyzzy'; llmspell --help lists the commands"),
    (["dir/no"],
     "llmspell: there is no file 'dir/no', and no such command; 'llmspell --help' lists the commands"),
    (["no.lua"],
     "llmspell: there is no file 'no.lua', and no such command; 'llmspell --help' lists the commands"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "message"), UNUSABLE, ids=str)
def test_what_cannot_be_started(words: list[str], message: str, tmp_path: Path) -> None:
    ran = llmspell(tmp_path, *words)
    assert (ran.returncode, ran.stdout, ran.stderr.splitlines()[-1]) == (2, "", message)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_script_may_name_the_command_in_its_first_line(language: Language, tmp_path: Path) -> None:
    name, body = {
        "lua": ("greet.lua", "print(ARGS[1], ARGS[2])"),
        "javascript": ("greet.js", "console.log(ARGS.join('\\t'))"),
    }[language]
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "llmspell").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m llmspell_cli "$@"\n')
    (commands / "llmspell").chmod(0o755)
    (tmp_path / name).write_text(f"#!/usr/bin/env llmspell\n{body}\n")
    (tmp_path / name).chmod(0o755)
    ran = subprocess.run(
        [str(tmp_path / name), "--param", "run"],
        cwd=tmp_path,
        env={**environment(), "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "--param\trun\n", "")


@pytest.mark.parametrize("command", ["run", "eval", "repl"])
def test_help_fits_a_screen_and_knows_the_shared_options(command: str, tmp_path: Path) -> None:
    ran = llmspell(tmp_path, command, "--help", COLUMNS="100")
    assert ran.stdout.startswith(f"usage: llmspell {command} ")
    assert all(option in ran.stdout for option in ("--param-json", "--cassette", "--config", "--no-color"))
    assert len(ran.stdout.splitlines()) <= 60


def test_colours_are_forced_and_refused_by_the_environment(tmp_path: Path) -> None:
    failing = ("eval", "error('no')")
    assert "\x1b[" not in llmspell(tmp_path, *failing).stderr
    assert "\x1b[1;31mno" in llmspell(tmp_path, *failing, FORCE_COLOR="1").stderr
    assert "\x1b[" not in llmspell(tmp_path, *failing, FORCE_COLOR="1", NO_COLOR="1").stderr
    assert "\x1b[" not in llmspell(tmp_path, *failing, "--no-color", FORCE_COLOR="1").stderr
