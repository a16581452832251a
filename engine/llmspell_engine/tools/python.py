"""Tools that users write in Python: functions whose type hints say what they take.

``@tool`` marks a function, or gives it facts that its signature does not tell. What it takes is checked
before it is called, by the rules of JSON: a number is no text, but a text is a date where a date is asked
for. A parameter of the type ``ToolContext`` gets what the run may touch, and is none of the tool's.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar, get_type_hints, overload

from pydantic import Field, ValidationError, create_model
from pydantic.errors import PydanticUserError
from pydantic_core import PydanticSerializationError, PydanticUndefined, to_json, to_jsonable_python

from llmspell_engine.api.docstrings import documentation
from llmspell_engine.api.faults import sentence
from llmspell_engine.api.fitting import fitted
from llmspell_engine.api.validation import ArgumentError
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.custom_results import outcome_of
from llmspell_engine.tools.error import PythonToolError
from llmspell_engine.tools.parameters import PlainParameters

if TYPE_CHECKING:
    from llmspell_engine.api.tool import Category, Security
    from llmspell_engine.tools.requirements import Requirement

Function = TypeVar("Function", bound=Callable[..., Any])
NAME = r"^[A-Za-z0-9_-]{1,64}$"
"""What a tool may be called; models take no other names."""


@dataclass(frozen=True, slots=True)
class ToolFacts:
    """What ``@tool`` says of a function beyond its signature."""

    name: str | None = None
    description: str | None = None
    category: Category = "custom"
    security: Security = "safe"
    aliases: tuple[str, ...] = ()
    requires: tuple[Requirement, ...] = ()
    blocks: bool = True


@overload
def tool(function: Function, /) -> Function: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    category: Category = "custom",
    security: Security = "safe",
    aliases: tuple[str, ...] = (),
    requires: tuple[Requirement, ...] = (),
    blocks: bool = True,
) -> Callable[[Function], Function]: ...


def tool(function: Any = None, /, **facts: Any) -> Any:
    """Mark a function as a tool.

    ``name`` is the function's with ``-`` for ``_`` where not given, ``description`` the first sentence of its
    docstring. A function that is not async runs on a worker thread, or at once with ``blocks=False``.
    """

    def mark(marked: Function) -> Function:
        marked.__llmspell_tool__ = ToolFacts(**facts)  # type: ignore[attr-defined]
        return marked

    return mark if function is None else mark(function)


def facts_of(function: Any) -> ToolFacts | None:
    """What ``@tool`` said of a function; None for one that it does not mark."""
    found = getattr(function, "__llmspell_tool__", None)
    return found if isinstance(found, ToolFacts) else None


class FunctionTool(Tool[PlainParameters]):
    """A function as a tool."""

    function: ClassVar[Callable[..., Any]]
    takes: ClassVar[Mapping[str, str]]
    """The function's parameters, by the fields of the model."""
    takes_context: ClassVar[str | None]
    """The parameter that gets the context."""

    def parameters_of(self, given: Mapping[str, Any], context: ToolContext) -> PlainParameters:
        """See the base class."""
        try:
            data = to_json(fitted(self.Parameters, given), inf_nan_mode="constants")
            return self.Parameters.model_validate_json(data, strict=True)
        except PydanticSerializationError as error:
            raise ArgumentError(f"{self.name}: {error}") from None
        except ValidationError as error:
            told = sentence(error, self.Parameters, (), context.language)
            raise ArgumentError(f"{self.name}: {told}") from None

    def arguments(self, parameters: PlainParameters, context: ToolContext) -> dict[str, Any]:
        """What the function is called with."""
        named = {name: getattr(parameters, field) for field, name in self.takes.items()}
        return {**named, self.takes_context: context} if self.takes_context else named

    def told(self, error: Exception) -> ToolError:
        """An error of the function, with its place."""
        file = inspect.getfile(self.function)
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
        place = f" ({file}:{frames[-1].lineno})" if frames else ""
        return ToolError(f"{type(error).__name__}: {error}{place}")

    def outcome(self, value: Any) -> Outcome:
        """What the function gave, as data that scripts and models can hold."""
        if isinstance(value, Outcome):
            return value
        try:
            return outcome_of(self.name, to_jsonable_python(value))
        except PydanticSerializationError as error:
            raise ToolError(f"it gave what no script can hold: {error}", code="invalid_result") from None


