"""``llmspell tools`` as a process: what it prints, and how it exits."""

# ruff: noqa: E501 (tables read best with a line a row)

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from llmspell_cli.tool_parameters import advice, parameters_of
from llmspell_engine.catalog.loader import load
from llmspell_engine.tools.base import ToolContext
from llmspell_engine.tools.registry import tool_named
from support import commands
from support.processes import environment
from support.terminal import on_terminal

OWN = '''from llmspell_engine.tools import tool


@tool(category="data")
def word_count(text: str, longest: int = 10) -> dict[str, int]:
    """Counts words.

    Args:
        text: what is counted.
    """
    return {"words": len(text.split()), "longest": longest}


@tool
async def never() -> None:
    """Never ends."""
    import anyio

    await anyio.sleep_forever()
'''


@dataclass(frozen=True, slots=True)
class Call:
    """A command line, and what comes of it."""

    about: str
    words: list[str]
    out: str = ""
    """All of standard output."""
    err: str = ""
    """Words of standard error; nothing is written there where empty."""
    code: int = 0
    input: str = ""
    files: dict[str, str] = field(default_factory=dict)


WITH_OWN = {"llmspell.toml": '[tools]\nmodules = ["own.py"]\n', "own.py": OWN}
CALLS = [
    Call(
        "a search tells names, categories and what tools do",
        ["search", "base64"],
        "base64-encoder  utility  Encodes and decodes Base64, plain or URL-safe, of texts and files.\n",
    ),
    Call("a search that finds nothing", ["search", "no-such-word"], err="llmspell tools: no tool is about 'no-such-word'; llmspell tools list tells what there is\n"),
    Call("parameters in a file", ["invoke", "calculator", "--json", "@in.json"], "2\n", files={"in.json": '{"input": "1 + 1"}'}),
    Call("a file that was to be read", ["invoke", "calculator", "--json", "in.json"], err="; --json @in.json reads that file\n", code=2, files={"in.json": "{}"}),
    Call("a file of parameters that is not there", ["invoke", "calculator", "--json", "@no.json"], err="cannot read 'no.json': no such file or directory\n", code=2),
    Call("no time limit", ["invoke", "calculator", "--timeout-ms", "0"], err="argument --timeout-ms: '0' is no whole number from 1 up\n", code=2),
    Call("a time limit beyond all time", ["invoke", "calculator", "--timeout-ms", str(10**15 + 1)], err=f"--timeout-ms: '{10**15 + 1}' is more than {10**15}\n", code=2),
    Call("the longest time limit", ["invoke", "calculator", "--timeout-ms", f"00{10**15}", "input=1 + 1"], "2\n"),
    Call("the longest of a tool that waits", ["invoke", "process-executor", "--timeout-ms", str(10**15), "--allow-process", "echo", "executable=echo", 'arguments=["hi"]'], "hi\n"),
    Call("an option of an action that is none", ["list", "--categry", "data"], err="unrecognized arguments: --categry data; did you mean --category?\n", code=2),
    Call("parameters that take no text are JSON", ["invoke", "calculator", "--param", "input=a * 2", "--param", 'variables={"a": 4}'], "8\n"),
    Call("parameters as JSON", ["invoke", "calculator", "--json", '{"input": "1 + 1"}'], "2\n"),
    Call("parameters on standard input", ["invoke", "calculator", "--json", "-"], "2\n", input='{"input": "1 + 1"}'),
    Call("an older name", ["invoke", "uuid_generator", "--param", "operation=validate", "--param", "uuid=x"], "invalid\n"),
    Call("a tool of one's own", ["invoke", "word-count", "--param", "text=a b", "--param", "longest=3"], '{"longest": 3, "words": 2}\n', files=WITH_OWN),
    Call("a list of a category holds one's own", ["search", "counts", "words", "longest"], "word-count  data  Counts words.\n", files=WITH_OWN),
    Call("parameters as words", ["invoke", "--profile", "low", "calculator", "input=a * 2", "--format", "text", 'variables={"a": 4}'], "8\n"),
    Call("words beside --param", ["invoke", "calculator", "--param", "input=a * 2", 'variables={"a": 4}'], "8\n"),
    Call("JSON as a word", ["invoke", "calculator", ' {"input": "1 + 1"}'], "2\n"),
    Call("a value with signs of equality", ["invoke", "calculator", "input=1 == 1"], "true\n"),
    Call("a word that is no parameter", ["invoke", "calculator", "2^10"], err="parameters are NAME=VALUE or an object in JSON, and '2^10' is neither\nusage: llmspell tools invoke calculator [NAME=VALUE ... | JSON]\nfor example: llmspell tools invoke calculator input='1 + 2'\n", code=2),
    Call("a parameter as an option", ["invoke", "calculator", "--expression", "2^10"], err="llmspell tools invoke: error: unrecognized arguments: --expression 2^10; parameters have no dashes: expression=VALUE\nfor example: llmspell tools invoke calculator input=", code=2),
    Call("an option that is misspelt", ["invoke", "calculator", "--profle", "low"], err="did you mean --profile?\nfor example: llmspell tools invoke", code=2),
    Call("JSON and words", ["invoke", "calculator", "input=1", "--json", "{}"], err="either as NAME=VALUE or as one object in JSON, not as both", code=2),
    Call("JSON twice", ["invoke", "calculator", "{}", "{}"], err="either as NAME=VALUE or as one object in JSON, not as both", code=2),
    Call("a parameter that is missing", ["invoke", "file-operations", "operation=read"], err="'path' is missing; the operation 'read' needs it\nusage: llmspell tools invoke file-operations [NAME=VALUE ... | JSON]\nfor example: llmspell tools invoke file-operations operation=read path=notes.txt\n", code=2),
    Call("no tool", ["invoke"], err="usage: llmspell tools invoke NAME [NAME=VALUE ... | JSON] [OPTION ...]\nllmspell tools invoke: error: the following arguments are required: NAME\n", code=2),
    Call("no action", [], err="required: list|search|info|invoke\n", code=2),
    Call("an action that is misspelt", ["serch"], err="did you mean 'search'?\n", code=2),
    Call("a word too many", ["list", "data"], err="usage: llmspell tools list [-h]", code=2),
    Call("an unknown tool", ["invoke", "calculater"], err="llmspell tools: there is no tool 'calculater'; did you mean 'calculator'?\n", code=2),
    Call("a tool that nothing is like", ["info", "zzzz"], err="there is no tool 'zzzz'; llmspell tools list tells what there is\n", code=2),
    Call("a wrong parameter", ["invoke", "base64-encoder", "--param", "operatin=decode"], err="there is no 'operatin'; did you mean 'operation'?", code=2),
    Call("no pair", ["invoke", "calculator", "--param", "input"], err="and 'input' is neither\n", code=2),
    Call("no JSON", ["invoke", "calculator", "--json", "{"], err="--json is no JSON: ", code=2),
    Call("JSON that is nested without end", ["invoke", "calculator", "--json", "[" * 100_000], err="llmspell tools: --json is nested too deeply\n", code=2),
    Call("a value that is nested without end", ["invoke", "calculator", "input=1", "variables=" + "[" * 100_000], err="calculator: 'variables' must be a table, but", code=2),
    Call("a number with digits without end", ["invoke", "calculator", "input=1", "variables=" + "1" * 5000], err="calculator: 'variables' must be a table, but", code=2),
    Call("no object", ["invoke", "calculator", "--json", "[1]"], err="parameters are a JSON object", code=2),
    Call("a failure that is raised", ["invoke", "base64-encoder", "--param", "operation=decode", "--param", "input=*"], err="llmspell tools: base64-encoder: 'input' is not Base64\n", code=1),
    Call("a failure that is told", ["invoke", "calculator", "--param", "input=1/0"], err="llmspell tools: calculator: division by zero\n", code=1),
    Call("a refusal", ["invoke", "file-operations", "--json", '{"operation": "read", "path": "../outside"}'], err="allow it with --allow-read", code=1),
    Call("a time limit", ["invoke", "never", "--timeout-ms", "50"], err="never: it took longer than 0.05 s", code=1, files=WITH_OWN),
    Call("a file of tools that is broken", ["list"], err="own.py:2: invalid syntax", code=2, files={**WITH_OWN, "own.py": "x = 1\ndef f(:\n"}),
    Call("a file of tools that is not there", ["list"], err="there is no such file of tools", code=2, files={"llmspell.toml": WITH_OWN["llmspell.toml"]}),
]  # fmt: skip


