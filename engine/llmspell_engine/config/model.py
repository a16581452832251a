"""What can be configured: the sections of a file, each key with its type, its default and what it does.

The docstrings are the documentation: they go into the reference, the JSON Schema and the file that
``llmspell config init`` writes. Pydantic is imported only where something is configured.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    model_validator,
)

from llmspell_engine.providers.settings import ProviderSettings

Level = Literal["trace", "debug", "info", "warn", "error"]
Severity = Literal["error", "warning", "info", "hint"]
Profile = Literal["none", "low", "medium", "high", "custom"]
Signal = Literal["traces", "metrics", "logs"]
Name = Annotated[str, Field(min_length=1, max_length=128)]
Text = Annotated[str, Field(min_length=1)]


class Section(BaseModel):
    """A table of the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class RunSettings(Section):
    """What each run may use, and what it is given."""

    max_calls: NonNegativeInt | None = None
    """How many model calls it may make; any number where not given."""
    max_tokens: NonNegativeInt | None = None
    """How many tokens it may use."""
    max_cost: NonNegativeFloat | None = None
    """What its model calls may cost, in US dollars."""
    params: dict[str, Any] = {}
    """Named arguments of the script, as `--param` gives them; those of the command line win."""
    cassette: Path | None = None
    """The recording that answers model calls; a path is relative to this file."""


class EngineSettings(Section):
    """How one language is run."""

    path: tuple[Path, ...] = ()
    """Further folders in which modules are looked for, after those of the requiring file and the script."""
    memory_mb: PositiveInt | None = None
    """How much memory a script may take, in megabytes; as much as there is where not given."""


class EnginesSettings(Section):
    """How scripts are run, by language."""

    lua: EngineSettings = EngineSettings()
    """How Lua is run."""
    javascript: EngineSettings = EngineSettings()
    """How JavaScript is run."""


class AgentLimits(Section):
    """Limits of one execution of an agent."""

    max_execution_time_secs: PositiveInt = 300
    """How long an execution may take, in seconds."""
    max_tool_calls: NonNegativeInt = 100
    """How many tool calls it may make."""


