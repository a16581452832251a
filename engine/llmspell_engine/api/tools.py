"""The global ``Tools``: the plural, which lists and makes tools."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from llmspell_engine.api.declare import Global, Waiting, example, member
from llmspell_engine.api.tool_handle import Category, Parameters, ToolHandle, ToolName
from llmspell_engine.api.tool_making import ChainOptions, GivenToolName, Step, ToolOptions, ToolWork
from llmspell_engine.api.tool_results import ToolCallOptions, ToolFilter, ToolInfo, ToolResult, ToolSchema


class Tools(Global):
    """Tools as a collection. What it finds and makes is what `Tool` finds and makes."""

    name = "Tools"

    @abstractmethod
    def list(self) -> Sequence[ToolInfo]:
        """All tools, ordered by name; those of the script last."""

    @abstractmethod
    def get(self, name: ToolName) -> ToolHandle | None:
        """The tool of a name, or nothing.

        Args:
            name: the tool's name.
        """

    @abstractmethod
    @member(waits=True)
    def execute(
        self, name: ToolName, parameters: Parameters, options: ToolCallOptions | None = None
    ) -> Waiting[ToolResult]:
        """Run a tool and wait for its result. An unknown tool or a wrong parameter is an error.

        Args:
            name: the tool's name.
            parameters: the tool's parameters.
            options: how long it may take.
        """

    @abstractmethod
    @example(
        lua='for _, tool in ipairs(Tools.search("base64")) do\n  print(tool.name)\nend',
        javascript='for (const tool of Tools.search("base64")) {\n  console.log(tool.name);\n}',
    )
    def search(self, query: str) -> Sequence[ToolInfo]:
        """The tools that are about some words, the best first.

        Args:
            query: the words; each must be in a tool's name, description or parameters.
        """

    @abstractmethod
    def get_by_category(self, category: Category) -> Sequence[ToolInfo]:
        """The tools of a category.

        Args:
            category: the field they work in.
        """

    @abstractmethod
    def discover(self, conditions: ToolFilter | None = None) -> Sequence[ToolInfo]:
        """The tools that meet some conditions; all without any.

        Args:
            conditions: what the tools must meet.
        """

    @abstractmethod
    def describe(self, name: ToolName) -> ToolSchema | None:
        """What a tool takes, or nothing.

        Args:
            name: the tool's name.
        """

    @abstractmethod
    @example(
        lua='local greet = Tools.create("greet", {\n  schema = {\n'
        '    properties = { name = { type = "string" } },\n    required = { "name" },\n  },\n'
        '  handler = function(given) return "Hello " .. given.name end,\n})\n'
        'print(greet:execute({ name = "Ada" }).text)',
        javascript='const greet = Tools.create("greet", {\n  schema: {\n'
        '    properties: { name: { type: "string" } },\n    required: ["name"],\n  },\n'
        "  handler: (given) => `Hello ${given.name}`,\n});\n"
        'console.log((await greet.execute({ name: "Ada" })).text);',
    )
    def create(self, name: GivenToolName | ToolOptions, work: ToolWork | None = None) -> ToolHandle:
        """Make a tool of a function, and make it known by its name.

        Args:
            name: what it is called, or what it does with its name.
            work: what it does, where only its name was given.
        """

    @abstractmethod
    def register(self, tool: ToolOptions | ToolHandle) -> ToolHandle:
        """Make a tool of a function known by its name: to this script, and to its agents.

        Args:
            tool: what it does, or a tool that was unregistered or made without being known.
        """

    @abstractmethod
    def unregister(self, name: ToolName) -> bool:
        """Forget a tool that the script has made; the result is whether there was one.

        Args:
            name: the tool's name.
        """

    @abstractmethod
    def create_pipeline(self, steps: Sequence[Step], options: ChainOptions | None = None) -> ToolHandle:
        """Make a tool that runs tools one after the other, each with what the one before gave.

        Args:
            steps: the tools.
            options: how it is known.
        """
