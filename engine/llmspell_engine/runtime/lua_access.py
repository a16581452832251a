"""What Lua's library asks the host for where it touches something, by the run's permissions.

The other side is ``lua_prelude/library.lua``. Everything here raises SecurityError for what is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmspell_engine.security.permissions import Permissions

_Answering = Callable[[Callable[..., Any]], Callable[..., Any]]
_FINALIZERS = "allow it with --profile none or finalizers = true in [security]"


class LuaAccess:
    """The host's part of a run's permissions."""

    def __init__(self, permissions: Permissions) -> None:
        self._permissions = permissions

    def functions(self, lua: Any, answering: _Answering) -> dict[bytes, Any]:
        """What the prelude finds in ``host``; ``answering`` makes functions that Lua may call."""
        from llmspell_engine.security.names import NOWHERE

        rules = self._permissions.rules
        left_out = (*rules.refused["lua"], *NOWHERE["lua"])
        refused = {name.encode(): answering(self._refusing(name)) for name in left_out}
        return {
            b"path": answering(self._path),
            b"variable": answering(self._variable),
            b"refused": lua.table_from(refused),
            b"has_finalizers": rules.finalizers,
            b"has_string_metatable": rules.string_metatable,
            b"refuse_bytecode": answering(self._refuse_bytecode),
            b"refuse_option": answering(self._refuse_option),
            b"refuse_finalizer": answering(self._refuse_finalizer),
        }

    def _path(self, name: bytes, writes: bool | None = None) -> bytes:
        given = name.decode("utf-8", "surrogateescape")
        find = self._permissions.writable if writes else self._permissions.readable
        return str(find(given)).encode("utf-8", "surrogateescape")

    def _variable(self, name: bytes, *_: Any) -> bytes | None:
        value = self._permissions.variable(name.decode("utf-8", "surrogateescape"))
        return None if value is None else value.encode("utf-8", "surrogateescape")

    def _refusing(self, name: str) -> Callable[..., Any]:
        def refuse(*_: Any) -> None:
            raise self._permissions.refuse_name("lua", name)

        return refuse

    def _refuse_bytecode(self) -> None:
        raise self._permissions.refuse_bytecode()

    def _refuse_option(self, option: bytes) -> None:
        what = f"collectgarbage('{option.decode('utf-8', 'replace')}')"
        raise self._permissions.refuse(what, "finalizers", _FINALIZERS)

    def _refuse_finalizer(self) -> None:
        raise self._permissions.refuse("a metatable with '__gc'", "finalizers", _FINALIZERS)
