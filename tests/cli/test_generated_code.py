"""The bytecode of generated methods: kept between processes, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from llmspell_cli import generated_code
from llmspell_cli.generated_code import GeneratedCode

if TYPE_CHECKING:
    from collections.abc import Callable

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
assert Point.__init__.__annotations__ == {"x": int, "y": "int | None", "more": list, "return": None}
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
    "damage",
    [
        lambda data: b"",
        lambda data: b"another Python's",
        lambda data: MAGIC_NUMBER,
        lambda data: data[:-1],
        lambda data: data + b"0",
        lambda data: data[:4] + data[12:],
        # What marshal makes of these two, it does not say: it may end the process.
        lambda data: data[:12] + bytes([data[12] ^ 1]) + data[13:],
        lambda data: data[:-9] + b"\xff" * 9,
    ],
)
def test_a_file_that_cannot_be_used_is_made_anew(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    ran(tmp_path)
    [file] = kept(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert ran(tmp_path) > 5
    assert ran(tmp_path) == 0


@pytest.mark.parametrize("before", ["import dataclasses", ""])
def test_a_process_that_makes_no_classes_imports_nothing_for_them(before: str) -> None:
    program = f"""{before}
import sys
from llmspell_cli.generated_code import keep_generated_code
known, finders = set(sys.modules), list(sys.meta_path)
keep_generated_code()
assert set(sys.modules) == known, set(sys.modules) - known
import dataclasses, inspect
assert sys.meta_path == finders
assert inspect.getsource(dataclasses) and dataclasses.exec.__module__ == "llmspell_cli.generated_code"
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=50, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


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
def test_a_file_that_would_be_too_large_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "code")
    first = GeneratedCode(path)
    first.compiled(f"'{'long' * 200}'", "eval", "another")
    first.write()
    monkeypatch.setattr(generated_code, "MOST_BYTES", 600)
    second = GeneratedCode(path)
    second.compiled("2 + 2", "eval", "one")
    second.write()
    assert 0 < (tmp_path / "code").stat().st_size < 600
    third = GeneratedCode(path)
    third.compiled("2 + 2", "eval", "one")
    (tmp_path / "code").unlink()
    third.write()
    assert not (tmp_path / "code").exists(), "it was known, and so nothing is to be written"
