"""The names of the tools in the Python files of ``[tools]``, read without running them: for the linter.

What a file offers is told by the same rules as :mod:`~llmspell_engine.tools.python_modules` has, as far as it
is written out. A file that cannot be read offers nothing here; running a script tells what is wrong with it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from llmspell_engine.config import documents
from llmspell_engine.config.error import ConfigError

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def tool_names(paths: Iterable[Path]) -> frozenset[str]:
    """The names of the tools that the Python files of some configurations offer."""
    return frozenset(name for path in paths for file in _modules(path) for name in _names(file))


def names_in(text: str, definition: str = "") -> frozenset[str]:
    """The names of the tools that a Python file offers, or one function or class of it."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return frozenset()
    found = [one for one in tree.body if isinstance(one, Definition)]
    listed = _listed(tree)
    if definition:
        return frozenset(name for one in found if one.name == definition for name in _names_of(one))
    if listed is not None:
        offered = [one for one in found if one.name in listed]
    else:
        marked = [one for one in found if _is_tool_class(one) or _mark(one) is not None]
        offered = marked or [one for one in found if _is_public_function(one)]
    return frozenset(name for one in offered for name in _names_of(one))


def _modules(path: Path) -> list[Path]:
    try:
        tools = documents.read(path).values.get("tools")
    except (ConfigError, OSError):
        return []
    modules = tools.get("modules") if isinstance(tools, Mapping) else None
    named = modules if isinstance(modules, list) else []
    return [path.absolute().parent / one for one in named if isinstance(one, str)]


def _names(file: Path) -> frozenset[str]:
    try:
        stamp = file.stat()
        return _names_at(file, stamp.st_mtime_ns, stamp.st_size)
    except (OSError, UnicodeDecodeError):
        return frozenset()


@lru_cache(maxsize=64)
def _names_at(file: Path, _modified: int, _size: int) -> frozenset[str]:
    return names_in(file.read_text("utf-8"))


def _listed(tree: ast.Module) -> set[str] | None:
    """The names in ``TOOLS``; None where there is no such list."""
    for one in tree.body:
        if isinstance(one, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "TOOLS" for target in one.targets
        ):
            return {node.id for node in ast.walk(one.value) if isinstance(node, ast.Name)}
    return None


def _names_of(one: Definition) -> Iterator[str]:
    if isinstance(one, ast.ClassDef):
        values = {
            target.id: statement.value
            for statement in one.body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
    else:
        mark = _mark(one)
        keywords = mark.keywords if isinstance(mark, ast.Call) else []
        values = {keyword.arg: keyword.value for keyword in keywords if keyword.arg}
        if "name" not in values:
            yield one.name.strip("_").replace("_", "-")
    for key in ("name", "aliases"):
        if key in values:
            yield from _texts(values[key])


def _texts(value: ast.expr) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _mark(one: Definition) -> ast.expr | None:
    """The decorator ``@tool`` or ``@tool(...)`` of a function."""
    if isinstance(one, ast.ClassDef):
        return None
    return next((mark for mark in one.decorator_list if _last_name(mark) == "tool"), None)


def _is_tool_class(one: Definition) -> bool:
    return isinstance(one, ast.ClassDef) and any(_last_name(base) == "Tool" for base in one.bases)


def _is_public_function(one: Definition) -> bool:
    return (
        not isinstance(one, ast.ClassDef)
        and not one.name.startswith("_")
        and ast.get_docstring(one) is not None
    )


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    if isinstance(node, ast.Subscript):
        return _last_name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None
