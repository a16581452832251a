"""A configuration that changes while a script runs, in both languages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from llmspell_engine.assembly import Launch, Reloading, assemble
from llmspell_engine.assembly.permissions import narrow, permissions_of
from llmspell_engine.assembly.reload import take_over
from llmspell_engine.config.resolution import resolve
from llmspell_engine.language import Language
from llmspell_engine.runtime.base import Streams
from llmspell_engine.runtime.create import create
from support import model_server
from support.globals import SAY, Pair, check_pair
from support.runtime import SUFFIX, both, host
from support.wire_formats import chat

QUICK = 0.02
LIMIT = 10
BEFORE = """\
[run]
max_calls = 1
[log]
level = "info"
[prompts]
greeting = "Hello {{ name }}."
[tools]
disabled = ["calculator"]
[providers.mine]
type = "openai-compatible"
base_url = "http://127.0.0.1:9/v1"
max_retries = 1
"""
AFTER = (
    BEFORE.replace("max_calls = 1", "max_calls = 2")
    .replace("Hello", "Good morning,")
    .replace('level = "info"', 'level = "debug"')
    .replace('["calculator"]', "[]")
    .replace("max_retries = 1", "max_retries = 5")
)
WAITS = Pair(
    "",
    """
    local agent = Agent.create({ model = "echo" })
    agent:execute("one")
    print(Prompt.render("greeting", { name = "Ada" }))
    Logger.debug("not yet")
    local refused = select(2, pcall(agent.execute, agent, "two")).kind
    host.changes()
    while Prompt.render("greeting", { name = "Ada" }) == "Hello Ada." do Async.sleep(0.01) end
    print(Prompt.render("greeting", { name = "Ada" }), refused, agent:execute("two").text)
    print(Tool.exists("calculator"), Config.get("providers.mine.max_retries"), Config.get("run.max_calls"))
    Logger.debug("now")
    """,
    """
    const agent = Agent.create({ model: "echo" });
    await agent.execute("one");
    say(Prompt.render("greeting", { name: "Ada" }));
    Logger.debug("not yet");
    const refused = (await agent.execute("two").catch((error) => error)).name;
    host.changes();
    while (Prompt.render("greeting", { name: "Ada" }) === "Hello Ada.") await Async.sleep(0.01);
    say(Prompt.render("greeting", { name: "Ada" }), refused, (await agent.execute("two")).text);
    say(Tool.exists("calculator"), Config.get("providers.mine.max_retries"), Config.get("run.max_calls"));
    Logger.debug("now");
    """,
    "Hello Ada.\nGood morning, Ada.\tBudgetError\ttwo\nfalse\t5\t2\n",
)


class Running:
    """A script before a configuration that is watched."""

    def __init__(self, language: Language, folder: Path, text: str, changes: Callable[[], None]) -> None:
        self.out: list[str] = []
        self.err: list[str] = []
        self.told: list[str] = []
        self.heard = threading.Semaphore(0)
        """Let go by each line that tells of a change."""
        main = folder / f"main{SUFFIX[language]}"
        assembly = assemble(Launch(folder))
        reloading = Reloading(assembly, self._tell, QUICK)
        runtime = create(
            language, assembly.context(language, Streams(self.out.append, self.err.append)), assembly.services
        )
        interrupt = threading.Timer(LIMIT, runtime.interrupt)
        try:
            reloading.start()
            interrupt.start()
            runtime.install(host(changes=changes, wait=self._wait))
            runtime.run(str(main), text)
        finally:
            interrupt.cancel()
            reloading.stop()
            runtime.close()
            assembly.services.close()

    def _tell(self, line: str) -> None:
        self.told.append(line)
        self.heard.release()

    def _wait(self) -> None:
        assert self.heard.acquire(timeout=LIMIT)


def replace(file: Path, text: str) -> None:
    """Write a file at once: nobody sees a half of it."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.replace(file)


