"""``--fix`` and ``--diff``: scripts with what can be fixed in them fixed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from llmspell_engine.text import Text

from llmspell_cli.linting.files import Script
from llmspell_cli.linting.report import CheckedScript

if TYPE_CHECKING:
    from llmspell_engine.analysis.workspace import Workspace
    from llmspell_engine.lint.settings import LintSettings

Fixes = Literal["none", "safe", "all"]

_NO_LINE_END = "\n\\ No newline at end of file\n"
"""What follows a last line without an end, as diff(1) writes it."""


def checked_script(
    workspace: Workspace, script: Script, settings: LintSettings, fixes: Fixes
) -> CheckedScript:
    """An open script, fixed as far as wanted, with what is left to report."""
    if fixes == "none":
        from llmspell_engine.lint.check import check

        return CheckedScript(script, check(workspace.snapshot(), script.name, settings))
    from llmspell_engine.lint.fixing import fix_script

    text, count, left = fix_script(workspace, script.name, settings, unsafe=fixes == "all")
    return CheckedScript(Script(script.name, Text(text), script.language), left, count, script.text)


def write_back(checked: CheckedScript) -> str | None:
    """Write a script that was fixed; the sentence for the user where that is not possible."""
    if not checked.fixed:
        return None
    try:
        Path(checked.script.name).write_bytes(checked.script.text.value.encode("utf-8"))
    except OSError as error:
        return f"cannot write {checked.script.name}: {error.strerror or error}"
    return None


def difference(checked: CheckedScript) -> str:
    """What fixing changes in a script, as a unified diff; nothing where it changes nothing."""
    if checked.before is None or not checked.fixed:
        return ""
    from difflib import unified_diff
    from io import StringIO

    # Lines are those of diff(1) and patch(1): what else ends a line for Python stands within theirs.
    before, after = (
        StringIO(one.value, newline="\n").readlines() for one in (checked.before, checked.script.text)
    )
    lines = unified_diff(before, after, checked.script.name, checked.script.name)
    return "".join(line if line.endswith("\n") else line + _NO_LINE_END for line in lines)
