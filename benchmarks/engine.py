"""What the engine adds to a script's own work: calls of the API, agents, streams, and the start of a run.

Calls, agents and streams run in this process and take turns with Python doing the same: the same store, tool
or model, called without a script. Starts and memory are those of whole processes of ``llmspell run``.

    python benchmarks/engine.py [REPETITIONS]
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from conditions import bytecode_kept, tell_conditions
from figures import Figures, figures, ratios, verdict
from llmspell_engine.events import EventBus
from llmspell_engine.globals.services import Services
from llmspell_engine.hooks import Handler, HookRegistry
from llmspell_engine.hooks.base import Data
from llmspell_engine.hooks.points import TOOL_EXECUTION
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.providers.base import Message, ModelRequest
from llmspell_engine.providers.echo import EchoProvider
from llmspell_engine.runtime.base import RunContext, Streams
from llmspell_engine.runtime.create import create
from llmspell_engine.runtime.values import HostFunction
from llmspell_engine.state import MemoryStore
from llmspell_engine.state.encoding import decode, encode
from llmspell_engine.tools import tool
from llmspell_engine.tools.base import ToolContext
from llmspell_engine.tools.python import tool_of
from llmspell_engine.tools.registry import tool_named

CALLS, AGENTS, WORDS, STEPS = 2000, 1000, 2000, 50
START_GATES = {"empty": 110.0, "one call": 330.0}
"""Milliseconds that a run may take, as a whole process."""
HOOK_GATE, EVENT_GATE = 10.0, 20.0
"""Microseconds that a hook which does nothing, and an event to one subscriber, may take."""
STARTS = 10
TEXT = "word " * (WORDS - 1) + "word"
NAMES = {"lua": "Lua", "javascript": "JavaScript"}
SUFFIXES = {"lua": ".lua", "javascript": ".js"}
LLMSPELL = str(Path(sys.executable).with_name("llmspell"))
PLAIN, WAITING, CONCURRENT, STREAM, FLOW = "State.load", "Tool.execute", "agents", "stream", "workflow"
PROGRAMS: dict[Language, dict[str, str]] = {
    "lua": {
        FLOW: """\
local steps = {}
for index = 1, STEPS do
  steps[index] = { name = "step" .. index, execute = function(value) return value end }
end
local flow = Workflow.sequential({ steps = steps })
flow:execute("a")
mark()
flow:execute("a")
mark()
""",
        PLAIN: """\
State.save("global", "key", "value")
mark()
for _ = 1, CALLS do State.load("global", "key") end
mark()
""",
        WAITING: """\
Tool.execute("uuid-generator", { operation = "generate" })
mark()
for _ = 1, CALLS do Tool.execute("uuid-generator", { operation = "generate" }) end
mark()
""",
        CONCURRENT: """\
Agent.create({ model = "echo" }):execute("warm")
local work = {}
for i = 1, AGENTS do
  work[i] = function() return Agent.create({ model = "echo" }):execute("number " .. i).text end
end
mark()
local texts = Async.all(work)
mark()
assert(texts[AGENTS] == "number " .. AGENTS)
""",
        STREAM: """\
local agent = Agent.create({ model = "echo" })
for _ in agent:stream("warm") do end
local chunks = 0
mark()
for _ in agent:stream(TEXT) do chunks = chunks + 1 end
mark()
assert(chunks == WORDS)
""",
    },
    "javascript": {
        FLOW: """\
const step = (_, index) => ({ name: `step${index}`, execute: (value) => value });
const steps = Array.from({ length: STEPS }, step);
const flow = Workflow.sequential({ steps });
await flow.execute("a");
mark();
await flow.execute("a");
mark();
""",
        PLAIN: """\
State.save("global", "key", "value");
mark();
for (let i = 0; i < CALLS; i++) State.load("global", "key");
mark();
""",
        WAITING: """\
await Tool.execute("uuid-generator", { operation: "generate" });
mark();
for (let i = 0; i < CALLS; i++) await Tool.execute("uuid-generator", { operation: "generate" });
mark();
""",
        CONCURRENT: """\
