"""The bytecode of generated methods: kept between processes, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest
from llmspell_cli import generated_code
from llmspell_cli.generated_code import GeneratedCode

PROGRAM = """\
import builtins, sys
texts = []
plain = compile
builtins.compile = lambda text, *more, **named: (texts.append(text), plain(text, *more, **named))[1]
from llmspell_cli.generated_code import keep_generated_code
keep_generated_code()
texts.clear()
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import ForwardRef, get_type_hints

@dataclass(frozen=True, slots=True, order=True)
class Point:
    "A place."
    x: int
    y: "int | None" = None
    more: list = field(default_factory=list)

one = Point(1)
assert (one, hash(Point(1, 2, ()))) == (Point(1, None, []), hash((1, 2, ()))) and Point(1, 1) < Point(1, 2)
assert repr(replace(one, y=3)) == "Point(x=1, y=3, more=[])" and [each.name for each in fields(one)][0] == "x"
assert get_type_hints(Point)["y"] == int | None
try:
    one.x = 2
except FrozenInstanceError:
    print(len(texts))
try:
    ForwardRef("int |")
except SyntaxError as error:
    assert "int |" in str(error), error
"""


def ran(folder: Path, **variables: str) -> int:
    """How many texts a process has compiled whose bytecode is kept under a folder."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env={**environment, "PYTHONPYCACHEPREFIX": str(folder), **variables},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return int(done.stdout)


def kept(folder: Path) -> list[Path]:
    return sorted(folder.rglob("generated_code*code*"))


def test_what_one_process_has_compiled_the_next_one_does_not(tmp_path: Path) -> None:
    assert ran(tmp_path) > 5
    [file] = kept(tmp_path)
    before = file.read_bytes()
    assert ran(tmp_path) == 0
    assert (kept(tmp_path), file.read_bytes()) == ([file], before)


def test_nothing_is_written_where_python_is_not_to_write_bytecode(tmp_path: Path) -> None:
    assert ran(tmp_path, PYTHONDONTWRITEBYTECODE="1") > 5
    assert kept(tmp_path) == []


@pytest.mark.parametrize(
    "damaged", [b"", b"another Python's", MAGIC_NUMBER, MAGIC_NUMBER + b"{", MAGIC_NUMBER + b"\xff" * 20]
)
def test_a_file_that_cannot_be_used_is_made_anew(damaged: bytes, tmp_path: Path) -> None:
    ran(tmp_path)
    [file] = kept(tmp_path)
    file.write_bytes(damaged)
    assert ran(tmp_path) > 5
    assert ran(tmp_path) == 0


@pytest.fixture
def writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where Python writes bytecode."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


@pytest.mark.usefixtures("writing")
def test_two_processes_add_to_each_other(tmp_path: Path) -> None:
    path = str(tmp_path / "code")
    first, second = GeneratedCode(path), GeneratedCode(path)
    first.compiled("1 + 1", "eval", "one")
    second.compiled("2 + 2", "eval", "one")
    second.compiled("3 + 3", "eval", "two")
    first.write()
    second.write()
    written = Path(path).read_bytes()
    third = GeneratedCode(path)
    values = [third.compiled(text, "eval", module) for text, module in (("1 + 1", "one"), ("3 + 3", "two"))]
    assert [eval(each) for each in values] == [2, 6]
    third.write()
    assert Path(path).read_bytes() == written


@pytest.mark.usefixtures("writing")
def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    code = GeneratedCode(str(tmp_path / "nowhere" / "code"))
    assert eval(code.compiled("1 + 1", "eval", "one")) == 2
    code.write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("writing")
def test_a_file_that_is_large_takes_in_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = GeneratedCode(str(tmp_path / "code"))
    code.compiled("1 + 1", "eval", "one")
    code.write()
    before = (tmp_path / "code").read_bytes()
    monkeypatch.setattr(generated_code, "MOST_BYTES", 10)
    code.compiled("2 + 2", "eval", "one")
    code.write()
    assert (tmp_path / "code").read_bytes() == before