class AgentSettings(Section):
    """An agent that every script finds by its name."""

    model: Text
    """The model that answers: `provider/model`, or a model of `provider`."""
    provider: Text | None = None
    """Who serves the model, where `model` does not say."""
    description: str | None = None
    """What the agent is for, in a sentence; other agents read it before they hand over."""
    system_prompt: str | None = None
    """What the model is told before each prompt; may have `{{ variables }}`."""
    variables: dict[str, Any] = {}
    """Variables of the prompts, with their values."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """How freely the model answers: 0 is the most predictable."""
    max_tokens: PositiveInt | None = None
    """The longest answer, in tokens."""
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    """Only the likeliest words that together reach this probability."""
    stop: tuple[str, ...] = ()
    """Texts at which the answer ends."""
    seed: int | None = None
    """Makes answers repeatable, where the provider can."""
    timeout_seconds: PositiveFloat | None = None
    """How long one call of the model may take."""
    max_conversation_length: PositiveInt | None = None
    """How many turns are remembered."""
    allowed_tools: tuple[Text, ...] = ()
    """The tools that the agent may call."""
    handoffs: tuple[Name, ...] = ()
    """The agents of the configuration that it may hand the conversation over to."""
    max_handoffs: NonNegativeInt = 10
    """How often agents may hand over in one execution."""
    output_schema: Mapping[str, Any] | None = None
    """A JSON Schema that answers must fit."""
    output_retries: NonNegativeInt = 1
    """How often an answer that does not fit is sent back."""
    type: Literal["llm", "basic"] = "llm"
    """`llm` asks the model; `basic` answers with the prompt."""
    resource_limits: AgentLimits = AgentLimits()
    """Limits of one execution."""


class PromptSettings(Section):
    """A prompt template that every script finds by its name. Its text alone may stand for the table."""

    text: str | None = None
    """The template, with `{{ variables }}`."""
    file: Path | None = None
    """The file that holds the template, instead of `text`."""
    description: str | None = None
    """What the prompt is for."""
    variables: dict[str, Any] = {}
    """Values of variables that are not given when the template is rendered."""

    @model_validator(mode="before")
    @classmethod
    def _of_text(cls, given: Any) -> Any:
        return {"text": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _has_one_source(self) -> PromptSettings:
        if (self.text is None) == (self.file is None):
            raise ValueError("give either 'text' or 'file'")
        return self


class ToolSettings(BaseModel):
    """What one tool is told; which keys it knows is said where it is described."""

    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)

    api_key: SecretStr | None = None
    """The key of the service that it asks."""
    username: Text | None = None
    """The name to sign in with."""
    password: SecretStr | None = None
    """The password to sign in with."""
    base_url: Text | None = None
    """Where the service is, in place of its usual address."""


class ToolsSettings(Section):
    """Which tools there are, and what they may touch."""

    disabled: tuple[Text, ...] = ()
    """Tools that scripts and agents do not find."""
    root: Path | None = None
    """The only folder in which tools read and write files; the current folder where not given."""
    modules: tuple[Path, ...] = ()
    """Python files with further tools; see `docs/tools.md`."""
    timeout_seconds: PositiveFloat | None = None
    """How long a call may take that waits or computes; any time where not given."""
    settings: dict[Name, ToolSettings] = {}
    """What single tools are told, by their names."""


class ScriptLimits(Section):
    """How much a run may use; what is not given, the profile says."""

    seconds: PositiveFloat | None = None
    """How long it may run, waits included."""
    memory_mb: PositiveInt | None = None
    """How much memory a script may take, in megabytes; `memory_mb` of its language wins."""
    instructions: PositiveInt | None = None
    """How many steps of the interpreter it may take."""
    output_bytes: PositiveInt | None = None
    """How much it may print."""


class SecurityRules(Section):
    """What scripts may touch beside what their profile allows."""

    read: tuple[Path, ...] = ()
    """Files and folders that may be read; paths are relative to this file."""
    write: tuple[Path, ...] = ()
    """Files and folders that may be read and written."""
    hosts: tuple[Text, ...] = ()
    """Hosts that may be reached: `example.com`, `*.example.com`, `127.0.0.1`, `10.0.0.0/8`, each also with a
    port. One of a private network has to be named exactly."""
    processes: tuple[Text, ...] = ()
    """Programs that may be started, by name or by path."""
    variables: tuple[Text, ...] = ()
    """Environment variables that may be read; `LC_*` is all that begin so."""
    modules: tuple[Path, ...] = ()
    """Folders of files that may be loaded as code."""
    allow: tuple[Text, ...] = ()
    """Names of a language that the profile leaves out and scripts get nevertheless, as `io.open`."""
    refuse: tuple[Text, ...] = ()
    """Names of a language that scripts do not get, as `load`."""
    limits: ScriptLimits = ScriptLimits()
    """How much a run may use."""


class ScriptSecurity(SecurityRules):
    """What holds for some scripts, beside what holds for all."""

    profile: Profile | None = None
    """Their profile, instead of that of all."""


class CustomProfile(Section):
    """The profile `custom`: another one with some of its rules changed."""

    base: Literal["none", "low", "medium", "high"] = "medium"
    """The profile whose rules hold where nothing else is said."""
    read: Literal["all", "root", "listed"] | None = None
    """Files that may be read: all, those below the root folder of tools, those that are listed."""
    write: Literal["all", "root", "listed"] | None = None
    """Files that may be written."""
    hosts: Literal["all", "local", "public", "listed"] | None = None
    """Hosts that may be reached: all, all but the services of a cloud, those of the public network, those
    that are listed."""
    https: bool | None = None
    """Whether hosts that are not listed are reached encrypted only."""
    processes: Literal["all", "listed"] | None = None
    """Programs that may be started."""
    variables: Literal["all", "plain", "usual", "listed"] | None = None
    """Environment variables that may be read: all, all that do not look like a secret, those that tell of the
    machine and the listed ones, the listed ones."""
    modules: Literal["all", "listed", "own"] | None = None
    """Files that may be loaded as code: all; those of the script's folder, of the language's `path` and of
    `modules`; those of the script's folder and of `modules`."""
    finalizers: bool | None = None
    """Whether Lua calls `__gc`, where no limit holds."""
    string_metatable: bool | None = None
    """Whether Lua gives out the metatable of all strings."""


class SecuritySettings(SecurityRules):
    """What scripts may touch and use, and what is kept secret."""

    profile: Profile = "medium"
    """What holds where nothing else is said, as `--profile`."""
    custom: CustomProfile = CustomProfile()
    """What the profile `custom` is."""
    scripts: dict[Text, ScriptSecurity] = {}
    """What holds for the scripts whose path a pattern fits, as `nightly/**`, relative to this file; a later
    pattern adds to an earlier one."""
    audit: Path | None = None
    """A file to which a line of JSON is added for each call that is refused."""
    audit_allowed: bool = False
    """Whether it also gets those that are allowed: files, hosts, programs, variables."""
    checksums: Path | None = None
    """A file, as `sha256sum` writes it, that says what files loaded as code have to hold. Under `medium` and
    `high` those that are not in it are not loaded; under `low` only those in it are looked at."""
    secret_variables: tuple[Text, ...] = ()
    """Further environment variables whose values are masked in logs, traces and cassettes. Those that are
    named like a secret (`…_API_KEY`, `…_TOKEN`, `…_SECRET`, `…_PASSWORD`) and all secrets of this file are
    masked anyway."""


