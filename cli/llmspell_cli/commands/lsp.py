"""``llmspell lsp``: the language server. An editor starts it and talks to it; people do not."""

from __future__ import annotations

import argparse
import sys

USAGE_ERROR = 2

EXAMPLES = (
    "llmspell lsp",
    "llmspell lsp --tcp 127.0.0.1:7070 --log-file lsp.log --trace",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="talk over stdin and stdout (the default)")
    way.add_argument(
        "--tcp", metavar="HOST:PORT", type=_address, help="wait for one client there; port 0 takes a free one"
    )
    parser.add_argument("--log-file", metavar="FILE", help="write the log to FILE instead of stderr")
    parser.add_argument("--trace", action="store_true", help="log every message")


def main(arguments: argparse.Namespace) -> int:
    """Serve until the client leaves."""
    try:
        _log_to(arguments.log_file, trace=arguments.trace)
    except OSError as error:
        sys.stderr.write(f"llmspell lsp: cannot write the log to {arguments.log_file}: {error.strerror}\n")
        return USAGE_ERROR
    from llmspell_lsp.serve import serve_stdio, serve_tcp

    if arguments.tcp is None:
        return serve_stdio()
    try:
        return serve_tcp(*arguments.tcp)
    except OSError as error:
        host, port = arguments.tcp
        sys.stderr.write(f"llmspell lsp: cannot listen on {host}:{port}: {error.strerror or error}\n")
        return USAGE_ERROR


def _log_to(file: str | None, *, trace: bool) -> None:
    import logging

    handler = logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler(sys.stderr)
    logging.basicConfig(
        handlers=[handler],
        level=logging.DEBUG if trace else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no HOST:PORT, such as 127.0.0.1:7070")
    return host.strip("[]"), int(port)
