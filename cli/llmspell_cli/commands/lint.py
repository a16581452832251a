"""``llmspell lint``: check scripts without running them.

What ``[lint]`` of the configuration above each script says holds, where no option says otherwise. Exit
codes: 0 nothing to report at warning or above, 1 findings, 2 wrong usage or configuration, a file that
cannot be read, or a fault of the linter itself.
"""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_engine.config.error import ConfigError
from llmspell_engine.config.lint_section import LintSection, lint_section
from llmspell_engine.lint.settings import LintSettings, unknown_selectors

from llmspell_cli.linting.files import STDIN, UnreadableError, read_script, script_names
from llmspell_cli.linting.fixing import checked_script, difference, write_back
from llmspell_cli.linting.report import CheckedScript, Report

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from llmspell_engine.analysis.workspace import Workspace

    from llmspell_cli.linting.files import Script
    from llmspell_cli.linting.fixing import Fixes

CLEAN, FOUND, FAILED = 0, 1, 2


class CheckFailedError(Exception):
    """The linter itself failed on a script."""


EXAMPLES = (
    "llmspell lint scripts",
    "llmspell lint scripts --diff",
    "llmspell lint scripts --fix",
    "llmspell lint --explain LS101",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="script, directory, or - for stdin")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print (text)")
    parser.add_argument("--output", metavar="FILE", help="write the report to FILE instead of stdout")
    parser.add_argument(
        "--select",
        metavar="CODE",
        action="append",
        default=[],
        help="run these rules only: LS101, LS1, a name",
    )
    parser.add_argument("--ignore", metavar="CODE", action="append", default=[], help="leave these rules out")
    parser.add_argument(
        "--profile",
        choices=("none", "low", "medium", "high", "custom"),
        help="the security profile that the scripts run in (default: that of runs)",
    )
    parser.add_argument("--stdin-filename", metavar="FILE", help="what to call the text on stdin")
    parser.add_argument("--exit-zero", action="store_true", help="exit with 0 even when there are findings")
    parser.add_argument("--fix", action="store_true", help="write the safe fixes into the scripts")
    parser.add_argument(
        "--unsafe-fixes",
        action="store_true",
        help="with --fix or --diff: also those that may change behaviour",
    )
    parser.add_argument("--diff", action="store_true", help="print what --fix would change; write nothing")
    parser.add_argument("--explain", metavar="CODE", help="print what a rule is about, and check nothing")


def main(arguments: argparse.Namespace) -> int:
    """Check and report."""
    # Nearly all that a run makes stays until its end; looking for garbage among it often costs 7 ms of 100.
    gc.set_threshold(200_000)
    if arguments.explain:
        return _explain(arguments.explain)
    settings = LintSettings(
        _selectors(arguments.select), _selectors(arguments.ignore), profile=arguments.profile
    )
    complaints = unknown_selectors((*settings.select, *settings.ignore))
    if not arguments.paths:
        complaints.append("name a script or a directory to check, or - for stdin")
    complaints += _contradictions(arguments)
    if complaints:
        return _complain(complaints)
    try:
        exit_code, complaints = _report(arguments, settings)
    except BrokenPipeError:
        # Whoever reads has seen enough, as in ``llmspell lint . | head``.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        return _complain([f"cannot write {error.filename or 'the report'}: {error.strerror or error}"])
    except ConfigError as error:
        return _complain(error.faults)
    except CheckFailedError as error:
        return _complain([str(error)])
    if complaints:
        return _complain(complaints)
    return CLEAN if arguments.exit_zero else exit_code


def _report(arguments: argparse.Namespace, settings: LintSettings) -> tuple[int, list[str]]:
    """Check, fix and print as asked; the exit code, and a sentence for each file that failed."""
    report, complaints = _check(arguments, settings)
    if arguments.diff:
        _write("".join(map(difference, report.scripts)), arguments)
        return (FOUND if report.fixed else CLEAN), complaints
    if arguments.fix:
        complaints += [sentence for one in report.scripts if (sentence := write_back(one))]
    if report.scripts or not complaints:
        _write("".join(_rendered(report, arguments)), arguments)
    return (FOUND if report.fails else CLEAN), complaints