@both
def test_what_is_safe_is_taken_over_while_a_script_runs(language: Language, tmp_path: Path) -> None:
    file = tmp_path / "llmspell.toml"
    file.write_text(BEFORE)
    text = WAITS.lua if language == "lua" else f"{SAY} {WAITS.javascript}"
    ran = Running(language, tmp_path, text, lambda: replace(file, AFTER))
    assert "".join(ran.out) == WAITS.expect
    assert [line.split(maxsplit=2)[2] for line in ran.err] == ["now\n"]
    assert [line.split(maxsplit=1)[1] for line in ran.told] == [
        'INFO  llmspell.config: taken over keys=["run.max_calls", "providers.mine.max_retries",'
        ' "prompts.greeting.text", "log.level"]\n',
        'INFO  llmspell.config: holds for the next run keys=["tools.disabled"]\n',
    ]


BROKEN = Pair(
    "",
    "host.changes() host.wait() print(Prompt.render('greeting', { name = 'Ada' }))"
    " host.changes() host.wait() print(Prompt.render('greeting', { name = 'Ada' }))",
    "host.changes(); host.wait(); say(Prompt.render('greeting', { name: 'Ada' }));"
    " host.changes(); host.wait(); say(Prompt.render('greeting', { name: 'Ada' }))",
    "Hello Ada.\nGood morning, Ada.\n",
)


@both
@pytest.mark.parametrize(
    ("broken", "expect"),
    [
        ("[run]\nmax_cals = 1\n", "llmspell.toml:2: there is no 'run.max_cals'; did you mean 'max_calls'?"),
        (
            "[prompts]\ngreeting = '{{ name'\n",
            "the prompt 'greeting': line 1: unexpected end of template, expected 'end of print statement'.",
        ),
    ],
    ids=["an unknown key", "a template"],
)
def test_what_is_wrong_is_told_and_changes_nothing(
    language: Language, broken: str, expect: str, tmp_path: Path
) -> None:
    file = tmp_path / "llmspell.toml"
    file.write_text(BEFORE)
    texts = iter([broken, AFTER])
    text = BROKEN.lua if language == "lua" else f"{SAY} {BROKEN.javascript}"
    ran = Running(language, tmp_path, text, lambda: replace(file, next(texts)))
    assert "".join(ran.out) == BROKEN.expect
    told = ran.told[0].replace(f"{tmp_path}/", "")
    assert told.split(maxsplit=1)[1] == (
        f"WARN  llmspell.config: the configuration cannot be used: {expect}\n"
    )


ASKS = Pair(
    "",
    "local agent = Agent.create({ model = 'mine/small' })"
    " agent:execute('one') host.changes() print(agent:execute('two').text)",
    "const agent = Agent.create({ model: 'mine/small' });"
    " await agent.execute('one'); host.changes(); say((await agent.execute('two')).text)",
    "hello\n",
)


@both
def test_a_provider_that_is_in_use_takes_another_key(language: Language, tmp_path: Path) -> None:
    def written(key: str) -> None:
        (tmp_path / "llmspell.toml").write_text(
            f'[providers.mine]\ntype = "openai-compatible"\nbase_url = "{server.url}/v1"\napi_key = "{key}"\n'
        )

    def changes() -> None:
        written("the-second-key")
        take_over(assembly, resolve(tmp_path))

    with model_server.serving(chat({"content": "hello"}), chat({"content": "hello"})) as server:
        written("the-first-key")
        assembly = assemble(Launch(tmp_path))
        try:
            check_pair(ASKS, language, services=assembly.services, names=host(changes=changes))
        finally:
            assembly.services.close()
    keys = [each.headers["authorization"] for each in server.received]
    assert keys == ["Bearer the-first-key", "Bearer the-second-key"]


