"""Modules of JavaScript that are no files: those of the interpreter, of Node, and of the network."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from llmspell_engine.security.names import Nowhere

_ENGINES_OWN = frozenset({"std", "os", "bjson"})
_TOOLS = "use the tools, or the API's globals"
NODE: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *("assert", "async_hooks", "buffer", "cluster", "diagnostics_channel", "inspector", "module"),
                *("path", "querystring", "repl", "stream", "string_decoder", "tty", "util"),
                *("v8", "vm", "wasi", "worker_threads"),
            ),
            _TOOLS,
        ),
        "fs": "use the tool 'file-operations'",
        **dict.fromkeys(("http", "http2", "https"), "use the tool 'http-requester'"),
        **dict.fromkeys(("dgram", "net", "tls"), "use the tool 'socket-listener'"),
        "child_process": "use the tool 'process-executor'",
        "console": "use the global 'console'",
        "crypto": "use the tools 'hash-calculator' and 'random-generator'",
        "dns": "use the tool 'dns-lookup'",
        "events": "use the global 'Event'",
        "os": "use the tool 'system-monitor'",
        "perf_hooks": "use the global 'performance'",
        "process": "use the global 'process'",
        "readline": "use the global 'process', which has 'stdin'",
        "sqlite": "use the tool 'database-connector'",
        "timers": "use setTimeout, or await Async.sleep(…)",
        "url": "use the tool 'url-analyzer'",
        "zlib": "use the tool 'archive-handler'",
    }
)
"""The modules that Node has built in, and what does the same here."""


def module_nowhere(specifier: str) -> Nowhere | None:
    """Why no profile has a module of JavaScript that is no file; None for what may be one."""
    scheme, colon, name = specifier.partition(":")
    if scheme == "qjs" or specifier in _ENGINES_OWN:
        return Nowhere("it reaches files and programs past all rules", NODE.get(specifier, "use the tools"))
    if scheme == "node":
        return _of_node(name)
    if colon:
        return Nowhere("code is loaded from files only", "save it in a file beside the script")
    return _of_node(specifier) if _root(specifier) in NODE else None


def _of_node(name: str) -> Nowhere:
    return Nowhere("scripts do not run in Node, whose modules are not here", NODE.get(_root(name), _TOOLS))


def _root(specifier: str) -> str:
    """The module that one is a part of: ``fs`` for ``fs/promises``."""
    return specifier.partition("/")[0]
