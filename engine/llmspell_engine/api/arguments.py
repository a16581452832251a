"""What a script was started with."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from llmspell_engine.api.declare import Global


class Args(Global):
    """The script's arguments, by number and by name.

    Lua counts them from 1, with the script's path at 0; in JavaScript they are an array. `--param name=value`
    and, behind `--`, `--name value` are found as `ARGS.name`.
    """

    name = "ARGS"
    value = Annotated[dict[str, Any], Field(json_schema_extra={"items": {"type": "string"}})]


class Arg(Global):
    """The script's arguments by number, from 1; the script's path is at 0."""

    name = "arg"
    languages = ("lua",)
    value = dict[int, str]