await Agent.create({ model: "echo" }).execute("warm");
const ask = (i) => async () => (await Agent.create({ model: "echo" }).execute(`number ${i}`)).text;
const work = Array.from({ length: AGENTS }, (_, i) => ask(i + 1));
mark();
const texts = await Async.all(work);
mark();
if (texts[AGENTS - 1] !== `number ${AGENTS}`) throw new Error(texts[AGENTS - 1]);
""",
        STREAM: """\
const agent = Agent.create({ model: "echo" });
for await (const _ of agent.stream("warm")) ;
let chunks = 0;
mark();
for await (const _ of agent.stream(TEXT)) chunks++;
mark();
if (chunks !== WORDS) throw new Error(`${chunks} chunks`);
""",
    },
}
ONE_CALL: dict[Language, str] = {
    "lua": 'print(Agent.create({ model = "echo" }):execute("hello").text)\n',
    "javascript": 'console.log((await Agent.create({ model: "echo" }).execute("hello")).text);\n',
}
ONE_TOOL: dict[Language, str] = {
    "lua": 'print(Tool.execute("uuid-generator", { operation = "generate" }).text)\n',
    "javascript": 'console.log((await Tool.execute("uuid-generator", { operation: "generate" })).text);\n',
}
ONE_STEP: dict[Language, str] = {
    "lua": """\
local step = { name = "one", execute = function() return 1 end }
print(Workflow.sequential({ steps = { step } }):execute().output)
""",
    "javascript": """\
const step = { name: "one", execute: () => 1 };
console.log((await Workflow.sequential({ steps: [step] }).execute()).output);
""",
}
IDLE: dict[Language, str] = {
    "lua": 'print("idle"); io.read()\n',
    "javascript": 'console.log("idle"); process.stdin.readLine();\n',
}
"""Tells that it is there, and waits for a line."""
DECLARED: dict[Language, str] = {
    "lua": "local AGENTS, mark = {agents}, function() end\n",
    "javascript": "const AGENTS = {agents}, mark = () => {{}};\n",
}
"""What a program of concurrent agents needs where nobody measures its time."""
ASYNCIO = f"""\
import asyncio
from llmspell_engine.providers.base import Message, ModelRequest
from llmspell_engine.providers.echo import EchoProvider

async def ask(number):
    request = ModelRequest("echo", [Message("user", f"number {{number}}")])
    return (await EchoProvider().complete(request)).text

async def ask_all():
    return await asyncio.gather(*(ask(number) for number in range({AGENTS})))

asyncio.run(ask_all())
print("idle", flush=True)
input()
"""
"""The same as ``gather`` in a process that imports no more than it needs."""
PYTHON_IDLE = 'print("idle", flush=True); input()'


def main() -> None:
    """Measure and print. A missed gate is told and is no failure: speed is never a test."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    tell_conditions()
    _tell("a call whose result is there at once, microseconds", PLAIN, load, repetitions, CALLS)
    _tell("a waiting call whose result is there at once, microseconds", WAITING, execute, repetitions, CALLS)
    _tell(
        f"{AGENTS} concurrent agents, each made and asked once, milliseconds", CONCURRENT, gather, repetitions
    )
    _tell("a chunk of a stream, microseconds", STREAM, stream, repetitions, WORDS)
    _tell(f"a step of a workflow of {STEPS}, each a function, microseconds", FLOW, steps, repetitions, STEPS)
    _tell_engine_parts(repetitions)
    _tell_own_tools(repetitions)
    with tempfile.TemporaryDirectory() as folder, bytecode_kept() as environment:
        processes = _Processes(Path(folder), environment)
        _tell_memory(processes)
        _tell_starts(processes)


def load() -> None:
    """What ``State.load`` does, again and again."""
    store = MemoryStore()
    store.save("global", "key", encode("value", "State"))
    for _ in range(CALLS):
        text = store.load("global", "key")
        assert text is not None
        decode(text)


def execute() -> None:
    """What ``Tool.execute`` does, again and again."""
    tool, context = tool_named("uuid-generator"), ToolContext()
    assert tool is not None
    for _ in range(CALLS):
        tool.execute({"operation": "generate"}, context)


