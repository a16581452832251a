"""``Logger`` in scripts: levels, names, fields, errors, timers, correlation ids; in both languages."""

from __future__ import annotations

import json
import os
import re
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.observability import LogSettings, tell
from support.runtime import Script, both, run

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ", re.MULTILINE)


def lines(text: str) -> list[str]:
    """Lines of the log without their times."""
    assert len(TIME.findall(text)) == len(text.splitlines()), text
    return TIME.sub("", text).splitlines()


@dataclass(frozen=True, slots=True)
class Case:
    """A script in both languages and what it logs."""

    name: str
    lua: str
    javascript: str
    logs: list[str]
    out: str = ""
    settings: LogSettings = LogSettings(level="info")  # noqa: RUF009 - it is frozen

    def text(self, language: Language) -> str:
        return self.lua if language == "lua" else self.javascript


CASES = [
    Case(
        "a level that the script sets",
        'Logger.set_level("debug") Logger.debug("a") Logger.trace("b") print(Logger.get_level())\n'
        'Logger.set_level("error") Logger.warn("c") Logger.log("error", "d", { n = 1 })',
        'Logger.setLevel("debug"); Logger.debug("a"); Logger.trace("b"); console.log(Logger.getLevel());\n'
        'Logger.setLevel("error"); Logger.warn("c"); Logger.log("error", "d", { n: 1 });',
        ["DEBUG a", "ERROR d n=1"],
        "debug\n",
    ),
    Case(
        "a logger takes the level of the one above it, until it has one",
        'local above = Logger.new({ name = "agent" }) local below = Logger.new({ name = "agent.writer" })\n'
        'above:set_level("debug") below:debug("1") print(below:get_level(), below:is_enabled("trace"))\n'
        'below:set_level("error") below:warn("2") above:debug("3") Logger.debug("4")\n'
        'Logger.new({ name = "agents" }):debug("5")',
        'const above = Logger.new({ name: "agent" }), below = Logger.new({ name: "agent.writer" });\n'
        'above.setLevel("debug"); below.debug("1");\n'
        'console.log(`${below.getLevel()}\\t${below.isEnabled("trace")}`);\n'
        'below.setLevel("error"); below.warn("2"); above.debug("3"); Logger.debug("4");\n'
        'Logger.new({ name: "agents" }).debug("5");',
        ["DEBUG agent.writer: 1", "DEBUG agent: 3"],
        "debug\tfalse\n",
    ),
    Case(
        "levels of loggers from the settings; the script's own win at the same name",
        'local log = Logger.new({ name = "agent.writer" }) log:debug("1")\n'
        'Logger.set_level("error") log:debug("2")\n'
        'Logger.new({ name = "agent", level = "warn" }) log:info("3")',
        'const log = Logger.new({ name: "agent.writer" }); log.debug("1");\n'
        'Logger.setLevel("error"); log.debug("2");\n'
        'Logger.new({ name: "agent", level: "warn" }); log.info("3");',
        ["DEBUG agent.writer: 1", "DEBUG agent.writer: 2"],
        settings=LogSettings(level="info", levels={"agent": "debug"}),
    ),
    Case(
        "fields of loggers and of messages",
        'local log = Logger.new({ name = "a" }):with_context({ job = 7, step = 1 })\n'
        'log:info("m", { step = 2 }) log:child("b", { k = "x y" }):info("n") print(log:child("b").name)\n'
        'Logger.with_context({ q = true }):info("o")',
        'const log = Logger.new({ name: "a" }).withContext({ job: 7, step: 1 });\n'
        'log.info("m", { step: 2 }); log.child("b", { k: "x y" }).info("n");\n'
        'console.log(log.child("b").name);\n'
        'Logger.withContext({ q: true }).info("o");',
        ["INFO  a: m job=7 step=2", 'INFO  a.b: n job=7 step=1 k="x y"', "INFO  o q=true"],
        "a.b\n",
    ),
    Case(
        "Debug, the older face",
        'Debug.info("a", "m") Debug.debug("b") print(Debug.setLevel("debug"), Debug.getLevel())\n'
        'Debug.debug("c") Debug.log("warn", "d", "m.n") Debug.logWithData("error", "e", { 1, 2 })\n'
        'print(Debug.dumpCompact({ a = { 1 }, password = "hush" }, "it")) print(Debug.dump({ 1 }))',
        'Debug.info("a", "m"); Debug.debug("b");\n'
        'console.log(`${Debug.setLevel("debug")}\\t${Debug.getLevel()}`);\n'
        'Debug.debug("c"); Debug.log("warn", "d", "m.n"); Debug.logWithData("error", "e", [1, 2]);\n'
        'console.log(Debug.dumpCompact({ a: [1], password: "hush" }, "it")); console.log(Debug.dump([1]));',
        ["INFO  m: a", "DEBUG c", "WARN  m.n: d", "ERROR e data=[1, 2]"],
        'true\tdebug\nit = {"a": [1], "password": "[secret]"}\n[\n  1\n]\n',
    ),
    Case(
        "a message of several lines stays one record",
        'Logger.info("a\\nb", { ["k\\n"] = "c\\nd" })',
        'Logger.info("a\\nb", { "k\\n": "c\\nd" });',
        ['INFO  a\\nb "k\\n"="c\\nd"'],
    ),
    Case(
        "a correlation id",
        'print(Logger.get_correlation_id()) Logger.set_correlation_id("r-1") Logger.info("a")\n'
        'Logger.new({ name = "n" }):info("b", { c = 1 }) print(Logger.get_correlation_id())\n'
        'Logger.set_correlation_id() Logger.info("d")',
        "console.log(Logger.getCorrelationId() === null ? 'nil' : '?');\n"
        'Logger.setCorrelationId("r-1"); Logger.info("a");\n'
        'Logger.new({ name: "n" }).info("b", { c: 1 }); console.log(Logger.getCorrelationId());\n'
        'Logger.setCorrelationId(); Logger.info("d");',
        ["INFO  a correlation_id=r-1", "INFO  n: b c=1 correlation_id=r-1", "INFO  d"],
        "nil\nr-1\n",
    ),
]


