"""``llmspell repl``: through a pipe, and on a terminal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from llmspell_cli.repl.assistance import Assistance
from llmspell_cli.repl.incomplete import is_incomplete
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.language import LANGUAGES, Language
from support.processes import environment
from support.terminal import Terminal, on_terminal

COMMAND = [sys.executable, "-m", "llmspell_cli", "repl"]
TIMEOUT = 30
PROMPT = r"(lua|js)>\s*$"

WHOLE = {
    "lua": ["x", "x = 1", "local x", "f()", "for i = 1, 2 do end", "x = }", "x = 'a", "-- c", "a.b", "end"],
    "javascript": ["x", "const x = 1", "f()", "{ a: 1 }", "x = }", "'a", "// c", "await f()", "a.b", "}"],
}  # fmt: skip
UNFINISHED = {
    "lua": ["for i = 1, 2 do", "if a then", "f(", "f(1,", "{", "x = {", "x =", "1 +", "local function f()",
            "[[a", "x = [==[a", "--[[ c", "return function()", "local x = ", "a.", "a:"],
    "javascript": ["for (;;) {", "f(", "f(1,", "{", "[1,", "const x =", "1 +", "`a", "/* c", "x => {", "a.",
                   "async function f() {", "class A {", "if (a) {", "const { a"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (language, text, expected)
        for expected, texts in ((False, WHOLE), (True, UNFINISHED))
        for language in LANGUAGES
        for text in texts[language]
    ],
)
def test_whether_a_text_goes_on(language: Language, text: str, expected: bool) -> None:
    assert is_incomplete(text, language) is expected


@pytest.mark.parametrize(
    ("language", "before", "text"),
    [
        ("lua", ["local word = 'x'"], "wo"),
        ("lua", [], "Agent.cre"),
        ("lua", ["local a = Agent.create({ model = 'echo' })"], "a:ex"),
        ("lua", [], "Agent.create({ mo"),
        ("javascript", ["const made = Agent.create({ model: 'echo' })"], "made.ex"),
        ("javascript", [], "Tool.execute('calcul"),
    ],
)
def test_completion_is_that_of_editors(language: Language, before: list[str], text: str) -> None:
    found = [each.text for each in Assistance().proposals(language, before, text, len(text))]
    workspace = Workspace()
    script = "\n".join([*before, text])
    workspace.open("script", script, language)
    items = workspace.snapshot().completions_at("script", len(script)).items
    assert found
    assert set(found) <= {each.label for each in items} | {each.insert for each in items}


def test_a_hint_marks_the_parameter_that_is_written() -> None:
    text = "Tool.execute('calculator', "
    hint = Assistance().hint("lua", [], text, len(text))
    assert hint.startswith("Tool.execute(name: ")
    assert "[parameters: table]" in hint
    assert Assistance().hint("lua", [], "x = 1", 5) == ""


@dataclass(frozen=True)
class Piped:
    name: str
    lua: str
    javascript: str
    out: str
    err: str = ""
    code: int = 0


PIPED = [
    Piped("what is defined stays", "local x = 1\nx + 1", "const x = 1\nx + 1", "2\n"),
    Piped("an input may have several lines", "for i = 1, 2 do\n\n  print(i)\nend",
          "for (const i of [1, 2]) {\n\n  console.log(i)\n}", "1\n2\n"),
    Piped("values are shown as one would write them", "'a'\n{ 1, a = 2 }", "'a'\n({ a: 2 })",
          '"a"\n{ 1, a = 2 }\n|\'a\'\n{ a: 2 }\n'),
    Piped("an error leaves the session", "local x = 1\nerror('no')\nx",
          "const x = 1\nthrow new Error('no')\nx",
          "1\n", "input-2:1: no|input-2:1:11: no", 1),
    Piped("a script may leave", "print(1) os.exit(3)\nprint(2)",
          "console.log(1); process.exit(3)\nconsole.log(2)",
          "1\n", code=3),
    Piped(".exit leaves", "1\n.exit\n2", "1\n.exit\n2", "1\n"),
    Piped("each language keeps what it has", "local x = 1\n.language js\nconst x = 2\nx\n.language lua\nx",
          "const x = 1\n.language lua\nlocal x = 2\nx\n.language js\nx", "2\n1\n",
          "now in javascript\nnow in lua|now in lua\nnow in javascript"),
    Piped(".reset forgets", "x = 1\n.reset\nx", "x = 1\n.reset\ntypeof x",
          "nil\n|1\n'undefined'\n", "everything that was defined is gone"),
    Piped("what was begun is waited for", "Async.after(0.01, function() print('rang') end) return 1",
          "setTimeout(() => console.log('rang'), 10); 1", "1\nrang\n"),
    Piped("an unknown command is told", ".hlep", ".hlep", "",
          "there is no command '.hlep'; did you mean .help?", 1),
    Piped("a command that lacks something", ".save", ".save", "", ".save takes FILE", 1),
    Piped("what never ends is told", "f(", "f(", "",
          "input-1:1: SyntaxError: unexpected symbol near <eof>"
          "|input-1:1:3: SyntaxError: unexpected token in expression: ''", 1),
    Piped("input is for the script too", "io.read()\nhello\n1", "process.stdin.readLine()\nhello\n1",
          '"hello"\n1\n|\'hello\'\n1\n'),
]  # fmt: skip


def _of(text: str, language: Language) -> str:
    """The part of an expectation that is for a language, where they differ."""
    lua, bar, javascript = text.partition("|")
    return javascript if bar and language == "javascript" else lua


def piped(folder: Path, language: Language, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "--language", language, *words],
        cwd=folder,
        env=environment(),
        input=text,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", PIPED, ids=lambda case: case.name)
def test_through_a_pipe(case: Piped, language: Language, tmp_path: Path) -> None:
    ran = piped(tmp_path, language, case.lua if language == "lua" else case.javascript)
    told = "\n".join(ran.stderr.splitlines()[: len(_of(case.err, language).splitlines())])
    assert (ran.returncode, ran.stdout, told) == (case.code, _of(case.out, language), _of(case.err, language))
    assert bool(ran.stderr) is bool(case.err)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_saved_can_be_run_and_loaded(language: Language, tmp_path: Path) -> None:
    name, text = {
        "lua": ("saved.lua", "local x = 20\nx + 1\nerror('left out')\nprint(x)\n"),
        "javascript": ("saved.js", "const x = 20\nx + 1\nthrow 'left out'\nconsole.log(x)\n"),
    }[language]
    piped(tmp_path, language, f"{text}.save {name}\n")
    loaded = piped(tmp_path, "lua", f".load {name}\nx\n")
    assert "left out" not in (tmp_path / name).read_text()
    assert loaded.stdout.splitlines()[-1] == "20", loaded.stderr
    ran = subprocess.run(
        [sys.executable, "-m", "llmspell_cli", name],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "20"


@contextmanager
def session(folder: Path, language: Language, *words: str, tells_cursor: bool = False) -> Iterator[Terminal]:
    """A session on a terminal; one that tells where its cursor is has a bar for hints."""
    around = {**environment(), "XDG_STATE_HOME": str(folder / "state")}
    if not tells_cursor:
        around["PROMPT_TOOLKIT_NO_CPR"] = "1"
    with on_terminal([*COMMAND, "--language", language, *words], folder, **around) as terminal:
        terminal.see("(lua|js)>")
        yield terminal


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_terminal(language: Language, tmp_path: Path) -> None:
    loop = {
        "lua": ("for i = 1, 2 do\r", "print('turn ' .. i)\r", "end\r"),
        "javascript": ("for (const i of [1, 2]) {\r", "console.log('turn ' + i)\r", "}\r"),
    }[language]
    with session(tmp_path, language) as terminal:
        terminal.type("x = 41\r")
        terminal.see(PROMPT)
        terminal.type("x + 1\r")
        terminal.see("\n42\n")
        for line in loop:
            terminal.type(line)
        terminal.see("turn 1\nturn 2\n")
        terminal.see(PROMPT)
        terminal.type("\x04")
        assert terminal.end() == 0
    assert "x + 1" in (tmp_path / "state" / "llmspell" / "history").read_text()
    assert (tmp_path / "state" / "llmspell" / "history").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_interrupt_ends_what_runs_and_keeps_the_session(language: Language, tmp_path: Path) -> None:
    endless = {
        "lua": "print('going') while true do end\r",
        "javascript": "console.log('going'); for (;;);\r",
    }[language]
    with session(tmp_path, language) as terminal:
        terminal.type("x = 41\r")
        terminal.see(PROMPT)
        terminal.type(endless)
        terminal.see("\ngoing\n")
        terminal.type("\x03")
        terminal.see("interrupted\n")
        terminal.see(PROMPT)
        terminal.type("x + 1\r")
        terminal.see("\n42\n")
        terminal.see(PROMPT)
        terminal.type("dropped\x03")
        terminal.see(PROMPT)
        terminal.type(".exit\r")
        assert terminal.end() == 0


def test_completion_and_hints_on_a_terminal(tmp_path: Path) -> None:
    with session(tmp_path, "lua", tells_cursor=True) as terminal:
        terminal.type("Tool.execute(")
        terminal.see(r"\[name: ")
        terminal.type("\x15State.list_k\t")
        terminal.see("eys")
        terminal.type("\x15\x04")
        assert terminal.end() == 0


def test_what_goes_on_by_itself_writes_above_the_prompt(tmp_path: Path) -> None:
    with session(tmp_path, "lua") as terminal:
        terminal.type("local t = Async.after(0.3, function() print('rang') end)\r")
        terminal.see("rang\n")
        # Until the prompt stands again, the terminal itself would take what is typed.
        terminal.see(PROMPT)
        terminal.type("\x04")
        assert terminal.end() == 0


def test_errors_are_painted_on_a_terminal_only_where_colours_are_wanted(tmp_path: Path) -> None:
    for words, is_painted in (((), True), (("--no-color",), False)):
        with session(tmp_path, "lua", *words) as terminal:
            terminal.type("error('no')\r")
            terminal.see("at input-1:1")
            assert ("\x1b[1;31mno" in terminal.seen) is is_painted
