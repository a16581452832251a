"""The generated files are those that the declarations make."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.timeout(180)


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "tools" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def generated() -> dict[Path, str]:
    """Each file with the text it must have; made by the first test that asks, for it takes seconds."""
    return dict(_generator().generated())


def test_generated_files_are_fresh(generated: dict[Path, str]) -> None:
    stale = [
        str(path.relative_to(ROOT))
        for path, text in generated.items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    assert stale == [], "run `make generate`"


def test_no_page_of_the_reference_is_left_over(generated: dict[Path, str]) -> None:
    assert [path for path in (ROOT / "docs" / "reference").rglob("*.md") if path not in generated] == []


def test_generating_twice_gives_the_same(generated: dict[Path, str]) -> None:
    assert dict(_generator().generated()) == generated


def test_pages_link_to_pages_that_exist(generated: dict[Path, str]) -> None:
    pages = {path: text for path, text in generated.items() if path.suffix == ".md"}
    written = (ROOT / "docs").glob("*.md")
    there = {page.resolve() for page in (*pages, *written)}
    for path, text in pages.items():
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert (path.parent / target).resolve() in there, (path, target)
