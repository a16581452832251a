"""Variables of the environment, as far as the security profile lets scripts read them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.security.errors import SecurityError
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.parameters import Needs, ToolParameters
from llmspell_engine.tools.requirements import Setting

Name = Annotated[str, Field(min_length=1, max_length=200)]
_SETTING = Setting("environment-reader", "allow_set", "changing variables of the environment")


class EnvironmentParameters(ToolParameters):
    """Which variables are wanted."""

    needs: ClassVar[Needs] = {
        "get": ("variable_name",),
        "pattern": ("pattern",),
        "set": ("variable_name", "value"),
    }

    operation: Literal["get", "list", "pattern", "set"] = Field(
        description="Read one, read all that may be read, read those of a pattern, or set one."
    )
    variable_name: Name | None = Field(
        None, description="The variable.", json_schema_extra={"x-example": "LANG"}
    )
    value: Annotated[str, Field(max_length=100_000)] | None = Field(None, description="`set`: its new value.")
    pattern: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="`pattern`: what the names look like.", json_schema_extra={"x-example": "LC_*"}
    )


class Variable(Result):
    """A variable."""

    variable_name: str = Field(description="The variable.")
    value: str | None = Field(None, description="Its value; absent where it is not set.")
    found: bool = Field(description="Whether it is set.")


class Variables(Result):
    """Several variables."""

    variables: dict[str, str] = Field(description="The values by name.")
    count: int = Field(description="How many there are.")
    pattern: str | None = Field(None, description="What the names were to look like.")


class ChangedVariable(Result):
    """A variable that was set."""

    variable_name: str = Field(description="The variable.")
    value: str = Field(description="Its new value.")
    success: bool = Field(description="Whether it was set.")


class EnvironmentReader(Tool[EnvironmentParameters]):
    """Reads variables of the environment that the security profile allows."""

    name = "environment-reader"
    category = "system"
    security = "restricted"
    aliases = ("environment_reader",)
    Parameters = EnvironmentParameters
    returns = Variable | Variables | ChangedVariable

    def run(self, parameters: EnvironmentParameters, context: ToolContext) -> Outcome:
        """Read, or set."""
        match parameters.operation:
            case "get":
                return _get(parameters.variable_name or "", context)
            case "set":
                return _set(parameters.variable_name or "", parameters.value or "", context)
            case _:
                return _list(parameters, context)


def _get(name: str, context: ToolContext) -> Outcome:
    value = context.permissions.variable(name)
    message = f"{name} is {'not ' if value is None else ''}set"
    result = Variable(variable_name=name, value=value, found=value is not None)
    return Outcome("get", result, value or "", message)


def _list(parameters: EnvironmentParameters, context: ToolContext) -> Outcome:
    pattern = parameters.pattern if parameters.operation == "pattern" else None
    found = {name: value for name, value in _readable(context) if fnmatchcase(name, pattern or "*")}
    text = "\n".join(f"{name}={value}" for name, value in found.items())
    result = Variables(variables=found, count=len(found), pattern=pattern)
    return Outcome(parameters.operation, result, text, f"Found {counted(len(found), 'variable')}")


def _readable(context: ToolContext) -> Iterator[tuple[str, str]]:
    """The variables that may be read, by name. Those that may not are not even told to be there."""
    for name in sorted(os.environ):
        try:
            value = context.permissions.variable(name)
        except SecurityError:
            continue
        if value is not None:
            yield name, value


def _set(name: str, value: str, context: ToolContext) -> Outcome:
    """Set a variable of this process and of what it starts, where the configuration allows that."""
    if _SETTING.value(context) is not True:
        raise ToolError(
            "scripts do not change the environment, which other scripts share: "
            "set 'allow_set = true' in [tools.settings.environment-reader] of the configuration",
            code=_SETTING.code,
        )
    context.permissions.variable(name)
    if "=" in name or "\0" in name + value:
        raise ToolError(f"'{name}' is no name of a variable, or its value holds NUL", code="invalid_input")
    os.environ[name] = value
    result = ChangedVariable(variable_name=name, value=value, success=True)
    return Outcome("set", result, value, f"Set {name}")