def tools(*words: str, cwd: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    home = str(cwd / "home")
    env = {**environment(), "XDG_CONFIG_HOME": home, "APPDATA": home}
    return commands.llmspell("tools", *words, cwd=cwd, stdin=given, env=env)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.about)
def test_calls(call: Call, tmp_path: Path) -> None:
    for name, text in call.files.items():
        (tmp_path / name).write_text(text)
    done = tools(*call.words, cwd=tmp_path, given=call.input)
    assert (done.returncode, done.stdout) == (call.code, call.out), done.stderr
    assert call.err in done.stderr
    assert bool(call.err) == bool(done.stderr)


def test_a_list_fits_the_terminal(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "llmspell_cli", "tools", "list", "--category", "api"]
    with on_terminal(command, tmp_path, **{**environment(), "COLUMNS": "60"}) as terminal:
        assert terminal.end() == 0
    lines = terminal.plain().splitlines()
    assert max(map(len, lines)) <= 60
    assert [line for line in lines if line.startswith("dns-lookup ")]
    assert [line for line in lines if line.startswith(" " * 23) and not line.startswith(" " * 24)]


def test_a_parameter_of_which_nothing_is_said_is_listed_on_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text('[tools]\nmodules = ["own.py"]\n')
    (tmp_path / "own.py").write_text(
        "from llmspell_engine.tools import tool\n\n@tool\ndef count(text: str) -> int:\n    'Counts.'\n"
    )
    with on_terminal(
        [sys.executable, "-m", "llmspell_cli", "tools", "info", "count"], tmp_path, **environment()
    ) as terminal:
        assert terminal.end() == 0
    told = [line.split() for line in terminal.plain().splitlines()]
    assert ["text", "string,", "needed"] in told


