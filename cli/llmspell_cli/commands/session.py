"""``llmspell session``: which sessions there are, what they have, and forgetting them.

Exit codes: 0 all is well, 1 the state cannot be read or written, 2 wrong usage: no such session, a
configuration that cannot be used.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmspell_cli.running.outcome import FAILED, INTERRUPTED, SUCCEEDED, UNUSABLE, UsageError
from llmspell_cli.whole_numbers import whole_number

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    from llmspell_engine.sessions.model import Session
    from llmspell_engine.sessions.sessions import Sessions

HAS_ACTIONS = True
EXAMPLES = (
    "llmspell session list --status suspended",
    "llmspell session show report",
    "llmspell session export report --output report.json",
)
STATUSES = ("active", "suspended", "completed", "expired")
ORDERS = ("newest", "oldest", "updated", "name")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|show|export|import|delete")
    list_ = actions.add_parser("list", help="tell which sessions there are", description=_list.__doc__)
    list_.add_argument("--status", choices=STATUSES, help="only those that are so")
    list_.add_argument(
        "--tag", action="append", default=[], metavar="TAG", help="only those that have this tag"
    )
    list_.add_argument("--name", metavar="PATTERN", help="only those of such a name; * is any text")
    list_.add_argument("--limit", type=whole_number(1), metavar="N", help="only the first N")
    list_.add_argument("--order", choices=ORDERS, default="newest", help="what comes first (newest)")
    show = actions.add_parser("show", help="tell what is known of a session", description=_show.__doc__)
    export = actions.add_parser("export", help="write all of a session as JSON", description=_export.__doc__)
    export.add_argument("--output", metavar="FILE", help="write this file instead of standard output")
    import_ = actions.add_parser("import", help="take over an exported session", description=_import.__doc__)
    import_.add_argument("file", metavar="FILE", help="what export has written; - reads standard input")
    delete = actions.add_parser("delete", help="forget a session", description=_delete.__doc__)
    for action in (show, export, delete):
        action.add_argument(
            "session", metavar="NAME|ID", help="the session; of a name, the newest that goes on"
        )
    for action in (list_, show):
        action.add_argument("--format", choices=("text", "json"), default="text", help="how to print (text)")
    for action in (list_, show, export, import_, delete):
        action.add_argument("--state", metavar="FILE", help="the file that keeps State, as for llmspell run")
        action.add_argument("--config", metavar="FILE", help="read FILE instead of the nearest one")


def main(arguments: argparse.Namespace) -> int:
    """Do what the action says."""
    from llmspell_engine.assembly import AssemblyError, Launch, assemble
    from llmspell_engine.sessions.model import SessionError
    from llmspell_engine.sessions.sessions import Sessions
    from llmspell_engine.state import StateError

    actions: dict[str, Callable[[Sessions, argparse.Namespace], None]] = {
        "list": _list,
        "show": _show,
        "export": _export,
        "import": _import,
        "delete": _delete,
    }
    config, state = (Path(one) if one else None for one in (arguments.config, arguments.state))
    try:
        services = assemble(Launch(folder=Path.cwd(), config=config, state=state)).services
        try:
            actions[arguments.action](Sessions(services.state, services.session_limits), arguments)
        finally:
            services.close()
    except (UsageError, AssemblyError, SessionError) as error:
        return _complain(str(error), UNUSABLE)
    except (StateError, OSError) as error:
        return SUCCEEDED if isinstance(error, BrokenPipeError) else _complain(str(error), FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    return SUCCEEDED


def _list(sessions: Sessions, arguments: argparse.Namespace) -> None:
    """Print the sessions there are, the newest first."""
    from llmspell_engine.sessions.document import summary
    from llmspell_engine.sessions.sessions import Wanted
    from llmspell_engine.state.exchange import iso

    wanted = Wanted(
        status=arguments.status,
        tags=arguments.tag,
        name=arguments.name,
        limit=arguments.limit,
        order=arguments.order,
    )
    found = sessions.all(wanted)
    if arguments.format == "json":
        _print_json([summary(one) for one in found])
        return
    if not found:
        is_narrowed = arguments.status or arguments.tag or arguments.name
        none = (
            "no session is so"
            if is_narrowed
            else "there is none; llmspell run SCRIPT --session NAME begins one"
        )
        sys.stderr.write(f"llmspell session: {none}\n")
        return
    rows = [(one.id, one.status, iso(one.updated), one.name or "-", " ".join(one.tags)) for one in found]
    sys.stdout.write("".join(f"{line}\n" for line in _aligned(rows)))


def _show(sessions: Sessions, arguments: argparse.Namespace) -> None:
    """Print what is known of a session, its values, checkpoints and artifacts."""
    from llmspell_engine.sessions.document import described

    found = described(sessions, _session(sessions, arguments.session))
    if arguments.format == "json":
        _print_json(found)
        return
    lists: dict[str, Sequence[str]] = {
        "values": [
            f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in found.pop("values").items()
        ],
        "checkpoints": [_line_of_checkpoint(one) for one in found.pop("checkpoints")],
        "artifacts": [_line_of_artifact(one) for one in found.pop("artifacts")],
    }
    lines = [f"{name}: {_word(value)}" for name, value in found.items() if value not in (None, [], {})]
    for name, told in lists.items():
        lines += [f"{name}:", *(f"  {line}" for line in told)] if told else []
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _export(sessions: Sessions, arguments: argparse.Namespace) -> None:
    """Write all of a session as JSON, the contents of its artifacts too."""
    from llmspell_engine.sessions.document import exported

    document = exported(sessions, _session(sessions, arguments.session))
    if arguments.output is None:
        _print_json(document)
        return
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    Path(arguments.output).write_bytes(text.encode("utf-8", "surrogatepass"))


def _import(sessions: Sessions, arguments: argparse.Namespace) -> None:
    """Take over a session that was exported, with all that it has, and print its id."""
    from llmspell_engine.sessions.importing import import_session

    try:
        data = sys.stdin.buffer.read() if arguments.file == "-" else Path(arguments.file).read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read '{arguments.file}': {(error.strerror or str(error)).lower()}"
        ) from None
    try:
        document = json.loads(data.decode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise UsageError(f"'{arguments.file}' is no JSON: {error}") from None
    sys.stdout.write(f"{import_session(sessions, document).id}\n")


def _delete(sessions: Sessions, arguments: argparse.Namespace) -> None:
    """Forget a session with all that belongs to it."""
    sessions.delete(_session(sessions, arguments.session).id)


def _session(sessions: Sessions, given: str) -> Session:
    found = sessions.named(given)
    if found is None:
        from llmspell_engine.tool_names import meant

        near = meant(given, {one.name for one in sessions.all() if one.name})
        hint = f"did you mean '{near[0]}'?" if near else "llmspell session list tells which ones there are"
        raise UsageError(
            f"there is no session of the id '{given}', and none of this name that goes on; {hint}"
        )
    return found


def _line_of_checkpoint(one: Mapping[str, Any]) -> str:
    label = f" {one['label']}" if one["label"] else ""
    return f"{one['id']}{label}, {one['created_at']}: {', '.join(one['keys']) or 'no values'}"


def _line_of_artifact(one: Mapping[str, Any]) -> str:
    kind = f"{one['artifact_type']}, {one['mime_type']}"
    return f"{one['name']} version {one['version']}, {one['size']} bytes, {kind}, {one['created_at']}"


def _word(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
    return [
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _print_json(value: Any) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode())


def _complain(sentence: str, code: int) -> int:
    sys.stdout.flush()
    sys.stderr.write(f"llmspell session: {sentence}\n")
    return code
