"""Diagnostics for editors that do not pull them: published a moment after typing stops.

Runs on the event loop. Each document has at most one timer or publication under way; a newer one
takes its place, and what was computed for a version that is no longer the current one is dropped.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from llmspell_lsp.features.diagnostic import document_diagnostics

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_lsp.state import ServerState
    from llmspell_lsp.worker import Worker

log = logging.getLogger(__name__)

DEBOUNCE = 0.1
"""Seconds without an edit before diagnostics are published."""


class PushedDiagnostics:
    """What is due to be published."""

    def __init__(
        self,
        state: ServerState,
        worker: Worker,
        publish: Callable[[types.PublishDiagnosticsParams], None],
    ) -> None:
        self._state = state
        self._worker = worker
        self._publish = publish
        self._due: dict[str, asyncio.Task[None]] = {}

    def schedule(self, uri: str, delay: float = DEBOUNCE) -> None:
        """Publish a document's diagnostics after ``delay`` seconds, unless scheduled again before."""
        self._cancel(uri)
        task = asyncio.get_running_loop().create_task(self._publish_later(uri, delay))
        task.add_done_callback(_log_failure)
        self._due[uri] = task

    def clear(self, uri: str) -> None:
        """Take back what was published for a document that was closed."""
        self._cancel(uri)
        self._publish(types.PublishDiagnosticsParams(uri, []))

    def _cancel(self, uri: str) -> None:
        task = self._due.pop(uri, None)
        if task is not None:
            task.cancel()

    async def _publish_later(self, uri: str, delay: float) -> None:
        await asyncio.sleep(delay)
        view = self._state.view()
        document = view.documents.get(uri)
        if document is None:
            return
        found = await self._worker.run(partial(document_diagnostics, view, document))
        if self._state.version_of(uri) == document.version:
            self._publish(types.PublishDiagnosticsParams(uri, found, version=document.version))


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("diagnostics could not be published", exc_info=task.exception())
