"""Keeps the bytecode of what ``dataclasses`` and ``typing`` compile, as Python keeps that of modules.

A dataclass writes its methods as text, a frozen one six of them, and they are compiled each time that its
module is imported; so is each annotation that is a text. That was a quarter of a short run. What has been
compiled is kept in a file beside the bytecode of this module, by its text: what differs in a letter is not
found, and compiled. As with other bytecode, nothing is written where Python is told not to, or where the
folder cannot be written, and whoever can write there could as well write the modules themselves.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import marshal
import os
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source
from types import CodeType
from typing import Any

MOST_BYTES = 8_000_000
"""A file that is larger takes in no more: classes that somebody makes anew in each run are never found."""
_Texts = dict[str, CodeType]


class GeneratedCode:
    """What has been compiled before, by the module that it is for; kept in a file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._packed = self._read()
        self._texts: dict[str, _Texts] = {}
        self._new: set[str] = set()

    def compiled(self, text: str, mode: str, module: str) -> CodeType:
        """The code of a text. Raises SyntaxError as ``compile`` does."""
        texts = self._texts.get(module)
        if texts is None:
            texts = self._texts[module] = _unpacked(self._packed.pop(module, None))
        code = texts.get(text)
        if code is None:
            code = texts[text] = compile(text, "<string>", mode)
            self._new.add(module)
        return code

    def write(self) -> None:
        """Add what is new to the file. What another process adds in the same moment may be lost."""
        if not self._new or sys.dont_write_bytecode:
            return
        packed = self._read()
        for module in self._new:
            packed[module] = marshal.dumps({**_unpacked(packed.get(module)), **self._texts[module]})
        if sum(map(len, packed.values())) > MOST_BYTES:
            return
        own = f"{self._path}.{os.getpid()}"
        try:
            with open(own, "wb") as file:  # noqa: PTH123
                file.write(MAGIC_NUMBER + marshal.dumps(packed))
            os.replace(own, self._path)  # noqa: PTH105
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(own)  # noqa: PTH108

    def _read(self) -> dict[str, bytes]:
        try:
            with open(self._path, "rb") as file:  # noqa: PTH123
                data = file.read()
            if data.startswith(MAGIC_NUMBER):
                found: dict[str, bytes] = marshal.loads(data[len(MAGIC_NUMBER) :])  # noqa: S302
                return found
        except (OSError, EOFError, ValueError, TypeError):
            pass
        return {}


def keep_generated_code() -> None:
    """Have the two modules take what is kept, and write what is new when the process ends."""
    import dataclasses
    import typing

    kept = GeneratedCode(cache_from_source(__file__).removesuffix("pyc") + "code")

    def execute(text: Any, names: dict[str, Any], *more: Any) -> None:
        if isinstance(text, str):
            text = kept.compiled(text, "exec", names.get("__name__", ""))
        builtins.exec(text, names, *more)  # noqa: S102 - it is what dataclasses does

    def compiled(text: Any, file: str, mode: str, *more: Any, **options: Any) -> Any:
        if isinstance(text, str) and file == "<string>" and not (more or options):
            return kept.compiled(text, mode, f"typing {mode}")
        return builtins.compile(text, file, mode, *more, **options)

    # Names that a module has itself come before those that are built in.
    vars(dataclasses).update(exec=execute)
    vars(typing).update(compile=compiled)
    atexit.register(kept.write)


def _unpacked(packed: bytes | None) -> _Texts:
    if packed is None:
        return {}
    found: _Texts = marshal.loads(packed)  # noqa: S302 - bytecode, as in any .pyc file
    return found
