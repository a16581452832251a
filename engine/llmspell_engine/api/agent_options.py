"""What agents are made of and asked, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SecretStr

from llmspell_engine.api.declare import Options, Result, complete, names
from llmspell_engine.api.older import WithOlderNames
from llmspell_engine.api.output import OutputMetadata

AgentName = Annotated[str, Field(min_length=1, max_length=128), complete("agent")]
GivenName = Annotated[str, Field(min_length=1, max_length=128), names("agent")]
ProviderName = Annotated[str, Field(min_length=1), complete("provider")]
ModelName = Annotated[
    str, Field(min_length=1, description="`provider/model`, or a model."), complete("model")
]
ToolName = Annotated[str, Field(min_length=1), complete("tool")]
AgentKind = Literal["llm", "basic"]
AgentState = Literal["uninitialized", "ready", "running", "paused", "stopped", "destroyed"]
Capability = Annotated[str, Field(min_length=1, max_length=128)]
BaseURL = Annotated[str, Field(pattern="^https?://")]
Key = Annotated[SecretStr, Field(min_length=1)]
Temperature = Annotated[float, Field(ge=0, le=2)]
PositiveCount = Annotated[int, Field(ge=1)]
Schema = Mapping[str, Any]
"""A JSON Schema."""


class ResourceLimits(WithOlderNames):
    """Limits of one execution of an agent."""

    without_effect: ClassVar[tuple[str, ...]] = ("max_memory_mb", "max_recursion_depth")

    max_execution_time_secs: PositiveCount = Field(
        300, description="How long an execution may take, in seconds."
    )
    max_tool_calls: Annotated[int, Field(ge=0)] = Field(100, description="How many tool calls it may make.")


class AgentRetries(Options):
    """How often and how soon an agent asks its model again after an error that may pass."""

    attempts: Annotated[int, Field(ge=1, le=100)] = Field(
        3, description="How often a round is tried in all, beside what the provider's own settings do."
    )
    backoff_seconds: Annotated[float, Field(gt=0)] = Field(
        0.5, description="The longest wait before the second try; it doubles with each further one."
    )
    max_backoff_seconds: Annotated[float, Field(gt=0)] = Field(
        30.0, description="The longest wait before any try."
    )


class CustomConfig(Options):
    """Settings of an agent that older scripts give in a table of their own."""

    system_prompt: str | None = Field(None, description="What the model is told before each prompt.")
    max_conversation_length: PositiveCount | None = Field(None, description="How many turns are remembered.")


class ScriptTool(Options):
    """A function of the script that a model may call."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = Field(
        description="What the model calls it: letters, digits, `_` and `-`."
    )
    description: str = Field("", description="What it does, for the model.")
    parameters: Schema = Field(
        {"type": "object"}, description="A JSON Schema of the table that the function gets."
    )
    handler: Callable[[Mapping[str, Any]], Any] = Field(description="Gets the arguments; gives the result.")


class MediaInput(Options):
    """A picture, sound, film or document. One of `path`, `url` and `data` is given."""

    type: Literal["image", "audio", "video", "document"] = Field("image", description="What it is.")
    path: Annotated[str, Field(min_length=1), complete("path")] | None = Field(None, description="Its file.")
    url: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Where the provider may fetch it."
    )
    data: str | bytes | None = Field(None, description="Its bytes, or them in Base64.")
    media_type: str | None = Field(None, description="As `image/png`; told by the file's name otherwise.")


class AgentInput(WithOlderNames):
    """What an agent is asked."""

    older_names: ClassVar[dict[str, str]] = {"prompt": "text"}

    text: Annotated[str, Field(min_length=1)] = Field(
        description="The prompt; a template, if it has `{{ variables }}`."
    )
    parameters: Mapping[str, Any] = Field({}, description="The variables of prompt templates.")
    context: Mapping[str, Any] = Field({}, description="Facts that the model is told, also after a handoff.")
    capability: Capability | None = Field(
        None, description="What the agent that answers must be capable of, where one of several is chosen."
    )
    media: list[MediaInput] = Field([], description="Pictures, sounds and documents.")
    image: Annotated[str, Field(min_length=1), complete("path")] | None = Field(
        None, description="The file of one picture."
    )


Prompt = AgentInput | Annotated[str, Field(min_length=1)]


class ToolUse(Result):
    """A tool call that an agent made."""

    tool: str = Field(description="The tool's name.")
    arguments: dict[str, Any] = Field(description="What the model passed.")
    result: Any = Field(None, description="What came out; the error's text where it failed.")
    success: bool = Field(description="Whether it did what was asked.")
    duration_ms: float = Field(description="How long it took, in milliseconds.")


class ResultMedium(Result):
    """A picture, a sound or a document that a model made."""

    type: Literal["image", "audio", "video", "document"] = Field(description="What it is.")
    media_type: str = Field(description="As `image/png`.")
    data: bytes | None = Field(None, description="Its bytes.")
    url: str | None = Field(None, description="Where it is, if its bytes are not here.")


class AgentResult(Result):
    """What an agent answers. A failure is raised as an error."""

    text: str = Field(description="The answer.")
    success: bool = Field(True, description="Always true: a failure is raised.")
    response: str = Field(description="The answer, under the name that older scripts read.")
    content: str = Field(description="The answer, under another name that older scripts read.")
    data: Any = Field(None, description="The answer as a value, where a schema was asked for.")
    agent: str = Field(description="Who answered: another agent than the one asked, after a handoff.")
    path: list[str] = Field(description="All agents that took part, in order.")
    tool_calls: list[ToolUse] = Field(description="The tools that were called on the way.")
    media: list[ResultMedium] = Field([], description="Pictures, sounds and documents of the answer.")
    metadata: OutputMetadata = Field(description="The model, its tokens, its cost, and the time it took.")


class ConversationTurn(Result):
    """Something that was said."""

    role: Literal["system", "user", "assistant", "tool"] = Field(description="Who said it.")
    text: str = Field(description="What was said.")
