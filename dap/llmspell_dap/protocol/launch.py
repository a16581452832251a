"""What a user may write in a launch configuration, declared once.

The debug adapter checks a ``launch`` request against :class:`LaunchArguments`, and the extension's
``package.json`` gets its ``configurationAttributes`` from :func:`launch_schema`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

import msgspec
from msgspec import Meta

from llmspell_dap.protocol.base import Value


class CassetteArguments(Value, frozen=True):
    """A file of recorded model calls."""

    path: Annotated[str, Meta(min_length=1, description="The file; a relative path starts at `cwd`.")]
    mode: Annotated[
        Literal["replay", "record", "auto"],
        Meta(
            description="`replay` answers from the file alone, `record` makes all calls and adds them,"
            " `auto` makes and adds those that the file lacks."
        ),
    ] = "replay"


class LaunchArguments(Value, frozen=True):
    """The arguments of ``launch``. Beside them VS Code sends ``name``, ``type`` and its own fields."""

    program: Annotated[
        str,
        Meta(
            min_length=1,
            description="The script to debug, in Lua or JavaScript; a relative path starts at `cwd`.",
        ),
    ]
    args: Annotated[
        list[str] | None, Meta(description="Arguments of the script, which it finds in `ARGS` by number.")
    ] = None
    params: Annotated[
        dict[str, Any] | None,
        Meta(description="Named parameters of the script, which it finds in `ARGS` by name."),
    ] = None
    cwd: Annotated[str | None, Meta(description="The directory in which the script runs.")] = None
    env: Annotated[
        dict[str, str | None] | None,
        Meta(description="Environment variables added to those inherited; `null` removes one."),
    ] = None
    language: Annotated[Literal["auto", "lua", "javascript"], Meta(description="The script's language.")] = (
        "auto"
    )
    profile: Annotated[
        Literal["none", "low", "medium", "high", "custom"] | None,
        Meta(description="The security profile: which libraries, files and hosts the script may use."),
    ] = None
    config: Annotated[
        str | None,
        Meta(
            description="The configuration's file, a relative path starts at `cwd`;"
            " `llmspell.toml` is looked for from the script's folder upward where none is given.",
        ),
    ] = None
    scripted: Annotated[
        str | None,
        Meta(
            description="The file with the answers of the models `scripted/NAME`; a relative path"
            " starts at `cwd`.",
        ),
    ] = None
    session: Annotated[
        str | None,
        Meta(
            description="The session to run in, by name or id; where none of the name goes on, one is begun.",
        ),
    ] = None
    cassette: Annotated[
        CassetteArguments | None, Meta(description="Answer model calls from recordings, or record them.")
    ] = None
    stop_on_entry: Annotated[bool, Meta(description="Stop before the script's first statement.")] = False
    console: Annotated[
        Literal["internalConsole", "integratedTerminal", "externalTerminal"],
        Meta(description="Where the script's output goes."),
    ] = "internalConsole"
    no_debug: bool = False
    """Set by the client for "Run Without Debugging"; not a setting of the configuration."""


_NOT_SETTINGS = ("noDebug",)
_CHOICES: dict[str, dict[str, str]] = {
    "language": {
        "auto": "By the file's extension, then by its first line.",
        "lua": "Lua 5.4.",
        "javascript": "JavaScript.",
    },
    "profile": {
        "none": "Everything is allowed.",
        "low": "Few restrictions, for scripts you wrote.",
        "medium": "No processes, a safe part of the system library.",
        "high": "Only what computes: no files, no network.",
        "custom": "As the configuration file says.",
    },
    "console": {"internalConsole": "The Debug Console."},
}
"""The values an editor offers, in this order, each explained: those that work."""


def launch_schema() -> dict[str, Any]:
    """The JSON Schema of a launch configuration, as ``configurationAttributes.launch`` wants it."""
    definitions = msgspec.json.schema(LaunchArguments)["$defs"]
    schema = definitions["LaunchArguments"]
    properties = {
        name: _with_choices(name, _in_place(_without_null(declared), definitions))
        for name, declared in schema["properties"].items()
        if name not in _NOT_SETTINGS
    }
    return {"type": "object", "required": schema["required"], "properties": properties}


def _without_null(declared: dict[str, Any]) -> dict[str, Any]:
    """An optional setting is one that may be left out; nobody has to read of ``null`` as its value."""
    schema = {key: value for key, value in declared.items() if key not in ("anyOf", "default")}
    if declared.get("default") is not None:
        schema["default"] = declared["default"]
    choices = [choice for choice in declared.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {**cast("dict[str, Any]", choices[0]), **schema}
    return schema


def _in_place(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A setting that is an object is described where it stands, for a manifest has no definitions."""
    reference = schema.pop("$ref", None)
    if reference is None:
        return schema
    inner = definitions[reference.removeprefix("#/$defs/")]
    return {"type": "object", "required": inner["required"], "properties": inner["properties"], **schema}


def _with_choices(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    choices = _CHOICES.get(name)
    if not choices:
        return schema
    return {
        **schema,
        "type": "string",
        "enum": list(choices),
        "enumDescriptions": list(choices.values()),
    }