class StateSettings(Section):
    """Where `State` is kept."""

    file: Path | None = None
    """The SQLite file that keeps it, as `--state`, or `:memory:` to forget it at the end; a file of the
    project in the user's folder for data where not given."""
    redis: SecretStr | None = None
    """The address of a Redis or Valkey server that keeps it instead of a file, as `redis://host:6379/0`;
    needs the extra `redis`."""
    namespace: Text = "llmspell:state"
    """What the names of all keys there begin with: engines with the same one share their state."""


class SessionsSettings(Section):
    """How much sessions keep, and for how long."""

    ttl_seconds: PositiveFloat | None = None
    """How long a session lives with which nothing is done and that does not say so itself; for ever where not
    given."""
    max_artifacts: PositiveInt = 1000
    """How many artifacts a session may have."""
    max_artifact_bytes: PositiveInt = 10_485_760
    """How large an artifact may be."""
    max_events: PositiveInt = 10_000
    """How many events are recorded of a session that asks for it."""


class EventsSettings(Section):
    """How events are passed on."""

    buffer_size: PositiveInt = 1000
    """How many events wait for one subscriber; further ones push out the oldest."""
    redis: SecretStr | None = None
    """The address of a Redis or Valkey server over which engines on several machines share their events, as
    `redis://host:6379/0`; needs the extra `redis`."""
    stream: Text = "llmspell:events"
    """The stream there that they share."""


class OTelSettings(Section):
    """What is sent over OpenTelemetry; needs the extra `otel`."""

    enabled: bool = False
    """Whether anything is sent, as `--otel`."""
    endpoint: Text | None = None
    """Where the collector is, as `http://127.0.0.1:4318`; what the `OTEL_*` variables say where not given."""
    signals: tuple[Signal, ...] = ("traces", "metrics", "logs")
    """What is sent."""
    content: bool = False
    """Whether prompts and answers are recorded too, here and by `--trace-file`, with secrets masked."""


class LogSettings(Section):
    """What `Logger` writes, and where."""

    level: Level = "warn"
    """The least level that is written, as `--log-level` and the variable `LLMSPELL_LOG`."""
    format: Literal["text", "json"] = "text"
    """How a line looks."""
    file: Path | None = None
    """A file that lines are added to, besides standard error."""
    levels: dict[Name, Level] = {}
    """Levels of single loggers, by their names; `agent` is also that of `agent.writer`."""
    otel: OTelSettings = OTelSettings()
    """What is sent over OpenTelemetry."""


class LintTable(Section):
    """What `llmspell lint` and the editor report."""

    select: tuple[Text, ...] = ()
    """The only rules that run: codes (`LS101`), their beginnings (`LS1`) or names; all where empty."""
    ignore: tuple[Text, ...] = ()
    """Rules that do not run."""
    severity: dict[Text, Severity] = {}
    """Other severities of rules, by code, beginning or name."""
    exclude: tuple[Text, ...] = ()
    """Files and folders that are not checked when a folder is: patterns as `generated/**` or `*.min.js`,
    relative to this file."""
    profile: Profile | None = None
    """The security profile by which names are reported that it leaves out, as `--profile`; `medium` where not
    given."""


class Config(Section):
    """A whole configuration."""

    version: Literal[1] = 1
    """The version of the layout of the file; `llmspell config migrate` brings older ones up to it."""
    run: RunSettings = RunSettings()
    """What each run may use, and what it is given."""
    engine: EnginesSettings = EnginesSettings()
    """How scripts are run, by language."""
    providers: dict[Name, ProviderSettings] = {}
    """How providers of models are reached, by name."""
    agents: dict[Name, AgentSettings] = {}
    """Agents that every script finds, by name."""
    tools: ToolsSettings = ToolsSettings()
    """Which tools there are, and what they may touch."""
    prompts: dict[Name, PromptSettings] = {}
    """Prompt templates that every script finds, by name."""
    security: SecuritySettings = SecuritySettings()
    """What scripts may touch and use, and what is kept secret."""
    state: StateSettings = StateSettings()
    """Where `State` is kept."""
    sessions: SessionsSettings = SessionsSettings()
    """How much sessions keep, and for how long."""
    events: EventsSettings = EventsSettings()
    """How events are passed on."""
    log: LogSettings = LogSettings()
    """What `Logger` writes, and where."""
    lint: LintTable = LintTable()
    """What `llmspell lint` and the editor report."""