@both
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_logged(case: Case, language: Language) -> None:
    ran = run(Script(language, case.text(language), services=Services(log=case.settings)))
    assert ran.error is None
    assert (ran.out, lines(ran.err)) == (case.out, case.logs)


@both
def test_lines_stand_among_what_the_script_writes_itself(language: Language) -> None:
    text = {
        "lua": 'Logger.error("m") io.stderr:write("own\\n") Logger.error("n")',
        "javascript": 'Logger.error("m"); console.error("own"); Logger.error("n");',
    }[language]
    written = run(Script(language, text)).err.splitlines()
    assert [line.rpartition(" ")[2] for line in written] == ["m", "own", "n"]


def test_what_the_engine_says_outside_of_runs_goes_to_the_process(capsys: pytest.CaptureFixture[str]) -> None:
    outside = Context()
    outside.run(tell, "info", "events", "unseen")
    outside.run(tell, "warn", "events", "lost", count=2)
    assert lines(capsys.readouterr().err) == ["WARN  llmspell.events: lost count=2"]


ERRORS: list[tuple[str, dict[Language, str], str, dict[str, Any]]] = [
    (
        "an error as the message",
        {
            "lua": 'local _, e = pcall(Tool.execute, "nothing", {}) Logger.error(e)',
            "javascript": 'try { await Tool.execute("nothing", {}); } catch (e) { Logger.error(e); }',
        },
        "there is no tool 'nothing'",
        {"kind": "ToolError", "message": "there is no tool 'nothing'"},
    ),
    (
        "an error as the fields",
        {
            "lua": 'local _, e = pcall(Tool.execute, "nothing", {}) Logger.error("no tool", e)',
            "javascript": ""
            'try { await Tool.execute("nothing", {}); } catch (e) { Logger.error("no tool", e); }',
        },
        "no tool",
        {"kind": "ToolError", "message": "there is no tool 'nothing'"},
    ),
    (
        "a text as the error",
        {
            "lua": 'Logger.error("bad", "it broke")',
            "javascript": 'Logger.error("bad", "it broke");',
        },
        "bad",
        {"text": "it broke"},
    ),
]


@both
@pytest.mark.parametrize(("name", "texts", "message", "error"), ERRORS, ids=[each[0] for each in ERRORS])
def test_errors_are_told_whole(
    name: str, texts: dict[Language, str], message: str, error: dict[str, Any], language: Language
) -> None:
    ran = run(Script(language, texts[language], services=Services(log=LogSettings("info", "json"))))
    record = json.loads(ran.err)
    assert record["level"] == "error"
    assert record["message"].startswith(message)
    found = record["fields"]["error"]
    if "text" in error:
        assert found == error["text"]
    else:
        assert (found["kind"], found["message"].startswith(error["message"])) == (error["kind"], True)


def test_an_error_of_javascript_is_told_with_its_calls_and_causes() -> None:
    text = (
        "function inner() { throw new TypeError('inner', { cause: new RangeError('first') }); }\n"
        "try { inner(); } catch (problem) { Logger.warn('outer', { problem, list: [problem] }); }"
    )
    record = json.loads(
        run(Script("javascript", text, services=Services(log=LogSettings("info", "json")))).err
    )
    found = record["fields"]["problem"]
    assert record["fields"]["list"] == [found]
    assert (found["kind"], found["message"]) == ("TypeError", "inner")
    assert found["stack"][0].endswith("main.js:1 in inner")
    assert (found["cause"]["kind"], found["cause"]["message"]) == ("RangeError", "first")


