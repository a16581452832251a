"""The options by which a run is allowed more, or less, than the configuration says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

_PROFILES = ("none", "low", "medium", "high", "custom")


def add_permissions(parser: argparse.ArgumentParser) -> None:
    """Add them to a command."""
    parser.add_argument(
        "--profile", choices=_PROFILES, help="what the script may touch and use (default: medium)"
    )
    for option, what, about in (
        ("host", "HOST", "let it reach this host too: example.com, *.example.com, 127.0.0.1:8080"),
        ("read", "PATH", "let it read this file or folder too"),
        ("write", "PATH", "let it read and write this file or folder too"),
        ("env", "NAME", "let it read this environment variable too"),
        ("process", "COMMAND", "let it start this program too"),
    ):
        parser.add_argument(f"--allow-{option}", action="append", default=[], metavar=what, help=about)


def asked_permissions(arguments: argparse.Namespace) -> dict[str, Any]:
    """What they ask of a launch."""
    script: str | None = getattr(arguments, "script", None)
    return {
        "script": Path(script).absolute() if script and script != "-" else None,
        "profile": arguments.profile,
        "allow_hosts": tuple(arguments.allow_host),
        "allow_read": tuple(Path(one).absolute() for one in arguments.allow_read),
        "allow_write": tuple(Path(one).absolute() for one in arguments.allow_write),
        "allow_env": tuple(arguments.allow_env),
        "allow_processes": tuple(arguments.allow_process),
    }
