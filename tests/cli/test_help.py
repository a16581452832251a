"""What the help of each command shows can be typed as it stands."""

from __future__ import annotations

import shlex
from importlib import import_module

import pytest
from llmspell_cli.main import COMMANDS, main, parsed

WITHOUT_EXAMPLES = {"version"}
EXAMPLES = [
    (name, example)
    for name in COMMANDS
    for example in getattr(import_module(f"llmspell_cli.commands.{name}"), "EXAMPLES", ())
]


def test_commands_have_examples() -> None:
    assert {name for name, _ in EXAMPLES} == set(COMMANDS) - WITHOUT_EXAMPLES


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[example for _, example in EXAMPLES])
def test_an_example_is_shown_and_understood(
    name: str, example: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    assert f"  {example}" in capsys.readouterr().out.splitlines()
    line = example[example.index("llmspell ") :].removesuffix(')"').partition(" | ")[0]
    _, command, *words = shlex.split(line)
    assert command == name
    assert parsed(name, import_module(f"llmspell_cli.commands.{name}"), words).command == name


def test_no_command_shows_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    out, err = capsys.readouterr()
    listed = err.partition("commands:\n")[2].splitlines()[: len(COMMANDS)]
    assert (out, [line.split()[0] for line in listed]) == ("", list(COMMANDS))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["config"], "show|validate|init|schema|migrate"),
        (["session"], "list|show|export|import|delete"),
        (["tools"], "list|search|info|invoke"),
        (["session", "lst"], "did you mean 'list'?"),
        (["completion", "bsh"], "did you mean 'bash'?"),
    ],
    ids=str,
)
def test_what_is_missing_or_wrong_is_told(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    told = capsys.readouterr().err
    assert left.value.code == 2
    assert says in told
    assert "examples:" not in told
