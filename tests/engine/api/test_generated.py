"""The generated files are those that the declarations make."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "tools" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATED: list[tuple[Path, str]] = list(_generator().generated())


@pytest.mark.parametrize(
    ("path", "text"), GENERATED, ids=[str(path.relative_to(ROOT)) for path, _ in GENERATED]
)
def test_generated_files_are_fresh(path: Path, text: str) -> None:
    assert path.exists(), f"{path.relative_to(ROOT)} is missing: run `make generate`"
    assert path.read_text("utf-8") == text, f"{path.relative_to(ROOT)} is stale: run `make generate`"


def test_no_page_of_the_reference_is_left_over() -> None:
    made = {path for path, _ in GENERATED}
    assert [path for path in (ROOT / "docs" / "reference").rglob("*.md") if path not in made] == []


def test_generating_twice_gives_the_same() -> None:
    assert list(_generator().generated()) == GENERATED


def test_the_check_passes_on_what_is_committed() -> None:
    command = [sys.executable, str(ROOT / "tools" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_pages_link_to_pages_that_exist() -> None:
    import re

    pages = {path: text for path, text in GENERATED if path.suffix == ".md"}
    written = (ROOT / "docs").glob("*.md")
    there = {page.resolve() for page in (*pages, *written)}
    for path, text in pages.items():
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert (path.parent / target).resolve() in there, (path, target)
