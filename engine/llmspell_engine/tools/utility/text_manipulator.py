"""Text transformations. Lengths and places count characters, from 0."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Options, Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.parameters import Needs, ToolParameters

Operation = Literal[
    "uppercase", "lowercase", "reverse", "trim", "replace", "substring", "split", "join", "snake_case",
    "camel_case", "pascal_case", "sanitize", "truncate", "indent", "dedent", "normalize_whitespace",
    "word_wrap", "count",
]  # fmt: skip
Count = Annotated[int, Field(ge=0)]
Counted = Literal["words", "lines", "chars", "characters"]


class TextOptions(Options):
    """Settings of single operations."""

    from_: Annotated[str, Field(min_length=1)] | None = Field(
        None, alias="from", description="`replace`: the text to look for."
    )
    to: str | None = Field(None, description="`replace`: the text to put in its place.")
    start: Count = Field(0, description="`substring`: the first character, from 0.")
    end: Count | None = Field(None, description="`substring`: the character behind the last one.")
    delimiter: Annotated[str, Field(min_length=1)] | None = Field(
        None,
        description="`split`: what separates the parts (a comma); `join`: what to put between (a blank).",
    )
    max_length: Annotated[int, Field(ge=1)] = Field(
        100, description="`truncate`: the longest text, with the three dots behind it."
    )
    spaces: Annotated[int, Field(ge=0, le=100)] = Field(4, description="`indent`: blanks before each line.")
    width: Annotated[int, Field(ge=1)] = Field(80, description="`word_wrap`: the longest line.")


class TextParameters(ToolParameters):
    """What is done to a text."""

    needs: ClassVar[Needs] = {"replace": ("options",)}
    older_names: ClassVar[dict[str, str]] = {"text": "input"}

    input: str = Field(description="The text.")
    operation: Operation = Field(description="What to do with it.")
    options: TextOptions | None = Field(None, description="Settings of the operation.")
    count_type: Counted = Field("words", description="`count`: what to count.")


class ChangedText(Result):
    """A text that was transformed."""

    result: str | list[str] = Field(description="The new text; a list of texts after `split`.")
    operation: Operation = Field(description="What was done.")
    original_length: int = Field(description="The length of the text before, in characters.")
    result_length: int = Field(description="The length of the new text in characters, or of the list.")


class TextManipulator(Tool[TextParameters]):
    """Transforms text: letter case, parts, white space, lines."""

    name = "text-manipulator"
    category = "utility"
    aliases = ("text_manipulator",)
    Parameters = TextParameters
    returns = ChangedText

    def run(self, parameters: TextParameters, context: ToolContext) -> Outcome:
        """Transform the text."""
        options = parameters.options or TextOptions()
        if parameters.operation == "count":
            changed: str | list[str] = _count(parameters.input, parameters.count_type)
        else:
            changed = _OPERATIONS[parameters.operation](parameters.input, options)
        result = ChangedText(
            result=changed,
            operation=parameters.operation,
            original_length=len(parameters.input),
            result_length=len(changed),
        )
        text = changed if isinstance(changed, str) else "\n".join(changed)
        return Outcome(parameters.operation, result, text, f"Applied {parameters.operation}")


def _replace(text: str, options: TextOptions) -> str:
    if options.from_ is None or options.to is None:
        raise ToolError("'options.from' and 'options.to' are needed to replace", code="invalid_input")
    return text.replace(options.from_, options.to)


def _truncate(text: str, options: TextOptions) -> str:
    dots = "..."
    if len(text) <= options.max_length:
        return text
    if options.max_length <= len(dots):
        return text[: options.max_length]
    return text[: options.max_length - len(dots)] + dots


def _split(text: str, options: TextOptions) -> list[str]:
    return text.split(options.delimiter or ",")


def _join(text: str, options: TextOptions) -> str:
    delimiter = " " if options.delimiter is None else options.delimiter
    return delimiter.join(text.splitlines())


def _words(text: str) -> list[str]:
    """The words of a text or a name, in small letters: ``HTTPServer error`` is http, server, error."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return [word.lower() for word in re.split(r"[\W_]+", spaced) if word]


def _camel_case(text: str) -> str:
    first, *rest = _words(text) or [""]
    return first + "".join(word.capitalize() for word in rest)


def _sanitize(text: str) -> str:
    """The text without control characters, apart from line ends and tabs."""
    return "".join(sign for sign in text if sign in "\n\t" or sign.isprintable())


def _count(text: str, counted: Counted) -> str:
    match counted:
        case "words":
            return str(len(text.split()))
        case "lines":
            return str(len(text.splitlines()))
        case _:
            return str(len(text))


def _word_wrap(text: str, options: TextOptions) -> str:
    return "\n".join(textwrap.fill(line, options.width) for line in text.split("\n"))


_OPERATIONS: dict[Operation, Callable[[str, TextOptions], str | list[str]]] = {
    "uppercase": lambda text, _: text.upper(),
    "lowercase": lambda text, _: text.lower(),
    "reverse": lambda text, _: text[::-1],
    "trim": lambda text, _: text.strip(),
    "replace": _replace,
    "substring": lambda text, options: text[options.start : options.end],
    "split": _split,
    "join": _join,
    "snake_case": lambda text, _: "_".join(_words(text)),
    "camel_case": lambda text, _: _camel_case(text),
    "pascal_case": lambda text, _: "".join(word.capitalize() for word in _words(text)),
    "sanitize": lambda text, _: _sanitize(text),
    "truncate": _truncate,
    "indent": lambda text, options: textwrap.indent(text, " " * options.spaces),
    "dedent": lambda text, _: textwrap.dedent(text),
    "normalize_whitespace": lambda text, _: " ".join(text.split()),
    "word_wrap": _word_wrap,
}
