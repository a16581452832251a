"""Making a runtime with the script API in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Services
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.base import RunContext, ScriptRuntime


def create(language: Language, context: RunContext, services: Services | None = None) -> ScriptRuntime:
    """A runtime of a language, made on the thread that will run the script.

    Without ``services``, the run has its own: state in memory, the models that need no configuration.
    Only the interpreter asked for is imported. Raises ScriptError where it cannot work here.
    """
    from llmspell_engine.globals.build import build_globals
    from llmspell_engine.globals.services import Run, Services
    from llmspell_engine.observability import AROUND, Around
    from llmspell_engine.observability.around import CurrentSession
    from llmspell_engine.scheduling import Scheduler

    services = services or Services(permissions=context.permissions)
    scheduler = Scheduler(services.loop)
    runtime: ScriptRuntime
    if language == "lua":
        from llmspell_engine.runtime.lua import LuaRuntime

        runtime = LuaRuntime(context, scheduler)
    else:
        from llmspell_engine.runtime.javascript import JavaScriptRuntime

        runtime = JavaScriptRuntime(context, scheduler)
    run = Run(services, language, runtime.streams.err, scheduler)
    around = AROUND.get()
    session = CurrentSession(services.session.session.id if services.session else None)
    AROUND.set(Around(around.spans, around.place, log=run.log, session=session))
    if services.session and services.session.session.records:
        _ = services.recorder
    runtime.install(build_globals(run))
    return runtime
