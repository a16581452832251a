"""One module a topic of requests; importing this package registers them all."""

from llmspell_dap.handlers import breakpoints, execution, inspection, lifecycle, sources, values
from llmspell_dap.requests import commands, handler_of

__all__ = [
    "breakpoints",
    "commands",
    "execution",
    "handler_of",
    "inspection",
    "lifecycle",
    "sources",
    "values",
]
