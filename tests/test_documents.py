"""The documents tell the truth: links lead somewhere, and the scripts that they show are good ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from llmspell_engine.lint.settings import LintSettings
from support.lint import lint
from support.runtime import Script, run

if TYPE_CHECKING:
    from llmspell_engine.language import Language

ROOT = Path(__file__).parent.parent
PAGES = sorted(path for pattern in ("*.md", "docs/*.md", "examples/*.md") for path in ROOT.glob(pattern))
_BLOCK = re.compile(r"^```(?P<language>lua|javascript)\n(?P<source>.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
_OTHERS = "vim."
"""Scripts of editors, which are not ours."""


def _blocks(*pages: Path) -> list[object]:
    found: list[object] = []
    for page in pages:
        text = page.read_text("utf-8")
        for block in _BLOCK.finditer(text):
            line = text.count("\n", 0, block.start()) + 1
            name = page.relative_to(ROOT).as_posix()
            if _OTHERS not in block["source"]:
                found.append(pytest.param(block["language"], block["source"], id=f"{name}:{line}"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings(page: Path) -> None:
    lost = [target for target in _targets(page.read_text("utf-8")) if not _leads(page, target)]
    assert not lost


def _targets(text: str) -> list[str]:
    outside_code = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)
    return [found["target"] for found in _LINK.finditer(outside_code) if "://" not in found["target"]]


def _leads(page: Path, target: str) -> bool:
    file, _, heading = target.partition("#")
    path = page.parent / file if file else page
    return path.exists() and (not heading or heading in _anchors(path.read_text("utf-8")))


def _anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(("language", "source"), _blocks(*PAGES))
def test_the_linter_knows_what_the_documents_show(language: Language, source: str) -> None:
    """Of the API, that is: a piece of a script may use names that the piece does not make."""
    found = lint(source, language, LintSettings(select=("LS001", "LS1")))
    assert not [one.message for one in found]


@pytest.mark.parametrize(("language", "source"), _blocks(ROOT / "README.md"))
def test_the_scripts_of_the_first_page_run(language: Language, source: str) -> None:
    ran = run(Script(language, source))
    assert (ran.out, ran.err, ran.error) == ("Version 2.0.0 is ready.\n", "", None)
