"""The global ``Tool``: what a script can have done by name."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from llmspell_engine.api.declare import Global, Waiting, example, member
from llmspell_engine.api.tool_handle import Category, Parameters, Security, ToolHandle, ToolName
from llmspell_engine.api.tool_making import (
    BatchOptions,
    ChainOptions,
    ComposeOptions,
    Step,
    ToolCall,
    ToolOptions,
    ToolStep,
    ToolWork,
)
from llmspell_engine.api.tool_results import (
    ToolCallOptions,
    ToolFailure,
    ToolFilter,
    ToolInfo,
    ToolParameter,
    ToolResult,
    ToolSchema,
)

__all__ = [
    "BatchOptions",
    "Category",
    "ChainOptions",
    "ComposeOptions",
    "Parameters",
    "Security",
    "Step",
    "Tool",
    "ToolCall",
    "ToolCallOptions",
    "ToolFailure",
    "ToolFilter",
    "ToolHandle",
    "ToolInfo",
    "ToolName",
    "ToolOptions",
    "ToolParameter",
    "ToolResult",
    "ToolSchema",
    "ToolStep",
    "ToolWork",
]


class Tool(Global):
    """The tools that scripts can run. `Tool["calculator"]` is the handle of a tool, like `Tool.get`."""

    name = "Tool"

    @abstractmethod
    def list(self) -> Sequence[ToolInfo]:
        """All tools, ordered by name."""

    @abstractmethod
    def get(self, name: ToolName) -> ToolHandle | None:
        """The tool of a name, or nothing.

        Args:
            name: the tool's name.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local sum = Tool.execute("calculator", { input = "1 + 2" })\nprint(sum.text)',
        javascript='const sum = Tool.execute("calculator", { input: "1 + 2" });\nconsole.log(sum.text);',
    )
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
    def exists(self, name: ToolName) -> bool:
        """Whether there is a tool of a name.

        Args:
            name: the tool's name.
        """

    @abstractmethod
    def categories(self) -> Sequence[str]:
        """The categories that have tools, in alphabetical order."""

    @abstractmethod
    @example(
        lua='local tools = Tool.discover({ category = "utility" })',
        javascript='const tools = Tool.discover({ category: "utility" });',
    )
    def discover(self, conditions: ToolFilter | None = None) -> Sequence[ToolInfo]:
        """The tools that meet some conditions; all without any.

        Args:
            conditions: what the tools must meet.
        """

    @abstractmethod
    def search(self, query: str) -> Sequence[ToolInfo]:
        """The tools that are about some words, the best first.

        Args:
            query: the words; each must be in a tool's name, description or parameters.
        """

    @abstractmethod
    def get_info(self, name: ToolName) -> ToolInfo | None:
        """What a list tells of a tool, or nothing.

        Args:
            name: the tool's name.
        """

    @abstractmethod
    def get_schema(self, name: ToolName) -> ToolSchema | None:
        """What a tool takes, or nothing.

        Args:
            name: the tool's name.
        """

    @abstractmethod
    @example(
        lua='local add = Tool.register({\n  name = "add",\n  description = "Adds two numbers.",\n'
        '  parameters = {\n    properties = { a = { type = "number" }, b = { type = "number" } },\n'
        '    required = { "a", "b" },\n  },\n  handler = function(given) return given.a + given.b end,\n})\n'
        'print(Tool.execute("add", { a = 1, b = 2 }).result)',
        javascript='const add = Tool.register({\n  name: "add",\n  description: "Adds two numbers.",\n'
        '  parameters: {\n    properties: { a: { type: "number" }, b: { type: "number" } },\n'
        '    required: ["a", "b"],\n  },\n  handler: (given) => given.a + given.b,\n});\n'
        'console.log((await Tool.execute("add", { a: 1, b: 2 })).result);',
    )
    def register(self, tool: ToolOptions | ToolHandle) -> ToolHandle:
        """Make a tool of a function known by its name: to this script, and to its agents.

        Args:
            tool: what it does, or a tool that was unregistered or made without being known.
        """

    @abstractmethod
    def create(self, options: ToolOptions) -> ToolHandle:
        """Make a tool of a function, and make it known, as `Tool.register` does.

        Args:
            options: what it does.
        """

    @abstractmethod
    def unregister(self, name: ToolName) -> bool:
        """Forget a tool that the script has made; the result is whether there was one.

        Args:
            name: the tool's name.
        """

    @abstractmethod
    @example(
        lua="local shout = Tool.chain({\n"
        '  { tool = "text-manipulator", parameters = { operation = "uppercase" } },\n'
        '  { tool = "base64-encoder", parameters = { operation = "encode" } },\n})\n'
        'print(shout:execute({ input = "hi" }).text)',
        javascript="const shout = Tool.chain([\n"
        '  { tool: "text-manipulator", parameters: { operation: "uppercase" } },\n'
        '  { tool: "base64-encoder", parameters: { operation: "encode" } },\n]);\n'
        'console.log((await shout.execute({ input: "hi" })).text);',
    )
    def chain(self, steps: Sequence[Step], options: ChainOptions | None = None) -> ToolHandle:
        """Make a tool that runs tools one after the other, each with what the one before gave.

        Args:
            steps: the tools.
            options: how it is known.
        """

    @abstractmethod
    @example(
        lua='local both = Tool.compose({\n  name = "digests",\n  mode = "parallel",\n  steps = {\n'
        '    { tool = "hash-calculator", name = "sha", parameters = { operation = "hash" } },\n'
        '    { tool = "base64-encoder", name = "base64", parameters = { operation = "encode" } },\n  },\n})\n'
        'print(both:execute({ input = "hi" }).result.base64.output)',
        javascript='const both = Tool.compose({\n  name: "digests",\n  mode: "parallel",\n  steps: [\n'
        '    { tool: "hash-calculator", name: "sha", parameters: { operation: "hash" } },\n'
        '    { tool: "base64-encoder", name: "base64", parameters: { operation: "encode" } },\n  ],\n});\n'
        'console.log((await both.execute({ input: "hi" })).result.base64.output);',
    )
    def compose(self, options: ComposeOptions) -> ToolHandle:
        """Make a tool of tools: one after the other, side by side, or the first that succeeds.

        Args:
            options: the tools, and how they work together.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local done = Tool.batch({\n  { tool = "calculator", parameters = { input = "1 + 1" } },\n'
        '  { tool = "calculator", parameters = { input = "2 + 2" } },\n})\nprint(done[1].text, done[2].text)',
        javascript="const done = await Tool.batch([\n"
        '  { tool: "calculator", parameters: { input: "1 + 1" } },\n'
        '  { tool: "calculator", parameters: { input: "2 + 2" } },\n]);\n'
        "console.log(done[0].text, done[1].text);",
    )
    def batch(
        self, calls: Sequence[ToolCall], options: BatchOptions | None = None
    ) -> Waiting[Sequence[ToolResult]]:
        """Run several calls at the same time; the results in the order of the calls, failures among them.

        Args:
            calls: the calls.
            options: how many run at the same time.
        """

    @member(deprecated="Tool.execute", waits=True)
    def invoke(self, name: ToolName, parameters: Parameters) -> Waiting[ToolResult]:
        """Run a tool and wait for its result.

        Args:
            name: the tool's name.
            parameters: the tool's parameters.
        """
        return self.execute(name, parameters)

    @abstractmethod
    @member(name="executeAsync", deprecated="Tool.execute", waits=True)
    def execute_async(self, name: ToolName, parameters: Parameters) -> Waiting[ToolResult]:
        """Run a tool and wait for its result, the `text` of which is the whole of it as JSON.

        Args:
            name: the tool's name.
            parameters: the tool's parameters.
        """
