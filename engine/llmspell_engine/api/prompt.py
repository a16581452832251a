"""Prompt templates with names."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from llmspell_engine.api.declare import Global, Handle, Options, Result, complete, example, names

PromptName = Annotated[str, Field(min_length=1, max_length=128), complete("prompt")]
GivenPromptName = Annotated[str, Field(pattern=r"^[^\s{}]{1,128}$"), names("prompt")]
Variables = Mapping[str, Any]


class PromptOptions(Options):
    """A template. One of `text` and `file` is given."""

    text: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="The template, with `{{ variables }}`."
    )
    file: Annotated[str, Field(min_length=1), complete("path")] | None = Field(
        None, description="The file that holds the template; in the folder that tools may read."
    )
    description: str | None = Field(None, description="What the prompt is for.")
    variables: Variables = Field({}, description="Values of the variables that are not given in time.")


class PromptInfo(Result):
    """A template in a list."""

    name: str = Field(description="The template's name.")
    description: str | None = Field(None, description="What the prompt is for.")
    variables: list[str] = Field(description="The variables that the template reads.")


class PromptTemplate(Handle):
    """A prompt template with a name."""

    name: Annotated[str, Field(description="The template's name.")]
    text: Annotated[str, Field(description="The template as it was written.")]
    description: Annotated[str | None, Field(description="What the prompt is for.")]
    variables: Annotated[Sequence[str], Field(description="The variables that the template reads.")]

    @abstractmethod
    @example(
        lua='local text = template:render({ files = { "main.lua" } })',
        javascript='const text = template.render({ files: ["main.js"] });',
    )
    def render(self, variables: Variables | None = None) -> str:
        """The text with its variables put in. A variable that is missing is an error.

        Args:
            variables: their names and values; they win over those of the template.
        """


class Prompt(Global):
    """Prompt templates by name: the script's own and those of the configuration."""

    name = "Prompt"

    @abstractmethod
    @example(
        lua='Prompt.register("greeting", "Greet {{ name | title }}.")\n'
        'print(Prompt.render("greeting", { name = "ada" }))',
        javascript='Prompt.register("greeting", "Greet {{ name | title }}.");\n'
        'console.log(Prompt.render("greeting", { name: "ada" }));',
    )
    def register(self, name: GivenPromptName, template: PromptOptions | str) -> PromptTemplate:
        """Keep a template under a name, in place of the one that had it in this run.

        Args:
            name: the template's name, a single word.
            template: its text, or a table with its text or file.
        """

    @abstractmethod
    def get(self, name: PromptName) -> PromptTemplate | None:
        """The template of a name, or nothing.

        Args:
            name: the template's name.
        """

    @abstractmethod
    def list(self) -> Sequence[PromptInfo]:
        """All templates, in alphabetical order."""

    @abstractmethod
    def render(
        self,
        name_or_text: Annotated[str, Field(min_length=1), complete("prompt")],
        variables: Variables | None = None,
    ) -> str:
        """A template with its variables put in. A variable that is missing is an error.

        Args:
            name_or_text: the template's name; what is not a single word is a template itself.
            variables: the names and values of its variables.
        """
