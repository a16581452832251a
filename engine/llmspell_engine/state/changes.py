"""Who is told of changes of state, and by which thread.

A change that is made here is put down by whoever makes it, while the store is locked, and told by the same
thread once it no longer is. For changes that are made elsewhere, and for values whose time is up, the store
looks on a thread of its own, which runs while anybody listens. Changes are told in their order, one at a
time; listeners must only hand on what they are told.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Operation = Literal["save", "delete", "expire"]
LOOK_SECONDS = 0.05
"""How long a change that was made elsewhere may go unseen."""


@dataclass(frozen=True, slots=True)
class Change:
    """A value that was saved, deleted, or whose time is up."""

    scope: str
    key: str
    operation: Operation
    version: int
    text: str | None = None
    """The JSON text that was saved."""


Listener = Callable[[Change], None]


class Listeners:
    """Those who listen to one store. ``look`` finds what was changed elsewhere and puts it down."""

    def __init__(self, look: Callable[[], object]) -> None:
        self._look = look
        self._listeners: tuple[Listener, ...] = ()
        self._lock = threading.Lock()
        self._untold: deque[Change] = deque()
        self._telling = threading.RLock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._trouble = ""

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def add(self, listener: Listener) -> Callable[[], None]:
        """Tell of changes from now on; what is given ends it."""
        with self._lock:
            self._listeners = (*self._listeners, listener)
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._watch, name="state-changes", daemon=True)
                self._thread.start()

        def remove() -> None:
            with self._lock:
                self._listeners = tuple(one for one in self._listeners if one is not listener)

        return remove

    def put(self, change: Change) -> None:
        """Put down a change; with the store locked, so that changes are in order."""
        if self._listeners:
            self._untold.append(change)

    def tell(self) -> None:
        """Tell what was put down; with the store not locked."""
        if not self._untold:
            return
        with self._telling:
            while self._untold:
                change = self._untold.popleft()
                for listener in self._listeners:
                    listener(change)

    def close(self) -> None:
        """Tell nobody any more, and end the thread."""
        self._ended.set()
        with self._lock:
            self._listeners, thread, self._thread = (), self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join(5)

    def _watch(self) -> None:
        from llmspell_engine.observability.log import tell
        from llmspell_engine.state.store import StateError

        while not self._ended.wait(LOOK_SECONDS):
            if not self._listeners:
                continue
            try:
                self._look()
                self._trouble = ""
            except StateError as error:
                # Once for each trouble: the next look may go well again.
                if self._trouble != str(error):
                    self._trouble = str(error)
                    tell("warn", "state", "changes made elsewhere are not seen", error=error)
            self.tell()