def gather() -> None:
    """As many coroutines at the same time that ask the same model, without agents."""

    async def ask(number: int) -> str:
        return (await EchoProvider().complete(_request(f"number {number}"))).text

    async def ask_all() -> None:
        texts = await asyncio.gather(*(ask(number) for number in range(AGENTS)))
        assert texts[-1] == f"number {AGENTS - 1}"

    asyncio.run(ask_all())


def stream() -> None:
    """The same stream, taken by a coroutine."""

    async def take() -> int:
        return len([chunk async for chunk in EchoProvider().stream(_request(TEXT)) if chunk.text])

    assert asyncio.run(take()) == WORDS


def steps() -> None:
    """What the steps of the workflow do, awaited one after the other."""

    async def step(value: str) -> str:
        return value

    async def do_all() -> None:
        for _ in range(STEPS):
            await step("a")

    asyncio.run(do_all())


def hooked(handlers: int) -> Callable[[], None]:
    """Work at a hook point with so many handlers that do nothing, again and again."""
    hooks = HookRegistry()
    for _ in range(handlers):
        hooks.register(Handler("BeforeToolExecution", lambda _: None))

    async def work(data: Data) -> Data:
        return data

    async def do_all() -> None:
        for _ in range(CALLS):
            await hooks.around(TOOL_EXECUTION, "tool", "calculator", {"input": 1}, work)

    return lambda: asyncio.run(do_all())


def published() -> None:
    """Events to one subscriber that receives each, again and again."""
    bus = EventBus()
    subscription = bus.subscribe("order.*")

    async def do_all() -> None:
        for number in range(CALLS):
            bus.publish("order.placed", number, "lua")
            assert await bus.receive(subscription, 0) is not None

    asyncio.run(do_all())


def _tell_engine_parts(repetitions: int) -> None:
    parts: dict[str, tuple[Callable[[], None], float]] = {
        "work, nobody listens": (hooked(0), HOOK_GATE),
        "work, one empty hook": (hooked(1), HOOK_GATE),
        "event, sent and received": (published, EVENT_GATE),
    }
    print("\nhooks and events without a script, microseconds each")
    for name, (do, gate) in parts.items():
        one = figures([_python(do) * 1e6 / CALLS for _ in range(repetitions + 1)][1:])
        told = f"gate {gate:.0f}: {verdict(one.p50, gate)}"
        print(f"  {name:24} p50 {one.p50:6.1f}  best {one.best:6.1f}   {told}")


def _tell_own_tools(repetitions: int) -> None:
    """A call of a tool that is written in Python, beside calling its function."""
    done = tool_of(add)
    waits = tool_of(tool(description="Adds two numbers.")(waiting_add))
    context = ToolContext()

    def at_once() -> None:
        for number in range(CALLS):
            done.execute({"a": number, "b": 1}, context)

    async def on_a_thread() -> None:
        for number in range(CALLS):
            await waits.completed({"a": number, "b": 1}, context)

    def plain() -> None:
        for number in range(CALLS):
            add(number, 1)

    print("\na call of a tool written in Python, microseconds each")
    parts = {
        "its function": plain,
        "done at once": at_once,
        "on a thread": lambda: asyncio.run(on_a_thread()),
    }
    for name, do in parts.items():
        one = figures([_python(do) * 1e6 / CALLS for _ in range(repetitions + 1)][1:])
        print(f"  {name:24} p50 {one.p50:6.1f}  best {one.best:6.1f}")


@tool(blocks=False)
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


def waiting_add(a: int, b: int) -> int:
    """The same as a tool that runs on a worker thread."""
    return a + b


def _request(text: str) -> ModelRequest:
    return ModelRequest("echo", [Message("user", text)])


def _tell(title: str, kind: str, python: Callable[[], None], repetitions: int, parts: int = 0) -> None:
    """Time Python and both languages in turns. ``parts``: in microseconds for one part of the whole."""
    times: dict[str, list[float]] = {name: [] for name in ("Python", *NAMES.values())}
    for _ in range(repetitions + 1):
        times["Python"].append(_python(python))
        for language in LANGUAGES:
            times[NAMES[language]].append(_script(language, PROGRAMS[language][kind]))
    scale = 1e6 / parts if parts else 1e3
    found = {name: figures([one * scale for one in measured[1:]]) for name, measured in times.items()}
    print(f"\n{kind}: {title}; ratio to Python")
    for name, one in found.items():
        print(f"  {name:12} p50 {one.p50:7.1f}  best {one.best:7.1f}   {ratios(one, found['Python'])}")


