"""``llmspell run`` as a process: output, exit codes, messages, interruption."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support import commands

COMMAND = [sys.executable, "-m", "llmspell_cli", "run"]
SUFFIX = {"lua": "lua", "javascript": "js"}
TIMEOUT = 30


def llmspell(
    folder: Path, *words: str, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder to its end."""
    env = {**os.environ, **environment}
    return commands.llmspell("run", *words, cwd=folder, stdin=stdin, env=env, timeout=TIMEOUT)


@contextmanager
def running(folder: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a folder while it runs; every wait for it ends, since it is ended after TIMEOUT."""
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *words], cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        end = threading.Timer(TIMEOUT, process.kill)
        end.start()
        try:
            yield process
        finally:
            end.cancel()
            process.kill()


@dataclass(frozen=True)
class Case:
    name: str
    lua: str
    javascript: str
    code: int
    out: str = ""
    err: str = ""
    words: list[str] = field(default_factory=list)
    stdin: str = ""


CASES = [
    Case("ends well", "print(1)", "console.log(1)", 0, "1\n"),
    Case("exits by itself", "os.exit(7)", "process.exit(7)", 7),
    Case(
        "prints before it exits",
        "io.write('x') os.exit(3)",
        "process.stdout.write('x'); process.exit(3)",
        3,
        "x",
    ),
    Case(
        "is told its arguments",
        "print(ARGS[1], ARGS[2], ARGS.k, ARGS.name)",
        "console.log([ARGS[0], ARGS[1], ARGS.k, ARGS.name].join('\\t'))",
        0,
        "one\t--name\tv=w\ttwo\n",
        words=["--param", "k=v=w", "--", "one", "--name", "two"],
    ),
    Case(
        "reads its input",
        "print(io.read('a'))",
        "console.log(process.stdin.read())",
        0,
        "a\nä\n",
        stdin="a\nä",
    ),
    Case(
        "logs at the level asked for",
        "Logger.info('x')",
        "Logger.info('x')",
        0,
        err="INFO  x\n",
        words=["--log-level", "info"],
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_script(case: Case, language: Language, tmp_path: Path) -> None:
    name = f"script.{SUFFIX[language]}"
    (tmp_path / name).write_text(case.lua if language == "lua" else case.javascript)
    ran = llmspell(tmp_path, name, *case.words, stdin=case.stdin)
    assert (ran.returncode, ran.stdout, ran.stderr[-len(case.err) :] if case.err else ran.stderr) == (
        case.code,
        case.out,
        case.err,
    )


FAILURES = {
    "lua": (
        "local function total()\n  local sum = Tool.execute('calculater', {}) return sum\nend\n\n"
        "print('before')\ntotal()\n",
        "script.lua:2: ToolError: there is no tool 'calculater'; did you mean 'calculator'?\n"
        "\n"
        "  2 |   local sum = Tool.execute('calculater', {}) return sum\n"
        "    |   ^\n"
        "  at script.lua:2 in total\n"
        "  at script.lua:6 in main chunk\n",
    ),
    "javascript": (
        "function total() {\n  return Tool.execute('calculater', {})\n}\n\nconsole.log('before');\ntotal()\n",
        "script.js:2:15: ToolError: there is no tool 'calculater'; did you mean 'calculator'?\n"
        "\n"
        "  2 |   return Tool.execute('calculater', {})\n"
        "    |               ^\n"
        "  at script.js:2:15 in total\n"
        "  at script.js:6:1\n",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_failure_is_explained_on_standard_error(language: Language, tmp_path: Path) -> None:
    text, explained = FAILURES[language]
    name = f"script.{SUFFIX[language]}"
    (tmp_path / name).write_text(text)
    ran = llmspell(tmp_path, name)
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "before\n", explained)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_script_from_standard_input(language: Language, tmp_path: Path) -> None:
    texts = {"lua": "print('in')\nerror('x')", "javascript": "console.log('in');\nthrow new Error('x')"}
    ran = llmspell(tmp_path, "-", "--language", language, stdin=texts[language])
    place = "stdin:2: x" if language == "lua" else "stdin:2:11: x"
    assert (ran.returncode, ran.stdout, ran.stderr.splitlines()[0]) == (1, "in\n", place)


UNUSABLE = [
    (["no.lua"], "llmspell run: cannot read 'no.lua': no such file or directory\n"),
    (["."], "llmspell run: '.' is a directory; name a script\n"),
    (
        ["x.txt"],
        "llmspell run: the language of 'x.txt' is not known; say --language lua or --language javascript\n",
    ),
    (["-"], "llmspell run: the language of '-' is not known; say --language lua or --language javascript\n"),
    (["x.lua", "--param", "k"], "llmspell run: --param takes NAME=VALUE, and 'k' is not of that form\n"),
    (
        ["x.lua", "--scripted", "no.yaml"],
        "llmspell run: there is no file 'no.yaml' with answers of scripted models\n",
    ),
    (["latin.lua"], "llmspell run: 'latin.lua' is not UTF-8 text (byte 6); save it as UTF-8\n"),
    (["wide.lua"], "llmspell run: 'wide.lua' is UTF-16 text; save it as UTF-8\n"),
    (["compiled.lua"], "llmspell run: 'compiled.lua' is compiled Lua, and only source text is run\n"),
]


@pytest.mark.parametrize(("words", "message"), UNUSABLE)
def test_what_cannot_be_started(words: list[str], message: str, tmp_path: Path) -> None:
    for name in ("x.txt", "x.lua"):
        (tmp_path / name).write_text("")
    (tmp_path / "latin.lua").write_bytes(b"print(\xff)")
    (tmp_path / "wide.lua").write_bytes("print(1)".encode("utf-16"))
    (tmp_path / "compiled.lua").write_bytes(b"\x1bLua\x54\0")
    ran = llmspell(tmp_path, *words)
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", message)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["x.lua", "--parm", "a=1"],
            "llmspell run: error: unrecognized arguments: --parm a=1; did you mean --param?\n",
        ),
        (
            ["x.lua", "a", "--wholly-mine"],
            "llmspell run: error: unrecognized arguments: --wholly-mine; behind -- stand the script's own\n",
        ),
        (
            ["x.lua", "--max-calls", "-1"],
            "llmspell run: error: argument --max-calls: '-1' is no whole number from 0 up\n",
        ),
        (
            ["x.lua", "--max-tokens", "many"],
            "llmspell run: error: argument --max-tokens: 'many' is no whole number from 0 up\n",
        ),
        (
            ["x.lua", "--max-tokens", "9" * 5000],
            f"llmspell run: error: argument --max-tokens: '{'9' * 40}…' is more than {10**15}\n",
        ),
        ([], "llmspell run: error: the following arguments are required: SCRIPT\n"),
        (
            ["x.lua", "--language", "python"],
            "llmspell run: error: argument --language: invalid choice: 'python'"
            " (choose from 'lua', 'javascript', 'js')\n",
        ),
    ],
)
def test_wrong_usage(words: list[str], message: str, tmp_path: Path) -> None:
    ran = llmspell(tmp_path, *words)
    assert (ran.returncode, ran.stdout) == (2, "")
    # Newer Pythons quote the choices otherwise.
    assert ran.stderr.replace("lua, javascript, js", "'lua', 'javascript', 'js'").endswith(message)


def test_a_state_file_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "x.lua").write_text("")
    (tmp_path / "state").write_text("no database" * 200)
    ran = llmspell(tmp_path, "x.lua", "--state", "state")
    assert (ran.returncode, ran.stderr) == (
        2,
        "llmspell run: the state file 'state' cannot be used: file is not a database\n",
    )


def test_state_is_kept_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "x.lua").write_text(
        "local n = (State.load('global', 'n') or 0) + 1 State.save('global', 'n', n) print(n)"
    )
    assert [llmspell(tmp_path, "x.lua", "--state", "s.db").stdout for _ in range(2)] == ["1\n", "2\n"]
    assert [llmspell(tmp_path, "x.lua", "--state", ":memory:").stdout for _ in range(2)] == ["1\n", "1\n"]


ECHO = {"lua": "io.write(io.read('a'))", "javascript": "process.stdout.write(process.stdin.read())"}


@pytest.mark.parametrize("encoding", ["utf-8:strict", "latin-1", "ascii"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_bytes_go_through_unchanged(language: Language, encoding: str, tmp_path: Path) -> None:
    """However Python would read and write them."""
    data = b"\x80\xfe\0\r\n\xc3\xa4\xed\xa0\x80"
    name = f"x.{SUFFIX[language]}"
    (tmp_path / name).write_text(ECHO[language])
    ran = subprocess.run(
        [*COMMAND, name],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        input=data,
        capture_output=True,
        timeout=TIMEOUT,
        check=True,
    )
    assert ran.stdout == data


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lines", [[b"y\n"] * 1_000_000, [b"\xff\xfe\n"] * 200_000], ids=["text", "bytes"])
def test_a_long_input_is_read_in_a_moment(lines: list[bytes], language: Language, tmp_path: Path) -> None:
    name = f"x.{SUFFIX[language]}"
    (tmp_path / name).write_text(ECHO[language])
    ran = subprocess.run(
        [*COMMAND, name],
        cwd=tmp_path,
        input=b"".join(lines),
        capture_output=True,
        timeout=TIMEOUT,
        check=True,
    )
    assert ran.stdout == b"".join(lines)


@pytest.mark.parametrize("command", ["run", "eval"])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xef\xbb\xbfprint('mark')\r\nprint(2)", (0, "mark\n2\n", "")),
        ("print(1)".encode("utf-16"), (2, "", "standard input is UTF-16 text; save it as UTF-8\n")),
        (b"print('\xe9')", (2, "", "standard input is not UTF-8 text (byte 7); save it as UTF-8\n")),
        (b"\x1bLuaT", (2, "", "standard input is compiled Lua, and only source text is run\n")),
    ],
)
def test_the_text_of_a_script_from_standard_input(
    command: str, data: bytes, expected: tuple[int, str, str], tmp_path: Path
) -> None:
    ran = subprocess.run(
        [*COMMAND[:-1], command, "-", "--language", "lua"],
        cwd=tmp_path,
        input=data,
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    told = ran.stderr.decode().removeprefix(f"llmspell {command}: ")
    assert (ran.returncode, ran.stdout.decode(), told) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_closed_pipe_ends_the_script_quietly(language: Language, tmp_path: Path) -> None:
    texts = {"lua": "while true do print('line') end", "javascript": "for (;;) console.log('line')"}
    name = f"x.{SUFFIX[language]}"
    (tmp_path / name).write_text(texts[language])
    with running(tmp_path, name) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"line\n"
        process.stdout.close()
        assert process.wait(TIMEOUT) == 0
        assert process.stderr.read() == b""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_stream_that_is_closed_from_the_start_is_no_fault(
    closed: str, language: Language, tmp_path: Path
) -> None:
    texts = {
        "lua": "print(io.read()) os.exit(io.read() == nil and 3 or 4)",
        "javascript": "const { stdin } = process;\n"
        "console.log(stdin.readLine()); process.exit(stdin.read() === '' ? 3 : 4)",
    }
    name = f"x.{SUFFIX[language]}"
    (tmp_path / name).write_text(texts[language])
    done = subprocess.run(
        f"exec '{sys.executable}' -m llmspell_cli run {name} {closed}",
        shell=True,  # Only a shell closes a stream before the process starts.
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (3, b"")


def test_half_of_a_character_is_written_as_its_replacement(tmp_path: Path) -> None:
    (tmp_path / "x.js").write_text('console.log("a\\ud800b"); throw new Error("\\udfff")')
    done = llmspell(tmp_path, "x.js")
    assert (done.returncode, done.stdout) == (1, "a\ufffdb\n")
    assert done.stderr.startswith("x.js:1:36: \ufffd\n")


LOOPS = [
    ("lua", "io.stderr:write('ready\\n') while true do pcall(function() while true do end end) end"),
    ("lua", "io.stderr:write('ready\\n') coroutine.wrap(function() while true do end end)()"),
    ("lua", "io.stderr:write('ready\\n') Event.receive(Event.subscribe('x'), 60000)"),
    ("lua", "io.stderr:write('ready\\n') io.read()"),
    ("javascript", "console.error('ready'); for (;;) try { for (;;); } catch {}"),
    ("javascript", "console.error('ready'); Event.receive(Event.subscribe('x'), 60000)"),
]


@pytest.mark.parametrize(("language", "text"), LOOPS)
def test_an_interrupt_ends_the_script(language: Language, text: str, tmp_path: Path) -> None:
    name = f"x.{SUFFIX[language]}"
    (tmp_path / name).write_text(text)
    with running(tmp_path, name) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT) == 130
        assert process.stderr.read() == b""
