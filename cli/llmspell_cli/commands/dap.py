"""``llmspell dap``: the debug adapter, for editors."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

SUCCESS = 0
USAGE_ERROR = 2

EXAMPLES = (
    "llmspell dap",
    "llmspell dap --listen 127.0.0.1:7071",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add where to serve and what to log."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--stdio", action="store_true", help="serve one session on stdin and stdout (default)")
    where.add_argument(
        "--listen",
        metavar="HOST:PORT",
        help="serve a session for each connection; without a host, on this machine only",
    )
    parser.add_argument("--log-file", type=Path, metavar="F", help="write the log here, not to stderr")
    parser.add_argument("--trace", action="store_true", help="log every message")


def main(arguments: argparse.Namespace) -> int:
    """Serve until the client has gone, or until interrupted."""
    try:
        _log_to(arguments.log_file, trace=arguments.trace)
    except OSError as error:
        return _usage_error(f"cannot write the log: {error}")
    from llmspell_dap import server

    if arguments.listen is None:
        return _serve_stdio(server.run_stdio)
    try:
        host, port = server.parse_address(arguments.listen)
    except ValueError:
        return _usage_error(f"--listen takes HOST:PORT, not '{arguments.listen}'")
    try:
        server.run_listening(host, port)
    except OSError as error:
        return _usage_error(f"cannot listen on {host}:{port}: {error.strerror or error}")
    return SUCCESS


def _serve_stdio(run: Callable[[], None]) -> int:
    try:
        run()
    except ValueError:
        return _usage_error("stdin and stdout have to be pipes, as an editor gives them")
    return SUCCESS


def _log_to(path: Path | None, *, trace: bool) -> None:
    """Send the log to a file or to stderr; messages, which hold the script's data, only when asked for."""
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if path is not None:
        handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger("llmspell")
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if trace else logging.INFO if path else logging.WARNING)
    logging.getLogger("llmspell.dap.trace").setLevel(logging.DEBUG if trace else logging.WARNING)


def _usage_error(sentence: str) -> int:
    sys.stderr.write(f"llmspell dap: {sentence}\n")
    return USAGE_ERROR