def _python(work: Callable[[], None]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _script(language: Language, program: str) -> float:
    """The seconds between the two marks of a program."""
    marks: list[float] = []

    def mark() -> None:
        marks.append(time.perf_counter())

    names = {
        "mark": HostFunction("mark", mark),
        "CALLS": CALLS,
        "AGENTS": AGENTS,
        "STEPS": STEPS,
        "WORDS": WORDS,
        "TEXT": TEXT,
    }
    services = Services()
    runtime = create(language, RunContext(Streams(print, print)), services)
    try:
        runtime.install(names)
        runtime.run(f"bench{SUFFIXES[language]}", program)
    finally:
        runtime.close()
        services.close()
    begin, end = marks
    return end - begin


class _Processes:
    """Runs scripts as whole processes."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment

    def command(self, language: Language, name: str, text: str) -> list[str]:
        """What runs this script."""
        path = self._folder / f"{name}{SUFFIXES[language]}"
        path.write_text(text, "utf-8")
        return [LLMSPELL, "run", str(path)]

    def milliseconds(self, command: list[str]) -> float:
        """How long a command takes to its end."""
        begin = time.perf_counter()
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=120, check=False
        )
        taken = (time.perf_counter() - begin) * 1000
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} broke:\n{done.stdout}{done.stderr}")
        return taken

    def megabytes(self, command: list[str]) -> tuple[float, float] | None:
        """The memory of a process that says it is idle, now and at its peak, where the system tells."""
        with self._started(command) as process:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "idle":
                raise SystemExit(f"{' '.join(command)} broke")
            status = Path(f"/proc/{process.pid}/status")
            if not status.exists():
                return None
            lines = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines())
            return _megabytes(lines["VmRSS"]), _megabytes(lines["VmHWM"])

    @contextmanager
    def _started(self, command: list[str]) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            command, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            yield process
        finally:
            process.communicate("\n", timeout=60)


def _megabytes(told: str) -> float:
    return int(told.split(maxsplit=1)[0]) / 1024


def _tell_memory(processes: _Processes) -> None:
    commands = {
        "bare Python, idle": [sys.executable, "-c", PYTHON_IDLE],
        f"asyncio.gather of {AGENTS}": [sys.executable, "-c", ASYNCIO],
    }
    for language in LANGUAGES:
        agents = DECLARED[language].format(agents=AGENTS) + PROGRAMS[language][CONCURRENT] + IDLE[language]
        commands[f"{NAMES[language]}, idle"] = processes.command(language, "idle", IDLE[language])
        commands[f"{NAMES[language]}, {AGENTS} agents"] = processes.command(language, "agents", agents)
    print("\nmemory of the process, MB: now and at its peak")
    for name, command in commands.items():
        if found := processes.megabytes(command):
            print(f"  {name:24} {found[0]:6.1f}  peak {found[1]:6.1f}")


def _tell_starts(processes: _Processes) -> None:
    commands = {"bare Python start": [sys.executable, "-c", "pass"]}
    for language in LANGUAGES:
        texts = {
            "empty": "",
            "one call": ONE_CALL[language],
            "one tool": ONE_TOOL[language],
            "one step": ONE_STEP[language],
        }
        for name, text in texts.items():
            commands[f"{NAMES[language]}, {name}"] = processes.command(language, name.replace(" ", "_"), text)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(STARTS + 1):
        for name, command in commands.items():
            times[name].append(processes.milliseconds(command))
    found: dict[str, Figures] = {name: figures(measured[1:]) for name, measured in times.items()}
    print("\nllmspell run, whole processes; ratio to a bare Python start")
    for name, one in found.items():
        limit = START_GATES.get(name.partition(", ")[2])
        gate = f"   gate {limit:.0f} ms: {verdict(one.p50, limit)}" if limit else ""
        compared = ratios(one, found["bare Python start"])
        print(f"  {name:21} p50 {one.p50:6.1f}  best {one.best:6.1f} ms   {compared}{gate}")


if __name__ == "__main__":
    main()
