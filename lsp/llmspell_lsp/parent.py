"""Notices when the editor that started the server is gone without a word.

Normally the end of stdin says so. It does not when another process inherited the editor's end of the
pipe, so the event loop also looks now and then whether the editor's process is still there.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

INTERVAL = 2.0
"""Seconds between two looks."""


def watch(process_id: int, when_gone: Callable[[], None]) -> None:
    """Call ``when_gone`` soon after a process has ended.

    A process that cannot be seen to begin with is not watched: the editor may run in another
    container. Neither is any on Windows, which has no harmless way to look.
    """
    if sys.platform != "win32" and is_running(process_id):
        asyncio.get_running_loop().call_later(INTERVAL, _look, process_id, when_gone)


def is_running(process_id: int) -> bool:
    """Whether a process is there, be it ours or not."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _look(process_id: int, when_gone: Callable[[], None]) -> None:
    if is_running(process_id):
        watch(process_id, when_gone)
    else:
        when_gone()
