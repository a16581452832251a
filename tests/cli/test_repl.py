"""``llmspell repl``: through a pipe, and on a terminal."""

from __future__ import annotations

import signal
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
    "lua": ["x", "x = 1", "local x", "f()", "for i = 1, 2 do end", "x = }", "x = 'a", "-- c", "a.b", "end",
            "x, y", "return", "x = 'a\\\\", "-- c\\", "'a\\\nb", "'a' \\", "[=", "if x then\n\nend"],
    "javascript": ["x", "const x = 1", "f()", "{ a: 1 }", "x = }", "'a", "// c", "await f()", "a.b", "}",
                   "else", "'a\\\\", "// c\\", "'a\\\nb", "a++", "import x from 'y'", "/a", "case",
                   "if (a) b()", "x = 1 x", "const const", "let x", "function f() {}", "class A {}",
                   "a ? b : c"],
}  # fmt: skip
UNFINISHED = {
    "lua": ["for i = 1, 2 do", "if a then", "f(", "f(1,", "{", "x = {", "x =", "1 +", "local function f()",
            "[[a", "x = [==[a", "--[[ c", "return function()", "local x = ", "a.", "a:",
            "'a\\", "x = \"a\\", "f('a\\", "'a\\\nb\\", "'a\\z", "'a\\z  ", "f{", "if a then b() else",
            "repeat", "while x", "x, y =", "not", "function t:m(a,", "--[==[ a ]]",
            "local t = { a = function()"],
    "javascript": ["for (;;) {", "f(", "f(1,", "{", "[1,", "const x =", "1 +", "`a", "/* c", "x => {", "a.",
                   "async function f() {", "class A {", "if (a) {", "const { a",
                   "'a\\", "x = \"a\\", "f('a\\", "'a\\\nb\\", "`a ${b", "`a ${ f(", "class A",
                   "function f()", "do {}", "do {} while", "try {}", "a ?", "a ? b", "a ? // c",
                   "class A extends", "if (a) b(); else",
                   "switch (x) { case 1:", "import { a } from", "x =>", "a?.", "[1, 2", "let x,", "/* c\n"],
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
    Piped("an error that is a value tells where it was made", "select(2, pcall(error, 'e'))",
          "new Error('e')\n[new Error('é'), 1]",
          '"e"\n|Error: e\n    at <anonymous> (input-1:1:5)\n'
          "[\n  Error: é\n    at <anonymous> (input-2:1:6),\n  1\n]\n"),
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
    Piped("a string may go on in the next line", "'a\\\nb'", "'a\\\nb'", '"a\\nb"\n|\'ab\'\n'),
    Piped("text that is no Unicode", "'\\xffa'", "'\\ud800a'", '"\\255a"\n|\'\\ud800a\'\n'),
    Piped("a whole value is shown to other programs", "('x'):rep(20000)", "'x'.repeat(20000)",
          f'"{"x" * 20000}"\n|\'{"x" * 20000}\'\n'),
    Piped("values that are waited for", "Async.run(function() return 5 end):await()",
          "await (async () => 5)()", "5\n"),
    Piped("a file that cannot be loaded", ".load no.lua", ".load no.lua", "",
          "cannot read 'no.lua': no such file or directory", 1),
    Piped("a folder that cannot be loaded", ".load .", ".load .", "", "cannot read '.': is a directory", 1),
    Piped("a file that cannot be written", ".save no/x", ".save no/x", "",
          "cannot write 'no/x': no such file or directory", 1),
    Piped("a home that nobody has", "1\n.save ~no-such-user/x\n2", "1\n.save ~no-such-user/x\n2", "1\n2\n",
          "cannot write '~no-such-user/x': no such file or directory", 1),
    Piped("a file in such a home", ".load ~no-such-user/x\n2", ".load ~no-such-user/x\n2", "2\n",
          "cannot read '~no-such-user/x': no such file or directory", 1),
    Piped("names that no file has", ".save a\0b\n.load a\0b\n2", ".save a\0b\n.load a\0b\n2", "2\n",
          "cannot write 'a\\x00b': embedded null byte\ncannot read 'a\\x00b': embedded null byte", 1),
    Piped("how much was saved is told", "1\n.save one\n2\n.save two", "1\n.save one\n2\n.save two", "1\n2\n",
          "wrote 1 input to one\nwrote 2 inputs to two"),
    Piped("the language is told", ".language", ".language", "", "lua|javascript"),
    Piped("only terminals are cleared", ".clear\n1", ".clear\n1", "1\n"),
    Piped("a language that is none", ".language py", ".language py", "",
          ".language takes lua or javascript or js, and 'py' is none of them", 1),
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


HELP = """\
.help               this list
.save FILE          write the inputs that did not fail to a file
.load FILE          run a file in the session
.language [lua|js]  go over to the other language; each keeps what it has
.reset              forget all that is defined in this language
.clear              clear the screen
.exit               leave

A text that is not at its end goes on in the next line. Tab completes; Ctrl-C ends what runs,
or drops the line; Ctrl-D leaves.
"""


def test_the_commands_are_listed(tmp_path: Path) -> None:
    ran = piped(tmp_path, "lua", ".help")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, HELP, "")