def _check(arguments: argparse.Namespace, settings: LintSettings) -> tuple[Report, list[str]]:
    """The report on what could be read, and a sentence for each script that could not."""
    from llmspell_engine.analysis.workspace import Workspace

    # One workspace for all, so that a module that several scripts load is read once.
    workspace = Workspace()
    checked: list[CheckedScript] = []
    complaints: list[str] = []
    for name in script_names(arguments.paths, _is_excluded):
        section = _section(name, arguments.stdin_filename)
        try:
            script = read_script(name, arguments.stdin_filename)
        except UnreadableError as error:
            complaints.append(str(error))
        else:
            checked.append(
                check_script(workspace, script, _over(section.settings, settings), _fixes(arguments))
            )
    return Report(tuple(checked)), complaints


def _section(name: str, stdin_name: str | None) -> LintSection:
    """What is configured for a script. Raises ConfigError."""
    return _section_of(Path((stdin_name or STDIN) if name == STDIN else name).absolute().parent)


def _is_excluded(path: Path) -> bool:
    return _section_of(path.absolute().parent).excludes(path)


@cache
def _section_of(folder: Path) -> LintSection:
    return lint_section(folder)


def _over(configured: LintSettings, given: LintSettings) -> LintSettings:
    """The settings of the configuration with those that the command line gives in their place."""
    return replace(
        configured,
        select=given.select or configured.select,
        ignore=given.ignore or configured.ignore,
        profile=given.profile or configured.profile,
    )


def _fixes(arguments: argparse.Namespace) -> Fixes:
    """Which fixes are to be made."""
    if not (arguments.fix or arguments.diff):
        return "none"
    return "all" if arguments.unsafe_fixes else "safe"


def _contradictions(arguments: argparse.Namespace) -> list[str]:
    if arguments.fix and arguments.diff:
        return ["--fix writes and --diff does not; give one of them"]
    if arguments.fix and STDIN in arguments.paths:
        return ["--fix cannot write to stdin; --diff prints the changes"]
    if arguments.unsafe_fixes and not (arguments.fix or arguments.diff):
        return ["--unsafe-fixes goes with --fix or --diff"]
    return []


def check_script(
    workspace: Workspace, script: Script, settings: LintSettings, fixes: Fixes = "none"
) -> CheckedScript:
    """The diagnostics of one script that are left. Raises CheckFailedError when the linter has a fault."""
    workspace.open(script.name, script.text.value, script.language)
    try:
        checked = checked_script(workspace, script, settings, fixes)
    except Exception as error:
        import traceback

        traceback.print_exc()
        raise CheckFailedError(
            f"the linter failed on {script.name}; please report the lines above, they are a bug"
        ) from error
    workspace.close(script.name)
    return checked


def _write(text: str, arguments: argparse.Namespace) -> None:
    if arguments.output:
        Path(arguments.output).write_text(text, "utf-8", newline="")
        return
    # The report quotes scripts, so it may hold any character whatever the terminal's encoding is.
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def _rendered(report: Report, arguments: argparse.Namespace) -> Iterator[str]:
    if arguments.format == "json":
        from llmspell_cli.linting import json_report

        return json_report.render(report)
    from llmspell_cli.colour import wants_colour
    from llmspell_cli.linting import text_report

    return text_report.render(report, colour=not arguments.output and wants_colour(sys.stdout))


def _explain(word: str) -> int:
    from llmspell_engine.lint.registry import rule_named

    found = rule_named(word)
    if found is None:
        return _complain(unknown_selectors([word]) or [f"'{word}' names several rules; give a full code"])
    rule = found.rule
    sys.stdout.write(f"{rule.code} {rule.name} ({rule.severity})\n\n{found.documentation}\n")
    return CLEAN


def _selectors(words: list[str]) -> tuple[str, ...]:
    """Codes may be repeated (``--select A --select B``) or joined (``--select A,B``)."""
    return tuple(part.strip() for word in words for part in word.split(",") if part.strip())


def _complain(sentences: Iterable[str]) -> int:
    for sentence in sentences:
        sys.stderr.write(f"llmspell lint: {sentence}\n")
    return FAILED
