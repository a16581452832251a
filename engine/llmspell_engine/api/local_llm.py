"""Models on this machine, served by Ollama."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import Global, Result, Waiting, example, member

Backend = Literal["ollama"]
ModelId = Annotated[
    str,
    Field(
        pattern=r"^[^\s@]+(@ollama)?$",
        description="A model of Ollama, as `llama3.2` or `qwen3:8b`; `@ollama` may follow.",
    ),
]


class LocalBackend(Result):
    """A server of local models."""

    running: bool = Field(description="Whether it answers.")
    ready: bool = Field(description="Whether it answers and has a model.")
    models: int = Field(description="How many models it has.")
    version: str | None = Field(None, description="Its version.")
    error: str | None = Field(None, description="Why it does not answer.")


class LocalStatus(Result):
    """The servers of local models."""

    ollama: LocalBackend = Field(description="Ollama.")


class LocalModel(Result):
    """A model that is there."""

    id: str = Field(description="Its name; `ollama/` before it names it to agents.")
    backend: str = Field(description="Who serves it.")
    size_bytes: int = Field(description="How large it is.")
    quantization: str | None = Field(None, description="How its numbers are stored, as `Q4_K_M`.")
    modified_at: str | None = Field(None, description="When it was changed.")


class LocalModelInfo(LocalModel):
    """What a model is."""

    format: str = Field(description="The format of its file, as `gguf`.")
    loaded: bool = Field(description="Whether it is in memory.")
    parameter_count: str | None = Field(None, description="How many parameters it has, as `8.0B`.")
    architecture: str | None = Field(None, description="Its family.")
    context_length: int | None = Field(None, description="The longest conversation, in tokens.")
    capabilities: list[str] = Field(description="What it can do, as `tools` and `vision`, where known.")


class PullProgress(Result):
    """How far a download is."""

    model_id: str = Field(description="The model.")
    status: str = Field(description="What the server is doing; `success` at the end.")
    percent_complete: float = Field(description="How much is there, from 0 to 100.")
    bytes_downloaded: int = Field(description="Bytes that are there.")
    bytes_total: int | None = Field(None, description="Bytes in all, as far as known.")


class LocalLLM(Global):
    """Looks after the models of a local Ollama server. Agents ask them as `ollama/NAME`."""

    name = "LocalLLM"

    @abstractmethod
    @member(waits=True)
    @example(
        lua="local ollama = LocalLLM.status().ollama\nprint(ollama.running, ollama.models)",
        javascript="const { ollama } = await LocalLLM.status();\nconsole.log(ollama.running, ollama.models);",
    )
    def status(self) -> Waiting[LocalStatus]:
        """Whether the server answers. That it does not is no error."""

    @abstractmethod
    @member(waits=True)
    def list(self, backend: Backend = "ollama") -> Waiting[Sequence[LocalModel]]:
        """The models that are there.

        Args:
            backend: who serves them.
        """

    @abstractmethod
    @member(waits=True)
    def info(self, model_id: ModelId) -> Waiting[LocalModelInfo]:
        """What a model is. One that is not there is an error.

        Args:
            model_id: the model.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua='LocalLLM.pull("llama3.2", function(progress)\n'
        "  print(progress.status, progress.percent_complete)\nend)",
        javascript='await LocalLLM.pull("llama3.2", (progress) => {\n'
        "  console.log(progress.status, progress.percentComplete);\n});",
    )
    def pull(
        self, model_id: ModelId, on_progress: Callable[[PullProgress], Any] | None = None
    ) -> Waiting[PullProgress]:
        """Download a model, or what it lacks to be whole.

        Args:
            model_id: the model.
            on_progress: is called as it goes on.
        """
