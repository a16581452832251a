"""Queries of jq that might never end, in a process of their own with limits of time and memory.

The library lets nothing else of a process happen while it works on a query. Most queries end with the data
that they are asked of; those that make values without end by themselves are told by their words.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

from llmspell_engine.tools.base import ToolError

SECONDS = 10
"""How long such a query may take."""
MEMORY_MB = 1024
_ENDLESS = re.compile(r"\b(?:repeat|while|until|def|infinite|combinations)\b|\brecurse\s*\(|\blimit\s*\(")
_RANGE = re.compile(r"\brange\b(?!\s*\(\s*\d{1,6}\s*(?:[;)]\s*\d{1,6}\s*)?\))")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_PROGRAM = """
import json, sys
import jq
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (%d, %d))
except (ImportError, ValueError, OSError):
    pass
given = json.load(sys.stdin)
try:
    found = [one for value in given["values"] for one in jq.compile(given["query"]).input_value(value)]
    told = json.dumps({"found": found})
except (ValueError, MemoryError) as error:
    told = json.dumps({"error": str(error) or "it takes too much memory"})
sys.stdout.write(told)
"""


def may_not_end(query: str) -> bool:
    """Whether a query could make values without end. Its texts say nothing of that."""
    words = _TEXT.sub('""', query) if "\\(" not in query else query
    return bool(_ENDLESS.search(words) or _RANGE.search(words))


def queried_apart(query: str, values: list[Any]) -> list[Any]:
    """What a query gives of each value. Raises ToolError."""
    most = MEMORY_MB * 1024 * 1024
    given = json.dumps({"query": query, "values": values}).encode()
    words = [sys.executable, "-c", _PROGRAM % (most, most)]
    try:
        done = subprocess.run(  # noqa: S603 - it is Python itself
            words, input=given, capture_output=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"the query takes longer than {SECONDS} s", code="timeout") from None
    if done.returncode != 0:
        raise ToolError(f"the query takes more than {MEMORY_MB} MiB of memory", code="too_large")
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise ToolError(f"the query fails: {answer['error']}", code="query_failed")
    found: list[Any] = answer["found"]
    return found
