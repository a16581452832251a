"""``llmspell config``: show what is configured and by whom, check files, begin one, migrate old ones.

Exit codes: 0 all is well, 2 wrong usage or a configuration that cannot be used.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

DONE, UNUSABLE = 0, 2
HAS_ACTIONS = True
EXAMPLES = (
    "llmspell config init",
    "llmspell config validate",
    "llmspell config show run",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="show|validate|init|schema|migrate")
    show = actions.add_parser("show", help="print every value, with who set it", description=_show.__doc__)
    show.add_argument(
        "section", nargs="?", metavar="SECTION", help="print this section only, as run or log.otel"
    )
    show.add_argument(
        "--format", choices=("text", "toml", "json"), default="text", help="how to print (text)"
    )
    show.add_argument("--config", metavar="FILE", help="read FILE instead of the nearest one")
    show.add_argument(
        "--folder", metavar="FOLDER", default=".", help="look from here upward (current folder)"
    )
    _add_switch(show, "origin", "whether to tell who set a value")
    validate = actions.add_parser("validate", help="tell all that is wrong", description=_validate.__doc__)
    validate.add_argument("files", nargs="*", metavar="FILE", help="check these files, each by itself")
    init = actions.add_parser("init", help="write a file to begin with", description=_init.__doc__)
    init.add_argument("folder", nargs="?", default=".", metavar="FOLDER", help="where (current folder)")
    init.add_argument("--force", action="store_true", help="write over a file that is there")
    actions.add_parser("schema", help="print the JSON Schema, for editors", description=_schema.__doc__)
    migrate = actions.add_parser("migrate", help="bring old files up to date", description=_migrate.__doc__)
    migrate.add_argument("files", nargs="*", metavar="FILE", help="the files (the nearest one)")
    migrate.add_argument("--dry-run", action="store_true", help="print the new file and write nothing")


def main(arguments: argparse.Namespace) -> int:
    """Do what the action says."""
    from llmspell_engine.config.error import ConfigError

    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "show": _show,
        "validate": _validate,
        "init": _init,
        "schema": _schema,
        "migrate": _migrate,
    }
    try:
        return actions[arguments.action](arguments)
    except ConfigError as error:
        return _complain(error.faults)
    except OSError as error:
        return _complain([f"{error.filename or 'output'}: {error.strerror or error}"])


def _show(arguments: argparse.Namespace) -> int:
    """Print every value with its origin. Secrets are masked."""
    from llmspell_engine.config import resolve
    from llmspell_engine.config.show import as_json, as_text, as_toml, shown_values

    file = Path(arguments.config) if arguments.config else None
    resolved = resolve(Path(arguments.folder).absolute(), file=file)
    section = tuple(arguments.section.split(".")) if arguments.section else ()
    values = shown_values(resolved, section)
    if not values:
        return _complain([_no_section(section)])
    if arguments.format == "json":
        _print(as_json(values, resolved, with_origin=arguments.origin))
    elif arguments.format == "toml":
        _print(as_toml(values, with_origin=arguments.origin))
    else:
        _print(as_text(values, with_origin=arguments.origin))
    return DONE


def _validate(arguments: argparse.Namespace) -> int:
    """Tell all that is wrong with files, or with all that would hold in the current folder."""
    from llmspell_engine.config.documents import shown
    from llmspell_engine.config.validate import faults_here, faults_of_file

    faults: list[str] = []
    for file in map(Path, arguments.files):
        found = faults_of_file(file)
        faults += found
        if not found:
            _print(f"{shown(file)}: valid\n")
    if not arguments.files:
        faults, names = faults_here(Path.cwd())
        if not faults:
            _print(f"{' and '.join(names) if names else 'no file found; the defaults'}: valid\n")
    return _complain(faults) if faults else DONE


def _init(arguments: argparse.Namespace) -> int:
    """Write llmspell.toml with all there is, explained and commented out."""
    from llmspell_engine.config.documents import FILE_NAMES, shown
    from llmspell_engine.config.template import starting_file

    folder = Path(arguments.folder)
    path = folder / FILE_NAMES[0]
    there = [name for name in FILE_NAMES if (folder / name).exists()]
    if there and not (arguments.force and there == [path.name]):
        advice = "--force writes over it" if there == [path.name] else "there can be one only"
        return _complain([f"{shown(folder / there[0])}: is there already; {advice}"])
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(starting_file(), "utf-8", newline="\n")
    _print(f"{shown(path)} written\n")
    return DONE


def _schema(arguments: argparse.Namespace) -> int:
    """Print the JSON Schema of configuration files."""
    from importlib.resources import files

    del arguments
    _print((files("llmspell_engine.config") / "llmspell.schema.json").read_text("utf-8"))
    return DONE


def _migrate(arguments: argparse.Namespace) -> int:
    """Bring files of older versions up to date. The old file is kept beside the new one."""
    from llmspell_engine.config.documents import find
    from llmspell_engine.config.error import ConfigError

    nearest = find(Path.cwd())
    files = [Path(name) for name in arguments.files] or ([nearest] if nearest else [])
    if not files:
        return _complain(["there is no configuration here or above; name a file"])
    code = DONE
    for file in files:
        try:
            _migrate_one(file, write=not arguments.dry_run)
        except ConfigError as error:
            code = _complain(error.faults)
    return code


def _migrate_one(file: Path, *, write: bool) -> None:
    from llmspell_engine.config.documents import read, shown
    from llmspell_engine.config.migrate import migrate, migration_of
    from llmspell_engine.config.versions import NEWEST

    migration = migration_of(read(file))
    if migration is None:
        _print(f"{shown(file)}: is of the newest version ({NEWEST})\n")
        return
    if not write:
        _print(migration.text)
        return
    backup = migrate(migration)
    change = f"brought from version {migration.version} to {NEWEST}"
    _print(f"{shown(file)}: {change}; the old file is {backup.name}\n")
    for key in migration.left:
        _print(f"  {key} has no place any more; it is kept as a comment\n")
    from llmspell_engine.config.validate import faults_of_file

    for fault in faults_of_file(file):
        sys.stderr.write(f"llmspell config: to look at: {fault}\n")


def _no_section(section: tuple[str, ...]) -> str:
    from llmspell_engine.config.fields import names_at
    from llmspell_engine.config.model import Config
    from llmspell_engine.config.wording import unknown

    return unknown(section, names_at(Config, section[:-1]) or ())


def _add_switch(parser: argparse.ArgumentParser, name: str, explanation: str) -> None:
    import argparse

    parser.add_argument(
        f"--{name}", action=argparse.BooleanOptionalAction, default=True, help=f"{explanation} (yes)"
    )


def _print(text: str) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def _complain(sentences: Iterable[str]) -> int:
    for sentence in sentences:
        sys.stderr.write(f"llmspell config: {sentence}\n")
    return UNUSABLE
