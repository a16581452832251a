"""Finding the files that scripts ask for: ``require``, ``dofile`` and ``import``.

Files are known by their absolute path. What people read uses the form in which they named the
program: beside ``examples/main.lua``, a module shows as ``examples/helper.lua``.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_engine.security.permissions import Permissions

STANDARD_INPUT = "-"
"""The name of a program that is read from standard input; its folder is the current one."""


@dataclass(frozen=True, slots=True)
class Found:
    """A source file: its absolute path and its text."""

    path: str
    text: str


class ModuleError(Exception):
    """A file that a script asks for cannot be had; the message says where it was looked for."""


class SourceFiles:
    """The files around one program, and in further folders that modules may come from."""

    def __init__(
        self, program: str, folders: Sequence[Path] = (), permissions: Permissions | None = None
    ) -> None:
        self._given = program
        self._further = tuple(folders)
        self._permissions = permissions
        self.program = absolute(program)

    @property
    def folder(self) -> Path:
        """The program's own folder."""
        return Path(self.program).parent

    def shown(self, path: str) -> str:
        """A path as people know it."""
        if path == self.program:
            return "stdin" if self._given == STANDARD_INPUT else self._given
        if Path(self._given).is_absolute():
            return path
        here = Path.cwd()
        return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path

    def lua_module(self, name: str, requester: str | None) -> Found:
        """The file of ``require(name)``: beside the requiring file, beside the program, then elsewhere."""
        relative = name.replace(".", "/")
        tried: list[str] = []
        for folder in (*self._folders(requester), *self._further):
            for candidate in (folder / f"{relative}.lua", folder / relative / "init.lua"):
                if _is_file(candidate):
                    return self._read(candidate)
                tried.append(self.shown(str(candidate)))
        raise ModuleError(
            f"module '{name}' not found: no file " + ", no file ".join(f"'{each}'" for each in tried)
        )

    def lua_file(self, name: str, requester: str | None) -> Found:
        """The file of ``dofile(name)``: as the path says, then beside the requiring file and the program."""
        for candidate in (Path(name), *(folder / name for folder in self._folders(requester))):
            if _is_file(candidate):
                return self._read(candidate)
        raise ModuleError(f"cannot open '{name}': there is no such file")

    def javascript_module(self, specifier: str, importer: str) -> Path:
        """The file of ``import "specifier"``: relative to the importing file, the suffix may be left out.

        A bare name is looked for in the further folders.
        """
        self._refuse_foreign(specifier, _has_scheme(specifier))
        base = Path(specifier.removeprefix("file://"))
        is_bare = not specifier.startswith(("./", "../", "/", "file://")) and specifier not in (".", "..")
        if is_bare and not self._further:
            self._refuse_foreign(specifier)
            raise ModuleError(
                f"cannot import '{specifier}': only files can be imported, and no packages;"
                f" write './{specifier}' for a file beside this one"
            )
        folders = self._further if is_bare else _beside(Path(importer))
        candidates = [Path(absolute(str(folder / base))) for folder in folders]
        for candidate in candidates:
            suffixed = (Path(f"{candidate}{suffix}") for suffix in (".js", ".mjs"))
            for found in (candidate, *suffixed, candidate / "index.js"):
                if _is_file(found):
                    self.check(found)
                    return found
        looked = [f"'{self.shown(str(each))}'" for each in candidates]
        if is_bare:
            self._refuse_foreign(specifier)
            raise ModuleError(
                f"cannot import '{specifier}': there is no file {', '.join(looked)};"
                f" write './{specifier}' for a file beside this one"
            )
        raise ModuleError(f"cannot import '{specifier}': there is no file {looked[0]}")

    def _refuse_foreign(self, specifier: str, asked: bool = True) -> None:
        """Raise SecurityError for a module that is no file: of the engine, of Node, of the network."""
        from llmspell_engine.security.foreign_modules import module_nowhere

        found = module_nowhere(specifier) if asked else None
        if found is not None and self._permissions is not None:
            raise self._permissions.refuse(f"the module '{specifier}'", "modules", str(found))

    def check(self, path: Path) -> None:
        """Raise SecurityError where a file may not be loaded."""
        from llmspell_engine.security.code import check_code

        if self._permissions is not None:
            check_code(self._permissions, path, _beside(Path(self.program)), self._further)

    def source(self, path: str) -> str:
        """The text of a file that may be loaded. Raises ModuleError, SecurityError for another content."""
        data = read_file(path)
        if self._permissions is not None and path != self.program:
            from llmspell_engine.security.code import check_content

            check_content(self._permissions, Path(path), data)
            if data.startswith(_COMPILED):
                raise self._permissions.refuse_bytecode(f"loading '{path}', which is bytecode")
        return decoded_source(data, f"'{path}'")

    def _read(self, path: Path) -> Found:
        self.check(path)
        full = absolute(str(path))
        return Found(full, self.source(full))

    def _folders(self, requester: str | None) -> list[Path]:
        files = [Path(requester)] if requester and Path(requester).is_absolute() else []
        return list(
            dict.fromkeys(folder for file in (*files, Path(self.program)) for folder in _beside(file))
        )


def _is_file(path: Path) -> bool:
    """Whether a path leads to a file; one that is too long to be a path leads to none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _has_scheme(specifier: str) -> bool:
    return ":" in specifier.partition("/")[0] and not specifier.startswith("file://")


def _beside(file: Path) -> list[Path]:
    """The folder of a file, and that of the file itself where it is only a link."""
    return [file.parent, file.resolve().parent] if file.is_symlink() else [file.parent]


def absolute(path: str) -> str:
    """The absolute path of a file, symbolic links kept, ``.`` and ``..`` resolved."""
    import os.path

    return os.path.abspath(path)  # noqa: PTH100 - Path.resolve would follow links and change the name


_COMPILED = b"\x1bLua"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_source(path: str | Path) -> str:
    """The text of a script file. Raises ModuleError with a sentence where it cannot be read."""
    return decoded_source(read_file(path), f"'{path}'")


def read_file(path: str | Path) -> bytes:
    """What a file holds. Raises ModuleError with a sentence where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ModuleError(f"cannot read '{path}': {(error.strerror or str(error)).lower()}") from None


def decoded_source(data: bytes, what: str) -> str:
    """The text of a script. Raises ModuleError, which begins with ``what`` it is, where it is none."""
    if data.startswith(_COMPILED):
        raise ModuleError(f"{what} is compiled Lua, and only source text is run")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = "is UTF-16 text" if data.startswith(_UTF_16) else f"is not UTF-8 text (byte {error.start})"
        raise ModuleError(f"{what} {found}; save it as UTF-8") from None
