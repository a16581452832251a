"""Making a runtime with the script API in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.base import RunContext, ScriptRuntime


def create(language: Language, context: RunContext, services: Any = None) -> ScriptRuntime:
    """A runtime of a language, made on the thread that will run the script.

    Only the interpreter asked for is imported. Raises ScriptError where it cannot work here.
    """
    api: dict[str, Any] = {}
    if language == "lua":
        from llmspell_engine.runtime.lua import LuaRuntime

        return LuaRuntime(context, api)
    from llmspell_engine.runtime.javascript import JavaScriptRuntime

    return JavaScriptRuntime(context, api)