def test_a_tool_that_takes_long_is_told_of_on_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text('[tools]\nmodules = ["own.py"]\n')
    (tmp_path / "own.py").write_text(OWN)
    command = [sys.executable, "-m", "llmspell_cli", "tools", "invoke", "never", "--timeout-ms", "4000"]
    with on_terminal(command, tmp_path, **environment()) as terminal:
        terminal.see(r"\W tool never [2-4]s")
        terminal.see("never: it took longer than 4 s")
        assert terminal.end() == 1


@pytest.mark.parametrize("name", load().tools)
def test_the_example_of_a_tool_is_right(name: str) -> None:
    tool, described = tool_named(name), load().tools[name]
    assert tool is not None
    line = advice(described).splitlines()[1]
    words = shlex.split(line.removeprefix("for example: llmspell tools invoke "))
    assert words[0] == name
    tool.parameters_of(parameters_of(words[1:], (), None, described), ToolContext())


def test_lists_as_json(tmp_path: Path) -> None:
    listed = json.loads(tools("list", "--format", "json", cwd=tmp_path).stdout)
    assert [one["name"] for one in listed] == sorted(one["name"] for one in listed)
    assert {"calculator", "file-operations"} <= {one["name"] for one in listed}
    only = json.loads(tools("list", "--category", "filesystem", "--format", "json", cwd=tmp_path).stdout)
    assert {one["category"] for one in only} == {"filesystem"}


def test_info(tmp_path: Path) -> None:
    told = tools("info", "base64_encoder", cwd=tmp_path).stdout.splitlines()
    assert told[0].startswith("base64-encoder (utility, safe): Encodes")
    assert told[1] == "Older names: base64_encoder"
    assert told[3].split(maxsplit=3) == [
        "operation",
        "string,",
        "needed",
        'The direction. One of "encode", "decode".',
    ]
    facts = json.loads(tools("info", "calculator", "--format", "json", cwd=tmp_path).stdout)
    assert [one["name"] for one in facts["parameters"]] == ["operation", "input", "variables"]


def test_a_whole_result_as_json(tmp_path: Path) -> None:
    done = tools("invoke", "calculator", "--param", "input=6 * 7", "--format", "json", cwd=tmp_path)
    result = json.loads(done.stdout)
    assert (result["success"], result["result"]["result"], result["text"]) == (True, 42, "42")
