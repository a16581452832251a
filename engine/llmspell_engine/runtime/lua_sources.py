"""The texts that one Lua program loads: found for ``require`` and its like, and shown to a debugger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.runtime.modules import Found, ModuleError, SourceFiles

if TYPE_CHECKING:
    from llmspell_engine.runtime.base import Observer

_Answering = Callable[[Callable[..., Any]], Callable[..., Any]]


class LuaSources:
    """What the prelude asks about sources.

    Attributes:
        files: where modules are found.
    """

    def __init__(self, files: SourceFiles, observer: Observer | None, anchored: Callable[[Any], Any]) -> None:
        self.files = files
        self._observer = observer
        self._anchored = anchored
        """The same value, held by the main coroutine: what is kept must not outlive the one it came by."""

    def functions(self, answering: _Answering) -> dict[bytes, Any]:
        """What the prelude finds in ``host``; ``answering`` makes functions that Lua may call."""
        return {
            b"prepare": answering(self._prepare_loaded),
            b"compiled": self._compiled,
            b"raised": self._raised,
            b"file": self._finder("lua_file"),
            b"module": self._finder("lua_module"),
        }

    def program(self, text: str) -> tuple[bytes, bytes, bytes]:
        """The program's text to compile, its path, and how messages call it."""
        return self._told(self.files.program, text)

    def _finder(self, method: Literal["lua_file", "lua_module"]) -> Callable[..., Any]:
        def answer(name: bytes, requester: bytes | None = None) -> Any:
            find: Callable[[str, str | None], Found] = getattr(self.files, method)
            try:
                found = find(as_path(name), as_path(requester) if requester else None)
            except ModuleError as error:
                return None, as_bytes(str(error))
            return self._told(found.path, found.text)

        return answer

    def _told(self, path: str, text: str) -> tuple[bytes, bytes, bytes]:
        own = _without_shebang(text)
        shown = self._observer.transform(path, own) if self._observer else own
        return as_bytes(shown), as_bytes(path), as_bytes(self.files.shown(path))

    def _prepare_loaded(self, path: bytes, text: bytes) -> bytes:
        if not self._observer:
            return text
        given = text.decode("utf-8", "surrogateescape")
        return as_bytes(self._observer.transform(path.decode("utf-8", "replace"), given))

    def _compiled(self, path: bytes, function: Any) -> None:
        if self._observer:
            self._observer.compiled(path.decode("utf-8", "replace"), self._anchored(function))

    def _raised(self, value: Any) -> None:
        if self._observer:
            self._observer.raised(value, uncaught=True)


def as_path(name: bytes) -> str:
    """A path as Lua has it, which may be any bytes."""
    return name.decode("utf-8", "surrogateescape")


def as_bytes(text: str) -> bytes:
    """A text as Lua holds it."""
    return text.encode("utf-8", "surrogateescape")


def _without_shebang(text: str) -> str:
    """Lua's own loader skips a first line that begins with ``#``; a comment keeps the line count."""
    return f"--{text[2:]}" if text.startswith("#!") else text
