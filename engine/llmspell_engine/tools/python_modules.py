"""The tools of users: in Python files that the configuration names, and in installed packages.

A package offers tools as entry points of the group ``llmspell.tools``: a function, a class, or a module.
Of a module these are its tools: the list ``TOOLS`` where it has one; else its classes made of ``Tool`` and
the functions that ``@tool`` marks; else its public functions that have a docstring.
"""

from __future__ import annotations

import inspect
import re
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from llmspell_engine.catalog.loader import load
from llmspell_engine.catalog.model import Tool as DescribedTool
from llmspell_engine.tools.base import Tool
from llmspell_engine.tools.error import PythonToolError

GROUP = "llmspell.tools"


class OwnTools:
    """The tools of users by name. Files are read when it is made, packages when a name is first asked for."""

    def __init__(self, files: Sequence[Path] = (), *, with_packages: bool = False) -> None:
        """Raises PythonToolError for a file that cannot be used."""
        self._tools: dict[str, Tool[Any]] = {}
        self._aliases: dict[str, str] = {}
        self._with_packages = with_packages
        self._lock = threading.Lock()
        self.problems: list[str] = []
        """What is wrong with installed packages; they keep nothing else from working."""
        for file in files:
            for made in _tools_of(_module(file), str(file)):
                self._add(made, str(file))

    def get(self, name: str) -> Tool[Any] | None:
        """The tool of a name, or of an older name of it. Raises nothing."""
        known = self._whole
        return known.get(self._aliases.get(name, name))

    def described(self, name: str) -> DescribedTool | None:
        """The tool of a name, as the catalog describes those of the engine."""
        found = self.get(name)
        return describe(found) if found else None

    @property
    def all(self) -> tuple[DescribedTool, ...]:
        """All of them, in the order of names."""
        return tuple(describe(one) for _, one in sorted(self._whole.items()))

    @property
    def _whole(self) -> dict[str, Tool[Any]]:
        if self._with_packages:
            with self._lock:
                if self._with_packages:
                    self._add_packages()
                    self._with_packages = False
        return self._tools

    def _add_packages(self) -> None:
        from importlib.metadata import entry_points

        for point in entry_points(group=GROUP):
            where = f"the package '{point.dist.name}'" if point.dist else f"the entry point '{point.name}'"
            try:
                for made in _tools_of(point.load(), where):
                    self._add(made, where)
            except Exception as error:  # noqa: BLE001 - it fails alone, in whatever way
                self.problems.append(f"{where} has no tools that can be used: {error}")

    def _add(self, made: Tool[Any], where: str) -> None:
        from llmspell_engine.tools.python import NAME

        for name in (made.name, *made.aliases):
            if not re.match(NAME, name):
                raise PythonToolError(
                    f"{where}: '{name}' cannot name a tool; use letters, digits, '_' and '-', at most 64"
                )
            if name in self._tools or name in self._aliases or load().tool(name) is not None:
                raise PythonToolError(f"{where}: there is a tool '{name}' already; choose another name")
        self._tools[made.name] = made
        self._aliases.update(dict.fromkeys(made.aliases, made.name))


def describe(tool: Tool[Any]) -> DescribedTool:
    """A tool as the catalog describes it; its schemas stand by themselves."""
    from pydantic import TypeAdapter
    from pydantic.errors import PydanticUserError

    try:
        returns = TypeAdapter(tool.returns).json_schema(mode="serialization")
    except PydanticUserError:
        returns = {}
    return DescribedTool(
        name=tool.name,
        doc=tool.description,
        category=tool.category,
        security=tool.security,
        parameters=_untitled(tool.Parameters.model_json_schema()),
        returns=returns,
        aliases=tuple(tool.aliases),
    )


def _module(file: Path) -> ModuleType:
    """A file as a module. Raises PythonToolError with the file and the line where it fails."""
    if not file.is_file():
        raise PythonToolError(f"{file}: there is no such file of tools; see 'modules' in [tools]")
    name = f"llmspell_tools_of_{re.sub(r'[^A-Za-z0-9_]', '_', str(file.resolve()))}"
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise PythonToolError(f"{file}: is no Python file; tools are written in files that end with .py")
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        del sys.modules[name]
        raise PythonToolError(f"{error.filename}:{error.lineno}: {error.msg}") from None
    except Exception as error:
        del sys.modules[name]
        frames = [one for one in traceback.extract_tb(error.__traceback__) if one.filename == str(file)]
        line = f":{frames[-1].lineno}" if frames else ""
        raise PythonToolError(f"{file}{line}: {type(error).__name__}: {error}") from error
    return module


def _tools_of(given: Any, where: str) -> list[Tool[Any]]:
    """What a module, a class or a function offers. Raises PythonToolError."""
    offered = list(_offered(given)) if isinstance(given, ModuleType) else [given]
    if not offered:
        raise PythonToolError(f"{where}: has no tools; mark functions with @tool, or list them in TOOLS")
    return [_made(one, where) for one in offered]


def _offered(module: ModuleType) -> Iterator[Any]:
    listed = getattr(module, "TOOLS", None)
    if listed is not None:
        yield from listed
        return
    from llmspell_engine.tools.python import facts_of

    own = [one for one in vars(module).values() if getattr(one, "__module__", None) == module.__name__]
    marked = [one for one in own if _is_tool_class(one) or facts_of(one)]
    yield from marked or (one for one in own if _is_public_function(one))


def _made(offered: Any, where: str) -> Tool[Any]:
    if isinstance(offered, Tool):
        return offered
    if _is_tool_class(offered):
        made: Tool[Any] = offered()
        return made
    if inspect.isfunction(offered):
        from llmspell_engine.tools.python import tool_of

        return tool_of(offered)
    raise PythonToolError(f"{where}: {offered!r} is neither a function nor a class made of Tool")


def _is_tool_class(given: Any) -> bool:
    return inspect.isclass(given) and issubclass(given, Tool) and not inspect.isabstract(given)


def _is_public_function(given: Any) -> bool:
    return inspect.isfunction(given) and not given.__name__.startswith("_") and bool(given.__doc__)


def _untitled(schema: Any) -> Any:
    """A schema without the titles that are only names of fields and classes."""
    if isinstance(schema, dict):
        return {
            key: _untitled(one)
            for key, one in schema.items()
            if not (key == "title" and isinstance(one, str))
        }
    return [_untitled(one) for one in schema] if isinstance(schema, list) else schema
