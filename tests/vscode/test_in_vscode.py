"""The extension in a real VS Code, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.vscode import run_in_extension_host, run_through_page

pytestmark = [pytest.mark.vscode, pytest.mark.timeout(300)]

AREAS = ("diagnostics", "completion", "knowledge", "debugging")


def test_in_the_extension_host(tmp_path: Path, subtests: pytest.Subtests) -> None:
    run = run_in_extension_host(tmp_path / "report.json")
    for check in run.checks:
        with subtests.test(check.title):
            assert check.error is None, check.error
    ran = {" ".join(check.title.split()[:2]) for check in run.checks}
    assert ran >= {f"{language} {area}" for language in ("lua", "javascript") for area in AREAS}
    assert run.exit_code == 0, run.output


def test_a_broken_server_fails_the_checks(tmp_path: Path) -> None:
    """The checks above can fail: with a server that ends at once, the same ones do."""
    broken = tmp_path / "llmspell"
    broken.write_text("#!/bin/sh\nexit 3\n", "utf-8")
    broken.chmod(0o755)
    run = run_in_extension_host(
        tmp_path / "report.json",
        *("--command", str(broken)),
        *("--grep", "offers the globals"),
    )
    assert run.exit_code == 1, run.output
    assert [check.title for check in run.checks if check.error is None] == []
    assert len(run.checks) == 2


@pytest.mark.parametrize("language", ["lua", "javascript"])
def test_editing_and_debugging_through_the_page(language: str) -> None:
    run_through_page("journey", language)


def test_a_missing_and_a_crashing_server_through_the_page() -> None:
    run_through_page("server")
