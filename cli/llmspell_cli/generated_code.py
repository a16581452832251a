"""Keeps the bytecode of what ``dataclasses`` and ``typing`` compile, as Python keeps that of modules.

A dataclass writes its methods as text, a frozen one six of them, and they are compiled each time that its
module is imported; so is each annotation that is a text. That was a quarter of a short run. What has been
compiled is kept in a file beside the bytecode of this module, by its text: what differs in a letter is not
found, and compiled. As with other bytecode, nothing is written where Python is told not to, or where the
folder cannot be written, and whoever can write there could as well write the modules themselves.

A Python whose modules compile in another way finds nothing here to take: both names are then without effect.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import marshal
import os
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER, cache_from_source, find_spec, source_hash
from types import CodeType, ModuleType
from typing import Any

MOST_BYTES = 8_000_000
"""A file that would be larger begins anew: what other releases have left, and classes that somebody makes
anew in each run, are never looked for again."""
_HASH_BYTES = 8
_Texts = dict[str, CodeType]


class GeneratedCode:
    """What has been compiled before, by the module that it is for; kept in a file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._packed: dict[str, bytes] | None = None
        self._texts: dict[str, _Texts] = {}
        self._new: set[str] = set()

    def compiled(self, text: str, mode: str, module: str) -> CodeType:
        """The code of a text. Raises SyntaxError as ``compile`` does."""
        texts = self._texts.get(module)
        if texts is None:
            texts = self._texts[module] = self._kept(module)
        code = texts.get(text)
        if code is None:
            # Not as this module is compiled: annotations stay texts here, and those of an __init__ must not.
            code = texts[text] = compile(text, "<string>", mode, dont_inherit=True)
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
            packed = {module: marshal.dumps(texts) for module, texts in self._texts.items()}
        data = marshal.dumps(packed)
        own = f"{self._path}.{os.getpid()}"
        try:
            with open(own, "wb") as file:  # noqa: PTH123
                file.write(MAGIC_NUMBER + source_hash(data) + data)
            os.replace(own, self._path)  # noqa: PTH105
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(own)  # noqa: PTH108

    def _kept(self, module: str) -> _Texts:
        if self._packed is None:
            self._packed = self._read()
        return _unpacked(self._packed.pop(module, None))

    def _read(self) -> dict[str, bytes]:
        """What the file holds. What is not as it was written is not looked at: it could end the process."""
        try:
            with open(self._path, "rb") as file:  # noqa: PTH123
                data = memoryview(file.read())
        except OSError:
            return {}
        start = len(MAGIC_NUMBER)
        told, data = data[: start + _HASH_BYTES], data[start + _HASH_BYTES :]
        if told != MAGIC_NUMBER + source_hash(data):
            return {}
        found: dict[str, bytes] = marshal.loads(data)  # noqa: S302 - bytecode, as in any .pyc file
        return found


def keep_generated_code() -> None:
    """Have the two modules take what is kept, and write what is new when the process ends.

    Neither is imported for it: a command that makes no dataclass does without ``dataclasses``.
    """
    kept = GeneratedCode(cache_from_source(__file__).removesuffix("pyc") + "code")

    def execute(text: Any, names: dict[str, Any], *more: Any) -> None:
        if isinstance(text, str):
            text = kept.compiled(text, "exec", names.get("__name__", ""))
        builtins.exec(text, names, *more)  # noqa: S102 - it is what dataclasses does

    def compiled(text: Any, file: str, mode: str, *more: Any, **options: Any) -> Any:
        if isinstance(text, str) and file == "<string>" and not (more or options):
            return kept.compiled(text, mode, f"typing {mode}")
        return builtins.compile(text, file, mode, *more, **options)

    _name("dataclasses", exec=execute)
    _name("typing", compile=compiled)
    atexit.register(kept.write)


def _name(module: str, **names: Any) -> None:
    """Give a module names of its own, which come before those that are built in: now, or once it is there."""
    if module in sys.modules:
        vars(sys.modules[module]).update(names)
    else:
        sys.meta_path.insert(0, _Naming(module, names))


class _Naming:
    """Has a module begin with names, and is gone once it is looked for."""

    def __init__(self, module: str, names: dict[str, Any]) -> None:
        self._module = module
        self._names = names

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module as others find it, with a loader that names first; any other is found as usual."""
        if name != self._module:
            return None
        sys.meta_path.remove(self)
        found = find_spec(name)
        # Other loaders may have other modules too.
        if found is not None and type(found.loader) is SourceFileLoader:
            vars(found.loader)["exec_module"] = self._before(found.loader.exec_module)
        return found

    def _before(self, run: Callable[[ModuleType], None]) -> Callable[[ModuleType], None]:
        def exec_module(module: ModuleType) -> None:
            vars(module).update(self._names)
            run(module)

        return exec_module


def _unpacked(packed: bytes | None) -> _Texts:
    if packed is None:
        return {}
    found: _Texts = marshal.loads(packed)  # noqa: S302 - bytecode, as in any .pyc file
    return found
