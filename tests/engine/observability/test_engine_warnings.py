"""What the engine itself has to say goes to the log of the run that it does the work for."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field

import anyio
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.observability import AROUND, Around, LogSettings, LogSink, RunLog, tell
from llmspell_engine.providers.base import Capabilities, ModelAnswer, ModelRequest, Provider, ProviderError
from llmspell_engine.providers.resilience import ResilientProvider
from llmspell_engine.providers.settings import ProviderSettings
from llmspell_engine.runtime.base import RunContext, Streams
from llmspell_engine.runtime.create import create
from llmspell_engine.runtime.values import HostFunction, HostObject
from support.runtime import Script, both, run

OVERFLOW: dict[Language, str] = {
    "lua": 'local s = Event.subscribe("a.*") for i = 1, 1002 do Event.publish("a.b", { i = i }) end',
    "javascript": 'Event.subscribe("a.*"); for (let i = 0; i < 1002; i++) Event.publish("a.b", { i });',
}
FAILING: dict[Language, str] = {
    "lua": 'Hook.register("BeforeAgentExecution", function() error("no") end)\n'
    'print(Agent.create({ model = "echo" }):execute("x").text)',
    "javascript": 'Hook.register("BeforeAgentExecution", () => { throw new Error("no"); });\n'
    'console.log((await Agent.create({ model: "echo" }).execute("x")).text);',
}


@both
def test_dropped_events_are_told_once(language: Language) -> None:
    ran = run(Script(language, OVERFLOW[language], services=Services(log=LogSettings("warn", "json"))))
    [line] = ran.err.splitlines()
    record = json.loads(line)
    assert (record["level"], record["logger"]) == ("warn", "llmspell.events")
    assert record["fields"] == {"pattern": "a.*", "buffer_size": 1000, "when_full": "drop_oldest"}


@both
def test_the_engine_is_quiet_where_its_logger_is(language: Language) -> None:
    services = Services(log=LogSettings("warn", levels={"llmspell": "error"}))
    assert run(Script(language, OVERFLOW[language], services=services)).err == ""


@both
def test_a_failing_hook_is_told(language: Language) -> None:
    ran = run(Script(language, FAILING[language], services=Services(log=LogSettings("warn", "json"))))
    assert (ran.error, ran.out) == (None, "x\n")
    [record] = map(json.loads, ran.err.splitlines())
    assert (record["level"], record["logger"]) == ("warn", "llmspell.hooks")


def test_what_the_loop_has_to_say_is_written_on_the_thread_of_the_script() -> None:
    threads: dict[str, int] = {}

    async def work() -> None:
        threads["loop"] = threading.get_ident()
        tell("info", "test", "from the loop", n=1)

    def write(text: str) -> None:
        threads[text.partition("llmspell.")[2]] = threading.get_ident()

    services = Services(log_level="info")
    waiting = HostFunction("host.work", work, waits=True)
    context = RunContext(Streams(write, write, lambda: None))
    runtime = create("lua", context, services)
    runtime.install({"host": HostObject("host", {"work": waiting})})
    runtime.run("main.lua", "host.work()")
    runtime.close()
    services.close()
    assert threads["test: from the loop n=1\n"] == threading.get_ident() != threads["loop"]


@dataclass(slots=True)
class Flaky:
    """A provider that is busy at first."""

    name: str = "flaky"
    models: tuple[str, ...] = ()
    capabilities: Capabilities = field(default_factory=Capabilities)
    failures: int = 2

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        if self.failures:
            self.failures -= 1
            raise ProviderError("busy with sk-proj-0123456789abcdef", is_passing=True)
        return ModelAnswer("here")


def test_retries_are_told() -> None:
    written: list[str] = []
    provider: Provider = Flaky()  # type: ignore[assignment] - it is only asked to complete
    settings = ProviderSettings(max_retries=2, backoff_seconds=0.001)
    resilient = ResilientProvider(provider, settings)

    async def ask() -> str:
        AROUND.set(Around(log=RunLog(LogSink(LogSettings("warn", "json")), written.append)))
        return (await resilient.complete(ModelRequest("m", ()))).text

    assert anyio.run(ask) == "here"
    records = [json.loads(line) for line in written]
    assert [record["fields"]["failed"] for record in records] == [1, 2]
    assert records[0]["logger"] == "llmspell.providers"
    assert records[0]["fields"]["error"] == {"kind": "ProviderError", "message": "busy with [secret]"}