SECURED = "[security]\nprofile = 'low'\nread = ['shared']\nprocesses = ['ls']\nvariables = ['MY_TOKEN']\n"
TRIES = """
local function tried(f, ...) local ok, error = pcall(f, ...) return ok and "allowed" or error.kind end
local function all()
  return table.concat({
    tried(Tool.execute, "file-operations", { operation = "read", path = "{folder}/shared/a.txt" }),
    tried(Tool.execute, "process-executor", { executable = "ls" }),
    tried(Tool.execute, "http-requester", { url = "{url}" }),
    tried(os.getenv, "MY_TOKEN"),
  }, " ")
end
print(all()) host.changes() host.wait() host.wait() print(all()) host.changes() host.wait() print(all())
"""
TRIES_JS = """
async function tried(f) { try { await f(); return "allowed" } catch (error) { return error.name } }
async function all() {
  return [
    await tried(() => Tool.execute("file-operations", { operation: "read", path: "{folder}/shared/a.txt" })),
    await tried(() => Tool.execute("process-executor", { executable: "ls" })),
    await tried(() => Tool.execute("http-requester", { url: "{url}" })),
    await tried(() => process.env.MY_TOKEN),
  ].join(" ");
}
say(await all()); host.changes(); host.wait(); host.wait();
say(await all()); host.changes(); host.wait();
say(await all());
"""


@both
def test_permissions_are_taken_back_at_once_and_never_widened(
    language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "value")
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "a.txt").write_text("a")
    (tmp_path / "root").mkdir()
    root = f"[tools]\nroot = '{tmp_path / 'root'}'\n[log]\nlevel = 'info'\n"
    file = tmp_path / "llmspell.toml"
    file.write_text(root + SECURED)
    texts = iter([root + "[security]\nprofile = 'high'\n", root + SECURED])
    with model_server.serving() as server:
        text = TRIES if language == "lua" else SAY + TRIES_JS
        text = text.replace("{folder}", str(tmp_path)).replace("{url}", server.url)
        ran = Running(language, tmp_path, text, lambda: replace(file, next(texts)))
    allowed, refused = " ".join(["allowed"] * 4), " ".join(["SecurityError"] * 4)
    assert "".join(ran.out).splitlines() == [allowed, refused, refused]
    assert [line.split(maxsplit=1)[1] for line in ran.told] == [
        'WARN  llmspell.config: not allowed any more permissions=["write: root -> listed",'
        ' "hosts: local -> listed", "https: false -> true", "variables: plain -> listed",'
        f' "modules: listed -> own", "read: {tmp_path}/shared", "processes: ls", "variables: MY_TOKEN"]\n',
        'INFO  llmspell.config: holds for the next run keys=["security.read", "security.processes",'
        ' "security.variables", "security.profile"]\n',
        'INFO  llmspell.config: holds for the next run keys=["security.read", "security.processes",'
        ' "security.variables", "security.profile"]\n',
    ]


NARROWER = [
    ("read = ['a', 'b']", "read = ['a']", ["read: {folder}/b"], False),
    ("hosts = ['a.org']", "", ["hosts: a.org"], False),
    ("hosts = ['a.org']", "hosts = ['b.org']", ["hosts: a.org"], True),
    ("", "hosts = ['b.org']", [], True),
    ("profile = 'none'", "profile = 'medium'", None, True),
    ("profile = 'medium'", "profile = 'none'", [], True),
    ("processes = ['ls']", "refuse = ['load']", ["processes: ls"], True),
    ("audit = 'x.jsonl'", "", [], False),
]


@pytest.mark.parametrize(("before", "after", "taken_back", "leaves_rest"), NARROWER)
def test_what_is_narrower_is_told(
    before: str, after: str, taken_back: list[str] | None, leaves_rest: bool, tmp_path: Path
) -> None:
    file, launch = tmp_path / "llmspell.toml", Launch(tmp_path)
    file.write_text(f"[security]\n{before}\n")
    held = permissions_of(launch, resolve(tmp_path), tmp_path)
    file.write_text(f"[security]\n{after}\n")
    told = narrow(held, launch, resolve(tmp_path))
    if taken_back is not None:
        assert list(told.taken_back) == [one.replace("{folder}", str(tmp_path)) for one in taken_back]
    assert told.leaves_rest == leaves_rest
    assert len(held.all) == (1 if taken_back == [] else 2)