SAVED = {
    "a name that is declared anew": (
        "local x = 1\nlocal y = x + 1\nlocal x = 5\nprint(x + y)\n",
        "const x = 1\nconst y = x + 1\nconst x = 5\nconsole.log(x + y)\n",
        "7\n",
    ),
    "functions and classes that are made anew": (
        "function f() return 1 end\nfunction f() return 7 end\nprint(f())\n",
        "function f() { return 1 }\nfunction f() { return 7 }\nclass A { x = 1 }\n"
        "class A { x = f() }\nconsole.log(new A().x)\n",
        "7\n",
    ),
    "a name that is declared nowhere": (
        "x = 6\nx = x + 1\nprint(x)\n",
        "x = 6\nx = x + 1\nconsole.log(x)\n",
        "7\n",
    ),
    "a name that is declared later": (
        "x = 6\nlocal x = 7\nprint(x)\n",
        "x = 6\nlet { x, ...others } = { x: 7 }\nconsole.log(x)\n",
        "7\n",
    ),
    "a call in parentheses": (
        "x = print\n(function() x(7) end)()\n",
        "const x = console.log\n(() => x(7))()\n[7].forEach((each) => x(each))\n",
        "7\n",
    ),
    "a value in the middle": (
        "return 'ä', 7 -- two\nlocal x = 7; return x;\nreturn\n{ 7 }\nprint(x)\n",
        "let x = 7\n{ x: 7 }\n// nothing\nconsole.log(x)\n",
        "7\n",
    ),
}
"""What a session takes and a script does not, and the last that it prints."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", SAVED)
def test_what_only_a_session_takes_is_saved_as_a_script_has_it(
    what: str, language: Language, tmp_path: Path
) -> None:
    lua, javascript, last = SAVED[what]
    name = f"saved.{'lua' if language == 'lua' else 'js'}"
    entered = piped(tmp_path, language, f"{lua if language == 'lua' else javascript}.save {name}\n")
    assert entered.returncode == 0, entered.stderr
    saved = piped(tmp_path, language, f".load {name}\n")
    ran = subprocess.run(
        [sys.executable, "-m", "llmspell_cli", name],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    for one in (entered, saved, ran):
        assert one.stdout.endswith(last), (one.stdout, one.stderr, (tmp_path / name).read_text())


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_saved_can_be_run_and_loaded(language: Language, tmp_path: Path) -> None:
    name, text = {
        "lua": ("saved.lua", "local x = 20\nx + 1 -- more\nerror('left out')\nprint(x)\n"),
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


INTERRUPTED = {
    "computing": ("print('going') while true do end", "console.log('going'); for (;;);"),
    "waiting": ("print('going') Async.sleep(600)", "console.log('going'); await Async.sleep(600)"),
    "reading": ("print('going') io.read()", "console.log('going'); process.stdin.readLine()"),
    "a program": (
        "print('going') Tool.execute('process-executor', { executable = 'sleep', arguments = { '600' } })",
        "console.log('going'); "
        "await Tool.execute('process-executor', { executable: 'sleep', arguments: ['600'] })",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", INTERRUPTED)
def test_an_interrupt_ends_what_runs_and_keeps_the_session(
    kind: str, language: Language, tmp_path: Path
) -> None:
    lua, javascript = INTERRUPTED[kind]
    with session(tmp_path, language, "--allow-process", "sleep") as terminal:
        terminal.type("x = 41\r")
        terminal.see(PROMPT)
        terminal.type(f"{lua if language == 'lua' else javascript}\r")
        terminal.see("\ngoing\n")
        terminal.type("\x03")
        told = terminal.see(PROMPT)
        assert told.replace("^C", "").split("\n")[0] == "interrupted"
        assert "Cancelled" not in told
        terminal.type("x + 1\r")
        terminal.see("\n42\n")
        terminal.see(PROMPT)
        terminal.type("dropped\x03")
        terminal.see(PROMPT)
        terminal.type(".exit\r")
        assert terminal.end() == 0


def test_what_cannot_be_interrupted_can_be_left(tmp_path: Path) -> None:
    # Lua hears of an interrupt when a function of C has ended, which this one does in some years.
    stuck = "print('going') string.find(string.rep('a', 40), string.rep('a-', 20) .. 'b')\r"
    with session(tmp_path, "lua") as terminal:
        terminal.type(stuck)
        terminal.see("\ngoing\n")
        terminal.type("\x03")
        terminal.see("it has not ended yet; Ctrl-C once more leaves llmspell\n")
        terminal.type("\x03")
        assert terminal.end() == 130


def test_an_interrupt_ends_a_session_through_a_pipe(tmp_path: Path) -> None:
    with subprocess.Popen(
        COMMAND,
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write("io.stderr:write('going\\n') Async.sleep(600)\nprint('never')\n")
        process.stdin.flush()
        assert process.stderr.readline() == "going\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, out, err) == (130, "", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pasted_text_is_one_input(language: Language, tmp_path: Path) -> None:
    loop = {
        "lua": "for i = 1, 2 do\n\n  print('turn ' .. i)\nend\nprint('after')",
        "javascript": "for (const i of [1, 2]) {\n\n  console.log('turn ' + i)\n}\nconsole.log('after')",
    }[language]
    with session(tmp_path, language) as terminal:
        terminal.type(f"\x1b[200~{loop}\x1b[201~\r")
        terminal.see("\nturn 1\nturn 2\nafter\n")
        terminal.see(PROMPT)
        terminal.type("\x1b[A\r")
        terminal.see("\nturn 1\nturn 2\nafter\n")
        terminal.see(PROMPT)
        terminal.type("\x04")
        assert terminal.end() == 0


def test_a_long_value_is_cut_on_a_terminal(tmp_path: Path) -> None:
    with session(tmp_path, "lua") as terminal:
        terminal.type("('x'):rep(20000)\r")
        terminal.see(r"xxx\.\.\. 10,002 more characters\n")


def test_the_history_is_closed_to_others_whoever_made_it(tmp_path: Path) -> None:
    history = tmp_path / "state" / "llmspell" / "history"
    history.parent.mkdir(parents=True)
    history.touch(0o644)
    with session(tmp_path, "lua") as terminal:
        terminal.type("'secret'\r")
        terminal.see('"secret"\n')
        assert history.stat().st_mode & 0o777 == 0o600
    assert "'secret'" in history.read_text()


@pytest.mark.parametrize(
    ("typed", "seen"), [(".lo\t", "ad"), (".load pla\t", "in.lua"), (".language ja\t", "vasc")]
)
def test_commands_are_completed(typed: str, seen: str, tmp_path: Path) -> None:
    (tmp_path / "plain.lua").write_text("")
    with session(tmp_path, "lua") as terminal:
        terminal.type(typed)
        terminal.see(seen)


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