class _Plain(FunctionTool):
    def run(self, parameters: PlainParameters, context: ToolContext) -> Outcome:
        try:
            value = self.function(**self.arguments(parameters, context))
        except Exception as error:
            if _passes(error):
                raise
            raise self.told(error) from error
        return self.outcome(value)


class _Async(FunctionTool):
    async def run(self, parameters: PlainParameters, context: ToolContext) -> Outcome:
        try:
            value = await self.function(**self.arguments(parameters, context))
        except Exception as error:
            if _passes(error):
                raise
            raise self.told(error) from error
        return self.outcome(value)


def tool_of(function: Callable[..., Any]) -> Tool[Any]:
    """The tool that a function makes. Raises PythonToolError where its signature does not say enough."""
    facts = facts_of(function) or ToolFacts()
    where = _place(function)
    name = facts.name or function.__name__.strip("_").replace("_", "-")
    told = documentation(function.__doc__)
    description = facts.description or told.text.partition("\n\n")[0]
    if not description:
        raise PythonToolError(f"{where}: '{function.__name__}' has no docstring; say what the tool does")
    hints = _hints(function, where)
    takes: dict[str, str] = {}
    fields: dict[str, Any] = {}
    context: str | None = None
    for parameter in inspect.signature(function).parameters.values():
        hint = hints.get(parameter.name, PydanticUndefined)
        if hint is ToolContext:
            context = parameter.name
            continue
        _check_parameter(function, parameter, hint, where)
        field = parameter.name + "_" if hasattr(PlainParameters, parameter.name) else parameter.name
        takes[field] = parameter.name
        fields[field] = _field(parameter, hint, told.parameters.get(parameter.name, ""))
    namespace = {
        "__doc__": description,
        "__module__": function.__module__,
        "name": name,
        "category": facts.category,
        "security": facts.security,
        "aliases": facts.aliases,
        "requires": facts.requires,
        "blocks": facts.blocks and not inspect.iscoroutinefunction(function),
        "Parameters": _model(function, fields, where),
        "returns": hints.get("return", Any),
        "function": staticmethod(function),
        "takes": takes,
        "takes_context": context,
    }
    base = _Async if inspect.iscoroutinefunction(function) else _Plain
    made: Tool[Any] = type(function.__name__, (base,), namespace)()
    return made


def _hints(function: Callable[..., Any], where: str) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError) as error:
        raise PythonToolError(
            f"{where}: the type hints of '{function.__name__}' cannot be read: {error}"
        ) from None


def _check_parameter(function: Any, parameter: inspect.Parameter, hint: Any, where: str) -> None:
    of = f"'{parameter.name}' of '{function.__name__}'"
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
        raise PythonToolError(f"{where}: {of} has no name to be given by; a tool takes named parameters only")
    if hint is PydanticUndefined:
        raise PythonToolError(f"{where}: {of} has no type hint; write it as `{parameter.name}: str`")


def _field(parameter: inspect.Parameter, hint: Any, description: str) -> Any:
    facts: dict[str, Any] = {"description": description} if description else {}
    if hasattr(PlainParameters, parameter.name):
        facts["alias"] = parameter.name
    annotated = Annotated[hint, Field(**facts)] if facts else hint
    return annotated, ... if parameter.default is parameter.empty else parameter.default


def _model(function: Callable[..., Any], fields: dict[str, Any], where: str) -> type[PlainParameters]:
    """The model of what the function takes. A type without a form in JSON is told here, not in a call."""
    title = "".join(word.capitalize() for word in function.__name__.split("_")) + "Parameters"
    try:
        model = create_model(title, __base__=PlainParameters, **fields)
        model.model_json_schema()
    except (PydanticUserError, TypeError, ValueError) as error:
        told = str(error).partition("\n")[0]
        raise PythonToolError(
            f"{where}: '{function.__name__}' takes what cannot be given as JSON: {told}"
        ) from None
    return model


def _passes(error: Exception) -> bool:
    """Whether an error is told as it is: it says itself what to do."""
    from llmspell_engine.security.permissions import SecurityError

    return isinstance(error, ToolError | ArgumentError | SecurityError)


def _place(function: Callable[..., Any]) -> str:
    code = inspect.unwrap(function).__code__
    return f"{code.co_filename}:{code.co_firstlineno}"