TIMERS: dict[Language, str] = {
    "lua": 'local t = Logger.timer("work") local a = t:lap("read") t:lap()\n'
    "local b = t:stop({ n = 1 }) print(t.name, a >= 0, b >= a, t:stop() == b, t:elapsed() == b)",
    "javascript": 'const t = Logger.timer("work"); const a = t.lap("read"); t.lap();\n'
    "const b = t.stop({ n: 1 }); const all = [t.name, a >= 0, b >= a, t.stop() === b, t.elapsed() === b];\n"
    'console.log(all.join("\\t"));',
}


@both
def test_timers_log_what_they_measure(language: Language) -> None:
    ran = run(Script(language, TIMERS[language], services=Services(log_level="debug")))
    assert ran.out == "work\ttrue\ttrue\ttrue\ttrue\n"
    told = [re.sub(r"=[\d.]+", "=#", line) for line in lines(ran.err)]
    assert told == [
        "DEBUG work: read lap_ms=# elapsed_ms=#",
        "DEBUG work: lap lap_ms=# elapsed_ms=#",
        "INFO  work n=# duration_ms=#",
    ]


@both
def test_json_has_the_same_in_fields(language: Language) -> None:
    call = "Logger.set_correlation_id" if language == "lua" else "Logger.setCorrelationId"
    ran = run(
        Script(
            language,
            f'{call}("c") Logger.info("m")' if language == "lua" else f'{call}("c"); Logger.info("m")',
            services=Services(log=LogSettings("info", "json")),
        )
    )
    record = json.loads(ran.err)
    assert TIME.match(record.pop("time") + " ")
    assert record == {"level": "info", "logger": None, "message": "m", "fields": {}, "correlation_id": "c"}


@both
def test_a_file_gets_the_same_lines(language: Language, tmp_path: Path) -> None:
    services = Services(log=LogSettings("info", "json", tmp_path / "run.log"))
    first, second = (run(Script(language, 'Logger.info("m")', services=services)) for _ in range(2))
    assert (tmp_path / "run.log").read_text() == first.err + second.err


def test_settings_change_while_a_script_runs(tmp_path: Path) -> None:
    services = Services(log=LogSettings("warn", file=tmp_path / "a.log"))

    def apply(level: Any, name: str) -> None:
        services.log_sink.apply(LogSettings(level, file=tmp_path / name, levels={"loud": "trace"}))

    from support.runtime import host

    text = (
        'Logger.info("1") Logger.warn("2") host.apply("info", "b.log") Logger.info("3")\n'
        'Logger.new({ name = "loud" }):trace("4")\n'
        'Logger.set_level("error") host.apply("trace", "b.log") Logger.warn("5")'
    )
    ran = run(Script("lua", text, names=host(apply=apply), services=services))
    assert lines(ran.err) == ["WARN  2", "INFO  3", "TRACE loud: 4"]
    assert lines((tmp_path / "a.log").read_text()) == ["WARN  2"]
    assert lines((tmp_path / "b.log").read_text()) == ["INFO  3", "TRACE loud: 4"]


def test_a_file_that_cannot_be_opened_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none"):
        Services(log=LogSettings("info", file=tmp_path / "none" / "a.log"))
    services = Services(log=LogSettings("info", file=tmp_path / "a.log"))
    with pytest.raises(OSError, match="none"):
        services.log_sink.apply(LogSettings("error", file=tmp_path / "none" / "a.log"))
    assert services.log_sink.settings.level == "info"
    run(Script("lua", 'Logger.info("m")', services=services))
    assert lines((tmp_path / "a.log").read_text()) == ["INFO  m"]


def open_files() -> int:
    """How often this process has the disk open that is always full."""
    return sum(os.path.realpath(one) == "/dev/full" for one in Path("/proc/self/fd").iterdir())


def test_a_full_disk_is_told_once() -> None:
    before = open_files()
    services = Services(log=LogSettings("info", file=Path("/dev/full")))
    ran = run(Script("lua", 'Logger.info("1") Logger.info("2")', services=services))
    told = lines(ran.err)
    assert [told[0], told[2]] == ["INFO  1", "INFO  2"]
    assert told[1].startswith("ERROR llmspell.log: the log file '/dev/full' is written no more: ")
    assert open_files() == before


@both
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('log("loud", "m")', "Logger.log: 'level' must be"),
        ('error("m", 1)', "Logger.error: 'meta' must be a table of fields or an error"),
        ("timer()", "Logger.timer: 'name' is missing"),
    ],
)
def test_what_logger_does_not_take(call: str, message: str, language: Language) -> None:
    ran = run(Script(language, f"Logger.{call}"))
    assert message in str(ran.error)
