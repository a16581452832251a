"""The JSON Schema of configuration files, made from the model: for editors."""

from __future__ import annotations

from typing import Any

from llmspell_engine.config.documents import SCHEMA_KEY
from llmspell_engine.config.model import Config

_DIALECT = "http://json-schema.org/draft-07/schema#"
"""What editors know for TOML, YAML and JSON alike."""
_FROM_ENVIRONMENT = {"type": "string", "pattern": r"\$\{", "description": "From the environment."}


def config_schema() -> dict[str, Any]:
    """The schema. A value that is no text may also be given by a variable of the environment."""
    made = Config.model_json_schema(ref_template="#/definitions/{model}")
    definitions = made.pop("$defs")
    version = made["properties"]["version"]
    for model in (made, *definitions.values()):
        for name, value in model.get("properties", {}).items():
            model["properties"][name] = _open(_plain(value))
    made["properties"]["version"] = {key: each for key, each in version.items() if key != "title"}
    made["properties"][SCHEMA_KEY] = {"type": "string", "description": "Where this schema is, for editors."}
    prompts = definitions["PromptSettings"]
    definitions["PromptSettings"] = {"anyOf": [{"type": "string"}, prompts]}
    return {"$schema": _DIALECT, **made, "title": "llmspell configuration", "definitions": definitions}


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """A property without what editors would only repeat: titles, and that it may be left out."""
    made = {key: each for key, each in value.items() if key != "title"}
    choices = [each for each in made.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) == 1:
        made.pop("anyOf")
        made = {**choices[0], **made}
    if made.get("default", 0) is None or "$ref" in made:
        made.pop("default", None)
    return made


def _open(value: dict[str, Any]) -> dict[str, Any]:
    """A property that a variable of the environment may give too, where it is no text."""
    if value.get("type") not in ("integer", "number", "boolean", "array") and "enum" not in value:
        return value
    outer: dict[str, Any] = {key: value[key] for key in ("description", "default") if key in value}
    inner = {key: each for key, each in value.items() if key not in outer}
    return {**outer, "anyOf": [inner, _FROM_ENVIRONMENT]}
