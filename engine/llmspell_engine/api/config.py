"""The configuration of the run, to be read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.agent_options import ProviderName
from llmspell_engine.api.declare import Global, Result, complete, example, member

SectionName = Literal[
    "run", "engine", "providers", "agents", "tools", "prompts", "security", "state", "events", "log", "lint"
]
KeyPath = Annotated[str, Field(min_length=1, description="Keys with dots between them: `run.max_calls`.")]


class ToolAccess(Result):
    """Which tools there are, and what they may touch."""

    root: str = Field(description="The only folder in which they read and write files.")
    disabled: list[str] = Field(description="The tools that scripts and agents do not find.")


class Config(Global):
    """What is configured for this run: by files, by the environment and by the command line.

    Nothing can be changed, and secrets read as `[secret]`.
    """

    name = "Config"

    @abstractmethod
    @example(
        lua='local limit = Config.get("run.max_calls", "none")\nprint(Config.get("log.level"), limit)',
        javascript='const limit = Config.get("run.max_calls", "none");\n'
        'console.log(Config.get("log.level"), limit);',
    )
    def get(self, path: KeyPath | None = None, default: Any = None) -> Any:
        """A value of the configuration, or all of it.

        Args:
            path: the keys that lead to the value; all where none is given.
            default: what to give where the value is not set.
        """

    @abstractmethod
    def get_section(self, name: SectionName) -> Mapping[str, Any]:
        """A section, with the defaults of what is not set.

        Args:
            name: the section's name.
        """

    @abstractmethod
    def get_provider(self, name: ProviderName) -> Mapping[str, Any] | None:
        """The settings of a provider, or nothing where none are set for it.

        Args:
            name: the provider's name.
        """

    @abstractmethod
    def list_providers(self) -> Sequence[str]:
        """The providers that scripts can name, in alphabetical order."""

    @abstractmethod
    def get_tools(self) -> ToolAccess:
        """Which tools this run does not have, and where the others may read and write files."""

    @abstractmethod
    def is_file_access_allowed(
        self, path: Annotated[str, Field(min_length=1), complete("path")] = "."
    ) -> bool:
        """Whether tools may read and write a file.

        Args:
            path: the file; the folder of tools where none is given.
        """

    @abstractmethod
    @example(
        lua='print(Config.get_origin("run.max_calls"))  -- llmspell.toml:2',
        javascript='console.log(Config.getOrigin("run.max_calls")); // llmspell.toml:2',
    )
    def get_origin(self, path: KeyPath) -> str:
        """Who set a value: a file with its line, a variable, an option, or `default`.

        Args:
            path: the keys that lead to the value.
        """

    @abstractmethod
    def to_json(self) -> str:
        """All of it as JSON."""

    @member(name="getSection", deprecated="Config.get_section", languages=("lua",))
    def get_section_older(self, name: SectionName) -> Mapping[str, Any]:
        """A section, with the defaults of what is not set.

        Args:
            name: the section's name.
        """
        return self.get_section(name)

    @member(name="getProvider", deprecated="Config.get_provider", languages=("lua",))
    def get_provider_older(self, name: ProviderName) -> Mapping[str, Any] | None:
        """The settings of a provider, or nothing where none are set for it.

        Args:
            name: the provider's name.
        """
        return self.get_provider(name)

    @member(name="listProviders", deprecated="Config.list_providers", languages=("lua",))
    def list_providers_older(self) -> Sequence[str]:
        """The providers that scripts can name."""
        return self.list_providers()

    @member(name="getTools", deprecated="Config.get_tools", languages=("lua",))
    def get_tools_older(self) -> ToolAccess:
        """Which tools this run does not have, and where the others may read and write files."""
        return self.get_tools()

    @member(name="isFileAccessAllowed", deprecated="Config.is_file_access_allowed", languages=("lua",))
    def is_file_access_allowed_older(self) -> bool:
        """Whether tools may read and write files in their folder."""
        return self.is_file_access_allowed()

    @member(name="toJson", deprecated="Config.to_json", languages=("lua",))
    def to_json_older(self) -> str:
        """All of it as JSON."""
        return self.to_json()
