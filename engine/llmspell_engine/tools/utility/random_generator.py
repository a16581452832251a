"""Values by chance: from the system's source, or the same ones each time from a seed."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.parameters import Needs, ToolParameters

Operation = Literal["integer", "float", "boolean", "string", "password", "bytes", "choice", "shuffle"]
Charset = Literal["alphanumeric", "letters", "digits", "hex", "printable"]
_CHARSETS: dict[Charset, str] = {
    "alphanumeric": string.ascii_letters + string.digits,
    "letters": string.ascii_letters,
    "digits": string.digits,
    "hex": "0123456789abcdef",
    "printable": string.ascii_letters + string.digits + string.punctuation,
}
_KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!#$%&*+-=?@_")
"""What a password has at least one sign of each of; none that looks like another is left out."""
_WHOLE = 2**53


class RandomParameters(ToolParameters):
    """What is wanted, and how many."""

    needs: ClassVar[Needs] = dict.fromkeys(("choice", "shuffle"), ("items",))

    operation: Operation = Field("integer", description="What to draw.")
    min: Annotated[float, Field(ge=-_WHOLE, le=_WHOLE)] = Field(0, description="The least number.")
    max: Annotated[float, Field(ge=-_WHOLE, le=_WHOLE)] = Field(100, description="The greatest number.")
    length: Annotated[int, Field(ge=1, le=10_000)] = Field(
        16, description="The length of a text, or how many bytes."
    )
    charset: Charset = Field("alphanumeric", description="`string`: the signs to draw from.")
    items: Annotated[list[Any], Field(min_length=1)] | None = Field(
        None, description="`choice`, `shuffle`: what to draw from."
    )
    count: Annotated[int, Field(ge=1, le=10_000)] = Field(1, description="How many to draw.")
    unique: bool = Field(False, description="`choice`: whether nothing is drawn twice.")
    seed: int | None = Field(
        None, description="A number that always leads to the same values, which are no secret then."
    )


class RandomValues(Result):
    """What was drawn."""

    value: Any = Field(None, description="The first value.")
    values: list[Any] = Field(description="All values.")
    seeded: bool = Field(description="Whether the same ones come each time.")


class RandomGenerator(Tool[RandomParameters]):
    """Draws numbers, texts, passwords and choices by chance."""

    name = "random-generator"
    category = "utility"
    aliases = ("random_generator",)
    Parameters = RandomParameters
    returns = RandomValues

    def run(self, parameters: RandomParameters, context: ToolContext) -> Outcome:
        """Draw."""
        source = random.SystemRandom() if parameters.seed is None else random.Random(parameters.seed)  # noqa: S311
        values = _drawn(source, parameters)
        result = RandomValues(value=values[0], values=values, seeded=parameters.seed is not None)
        text = "\n".join(map(_shown, values))
        return Outcome(parameters.operation, result, text, f"Drew {counted(len(values), 'value')}")


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _drawn(source: random.Random, parameters: RandomParameters) -> list[Any]:
    items = parameters.items or []
    if parameters.operation == "shuffle":
        return source.sample(items, len(items))
    if parameters.operation == "choice" and parameters.unique:
        if parameters.count > len(items):
            raise ToolError(
                f"{parameters.count} of {counted(len(items), 'item')} cannot be drawn without one twice",
                code="invalid_input",
            )
        return source.sample(items, parameters.count)
    return [_DRAWS[parameters.operation](source, parameters) for _ in range(parameters.count)]


def _integer(source: random.Random, parameters: RandomParameters) -> int:
    least, greatest = -(-parameters.min // 1), parameters.max // 1
    if least > greatest:
        raise ToolError(
            f"there is no whole number from {parameters.min:g} to {parameters.max:g}", code="invalid_input"
        )
    return source.randint(int(least), int(greatest))


def _float(source: random.Random, parameters: RandomParameters) -> float:
    if parameters.min > parameters.max:
        raise ToolError(f"'min' is {parameters.min:g}, above 'max'", code="invalid_input")
    return source.uniform(parameters.min, parameters.max)


def _string(source: random.Random, parameters: RandomParameters) -> str:
    return "".join(source.choices(_CHARSETS[parameters.charset], k=parameters.length))


def _password(source: random.Random, parameters: RandomParameters) -> str:
    if parameters.length < 8:
        raise ToolError("a password has a 'length' of at least 8", code="invalid_input")
    signs = [source.choice(kind) for kind in _KINDS]
    signs += source.choices("".join(_KINDS), k=parameters.length - len(signs))
    source.shuffle(signs)
    return "".join(signs)


_DRAWS: dict[Operation, Callable[[random.Random, RandomParameters], Any]] = {
    "integer": _integer,
    "float": _float,
    "boolean": lambda source, _: source.random() < 0.5,
    "string": _string,
    "password": _password,
    "bytes": lambda source, parameters: source.randbytes(parameters.length).hex(),
    "choice": lambda source, parameters: source.choice(parameters.items or []),
}
