"""How ``llmspell run`` ends: signals, pipes that nobody reads, output that cannot be written."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.processes import environment
from support.terminal import on_terminal

COMMAND = [sys.executable, "-m", "llmspell_cli"]
SUFFIX = {"lua": "lua", "javascript": "js"}
TIMEOUT = 30


@contextmanager
def running(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a folder while it runs; every wait for it ends, since it is ended after TIMEOUT."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*COMMAND, *words], cwd=folder, env=environment(), stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        end = threading.Timer(TIMEOUT, process.kill)
        end.start()
        try:
            yield process
        finally:
            end.cancel()
            process.kill()


def written(folder: Path, language: Language, lua: str, javascript: str) -> str:
    name = f"x.{SUFFIX[language]}"
    (folder / name).write_text(lua if language == "lua" else javascript)
    return name


ENDLESS = {
    "computing": (
        "io.stderr:write('ready') while true do pcall(function() while true do end end) end",
        "process.stderr.write('ready'); for (;;) try { for (;;); } catch {}",
    ),
    "waiting": (
        "io.stderr:write('ready') Async.sleep(600)",
        "process.stderr.write('ready'); await Async.sleep(600)",
    ),
}
SIGNALS = [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "code"), SIGNALS)
@pytest.mark.parametrize("kind", ["computing", "waiting"])
def test_a_signal_ends_the_script(
    name: str, code: int, language: Language, kind: str, tmp_path: Path
) -> None:
    lua, javascript = ENDLESS[kind]
    script = written(tmp_path, language, lua, javascript)
    with running(tmp_path, "run", script, "--trace-file", "t") as process:
        assert process.stderr is not None
        assert process.stderr.read(5) == "ready"
        process.send_signal(getattr(signal, name))
        assert process.wait(TIMEOUT) == code
        assert process.stderr.read() == ""
    # What is written at the end is written then too.
    assert '"cancelled"' in (tmp_path / "t").read_text()


LAST_WORDS = (
    "Hook.register('SystemShutdown', function(c) print(c.data.reason) end)"
    " io.stderr:write('ready') if ARGS.how == 'wait' then Async.sleep(600) end os.exit(3)",
    "Hook.register('SystemShutdown', (c) => console.log(c.data.reason));"
    " process.stderr.write('ready'); if (ARGS.how === 'wait') await Async.sleep(600); process.exit(3)",
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("how", "told", "code"), [("exit", "exit\n", 3), ("wait", "interrupted\n", 130)])
def test_a_script_has_its_last_words(
    how: str, told: str, code: int, language: Language, tmp_path: Path
) -> None:
    script = written(tmp_path, language, *LAST_WORDS)
    with running(tmp_path, "run", script, "--param", f"how={how}") as process:
        assert process.stderr is not None
        assert process.stdout is not None
        assert process.stderr.read(5) == "ready"
        if how == "wait":
            process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT) == code
        assert (process.stdout.read(), process.stderr.read()) == (told, "")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "code"), SIGNALS)
@pytest.mark.parametrize("command", ["run", "tools"])
def test_a_signal_ends_the_program_that_a_tool_has_started(
    command: str, name: str, code: int, language: Language, tmp_path: Path
) -> None:
    if command == "tools" and language == "javascript":
        pytest.skip("there is no script")
    # The program writes its id, and waits.
    shell = "echo $$ > started; exec sleep 600"
    lua = f"Tool.execute('process-executor', {{ executable = 'sh', arguments = {{ '-c', '{shell}' }} }})"
    javascript = (
        f"await Tool.execute('process-executor', {{ executable: 'sh', arguments: ['-c', '{shell}'] }})"
    )
    words = ["run", written(tmp_path, language, lua, javascript)]
    if command == "tools":
        given = json.dumps({"executable": "sh", "arguments": ["-c", shell]})
        words = ["tools", "invoke", "process-executor", "--json", given]
    with running(tmp_path, *words, "--allow-process", "sh") as process:
        number = _started(tmp_path / "started")
        process.send_signal(getattr(signal, name))
        assert process.wait(TIMEOUT) == code
        assert process.stderr is not None
        assert process.stderr.read() == ""
    _has_gone(number)


def _started(file: Path) -> int:
    deadline = time.monotonic() + TIMEOUT
    while not (file.exists() and file.read_text().endswith("\n")):
        assert time.monotonic() < deadline, "the program was not started"
        time.sleep(0.01)
    return int(file.read_text())


def _has_gone(number: int) -> None:
    deadline = time.monotonic() + TIMEOUT
    while psutil.pid_exists(number) and psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the program goes on"
        time.sleep(0.01)


def test_an_interrupt_while_the_command_is_imported_is_quiet(tmp_path: Path) -> None:
    script = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "llmspell_cli.commands.run":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
from llmspell_cli.main import main
sys.exit(main(["run", "x.lua"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


def test_a_signal_that_is_ignored_from_the_start_stays_ignored(tmp_path: Path) -> None:
    script = written(tmp_path, "lua", "io.stderr:write('ready\\n') print(io.read())", "")
    with subprocess.Popen(
        ["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", *COMMAND, "run", script],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        process.send_signal(signal.SIGHUP)
        out, _ = process.communicate("on\n", timeout=TIMEOUT)
    assert (process.returncode, out) == (0, "on\n")


CLOSED = [
    ("a value", ["eval", "string.rep('x', 200000)"]),
    ("what is told at the end", ["eval", "print('x')", "--usage"]),
    ("an error", ["eval", "print(string.rep('x', 200000)) error('y')"]),
    ("inputs", ["repl"]),
    ("the version", ["version"]),
    ("tools", ["tools", "list"]),
    ("a tool", ["tools", "info", "calculator"]),
    ("code for a shell", ["completion", "bash"]),
    ("a rule", ["lint", "--explain", "LS101"]),
    ("the configuration", ["config", "schema"]),
]


@pytest.mark.parametrize(("what", "words"), CLOSED, ids=[what for what, _ in CLOSED])
def test_a_pipe_that_nobody_reads_is_quiet_in_every_phase(
    what: str, words: list[str], tmp_path: Path
) -> None:
    with running(tmp_path, *words) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stdin is not None
        if what == "inputs":
            process.stdin.write("string.rep('x', 200000)\n" * 3)
        process.stdin.close()
        process.wait(TIMEOUT)
        told = process.stderr.read()
    assert "Traceback" not in told
    assert "Exception" not in told
    assert "BrokenPipe" not in told


FULL = [
    (["eval", "1"], "llmspell eval: cannot write the output: No space left on device\n"),
    (["eval", "io.write('x')"], "No space left on device"),
    (["eval", "error('y')"], "y"),
    (["repl"], "llmspell repl: cannot write the output: No space left on device\n"),
    (["tools", "list"], "llmspell tools: cannot write the output: No space left on device\n"),
    (["tools", "invoke", "calculator", "input=1"], "llmspell tools: cannot write the output: "),
    (["version"], "llmspell version: cannot write the output: No space left on device\n"),
    (["completion", "bash"], "llmspell completion: cannot write the output: No space left on device\n"),
    (["config", "show"], "llmspell config: output: No space left on device\n"),
    (["lint", "x.lua"], "llmspell lint: cannot write the report: No space left on device\n"),
]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is full")
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(("words", "told"), FULL, ids=[" ".join(words) for words, _ in FULL])
def test_output_that_cannot_be_written_is_a_failure(
    words: list[str], told: str, unbuffered: str, tmp_path: Path
) -> None:
    (tmp_path / "x.lua").write_text("local x = y\n")
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [*COMMAND, *words],
            cwd=tmp_path,
            env={**environment(), "PYTHONUNBUFFERED": unbuffered},
            input="1\n",
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    assert ran.returncode == (2 if words[0] in ("lint", "config") else 1)
    assert ran.stderr.count("No space left on device") <= 1
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr


SLOW = """
slow:
  - text: the answer
    delay_ms: 3500
"""


def test_a_long_wait_is_told_on_a_terminal_and_erased(tmp_path: Path) -> None:
    (tmp_path / "slow.yaml").write_text(SLOW)
    (tmp_path / "x.lua").write_text(
        "local reader = Agent.create({ name = 'reader', model = 'scripted/slow' })"
        " print(reader:execute('read').text)"
    )
    command = [*COMMAND, "run", "x.lua", "--scripted", "slow.yaml"]
    with on_terminal(command, tmp_path, **environment()) as terminal:
        terminal.see(r"agent reader > .*slow [2-9]s")
        terminal.see("the answer\n")
        assert terminal.end() == 0
    assert terminal.seen.rindex("\r\x1b[2K") < terminal.seen.rindex("the answer")


def test_nothing_is_told_of_a_long_wait_without_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "x.lua").write_text("Async.sleep(2.5) print('done')")
    with running(tmp_path, "run", "x.lua") as process:
        out, err = process.communicate(timeout=TIMEOUT)
    assert (out, err) == ("done\n", "")
