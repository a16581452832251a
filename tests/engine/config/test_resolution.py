"""Which source wins, what variables mean, where values come from, and how all that is wrong is told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.config import ConfigError, ResolvedConfig, resolve
from llmspell_engine.config.documents import shown
from llmspell_engine.config.fields import plain


def resolved(folder: Path, text: str = "", name: str = "llmspell.toml", **overrides: Any) -> ResolvedConfig:
    if text:
        (folder / name).write_text(text, "utf-8")
    return resolve(folder, overrides={key.replace("__", "."): value for key, value in overrides.items()})


def faults(folder: Path, text: str = "", name: str = "llmspell.toml", **overrides: Any) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        resolved(folder, text, name, **overrides)
    assert str(raised.value) == "\n".join(raised.value.faults)
    return [fault.replace(f"{shown(folder)}/", "") for fault in raised.value.faults]


SOURCES = ("user", "project", "variable", "option")


@pytest.mark.parametrize("present", [
    ("user",), ("project",), ("variable",), ("option",), ("user", "project"), ("project", "variable"),
    ("variable", "option"), ("user", "option"), ("user", "variable"), ("project", "option"), SOURCES, (),
])  # fmt: skip
def test_the_nearest_source_wins(
    present: tuple[str, ...], tmp_path: Path, user_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "user" in present:
        (user_folder / "llmspell.toml").write_text("run.max_calls = 1\nlog.level = 'info'\n")
    if "variable" in present:
        monkeypatch.setenv("LLMSPELL_RUN__MAX_CALLS", "3")
    project = "\n\n[run]\nmax_calls = 2\n" if "project" in present else ""
    found = resolved(tmp_path, project, run__max_calls=4 if "option" in present else None)
    winner = next((one for one in reversed(SOURCES) if one in present), None)
    expected = {"user": 1, "project": 2, "variable": 3, "option": 4, None: None}
    origins = {
        "user": f"{shown(user_folder / 'llmspell.toml')}:1",
        "project": f"{shown(tmp_path / 'llmspell.toml')}:4",
        "variable": "LLMSPELL_RUN__MAX_CALLS",
        "option": "--max-calls",
        None: "default",
    }
    assert found.config.run.max_calls == expected[winner]
    assert str(found.origin(("run", "max_calls"))) == origins[winner]
    assert found.config.log.level == ("info" if "user" in present else "warn")
    assert found.is_empty == (not present)


def test_the_nearest_file_of_the_project_counts_alone(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "llmspell.toml").write_text("[run]\nmax_calls = 1\nmax_tokens = 5\n")
    (tmp_path / "a" / "llmspell.json").write_text('{"run": {"max_calls": 2}}')
    found = resolve(deep)
    assert (found.config.run.max_calls, found.config.run.max_tokens) == (2, None)
    assert found.files == (tmp_path / "a" / "llmspell.json",)
    named = resolve(deep, file=tmp_path / "llmspell.toml")
    assert (named.config.run.max_calls, named.config.run.max_tokens) == (1, 5)


FORMATS = {
    "llmspell.toml": "[run]\nmax_calls = 3\n[tools]\ndisabled = ['uuid-generator']\n[prompts]\na = 'Hi'\n",
    "llmspell.yaml": "run:\n  max_calls: 3\ntools:\n  disabled: [uuid-generator]\nprompts:\n  a: Hi\n",
    "llmspell.yml": "run: {max_calls: 3}\ntools: {disabled: [uuid-generator]}\nprompts: {a: Hi}\n",
    "llmspell.json": '{"$schema": "./s.json", "run": {"max_calls": 3}, "tools": {"disabled":'
    ' ["uuid-generator"]}, "prompts": {"a": "Hi"}}',
}


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_says_the_same(name: str, tmp_path: Path) -> None:
    config = resolved(tmp_path, FORMATS[name], name).config
    assert config.run.max_calls == 3
    assert config.tools.disabled == ("uuid-generator",)
    assert config.prompts["a"].text == "Hi"


@pytest.mark.parametrize(
    ("variables", "keys", "value"),
    [
        ({"LLMSPELL_RUN__MAX_CALLS": "100_000"}, "run.max_calls", 100000),
        ({"LLMSPELL_RUN__MAX_COST": "2"}, "run.max_cost", 2.0),
        ({"LLMSPELL_LOG__OTEL__ENABLED": "true"}, "log.otel.enabled", True),
        ({"LLMSPELL_LOG__LEVEL": "debug"}, "log.level", "debug"),
        ({"LLMSPELL_LOG": "DEBUG"}, "log.level", "debug"),
        ({"LLMSPELL_LOG": "nonsense"}, "log.level", "warn"),
        ({"LLMSPELL_LOG": "nonsense", "LLMSPELL_RUN__MAX_CALLS": "3"}, "run.max_calls", 3),
        ({"LLMSPELLS__X": "1", "llmspell_run__max_calls": "3"}, "run.max_calls", 3),
        ({"LLMSPELL_LOG": "debug", "LLMSPELL_LOG__LEVEL": "info"}, "log.level", "info"),
        (
            {"LLMSPELL_TOOLS__DISABLED": "calculator, uuid-generator"},
            "tools.disabled",
            ["calculator", "uuid-generator"],
        ),
        ({"LLMSPELL_TOOLS__DISABLED": '["calculator"]'}, "tools.disabled", ["calculator"]),
        ({"LLMSPELL_TOOLS__DISABLED": "calculator"}, "tools.disabled", ["calculator"]),
        ({"LLMSPELL_TOOLS__DISABLED": ""}, "tools.disabled", []),
        ({"LLMSPELL_PROVIDERS__MY_OWN__TIMEOUT_SECONDS": "7.5"}, "providers.My-Own.timeout_seconds", 7.5),
        ({"LLMSPELL_PROVIDERS__NEW__MODELS": "a,b"}, "providers.new.models", ["a", "b"]),
        ({"LLMSPELL_PROVIDERS__NEW__HEADERS": '{"X-A": "b"}'}, "providers.new.headers.X-A", "[secret]"),
        ({"LLMSPELL_PROMPTS__A": "1"}, "prompts.a.text", "1"),
        ({"LLMSPELL_RUN__PARAMS__COUNT": "12"}, "run.params.count", "12"),
        (
            {"LLMSPELL_AGENTS__W__MODEL": "echo", "LLMSPELL_AGENTS__W__STOP": '["a,b"]'},
            "agents.w.stop",
            ["a,b"],
        ),
    ],
)
def test_variables(
    variables: Mapping[str, str], keys: str, value: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    found: Any = plain(resolved(tmp_path, "[providers.My-Own]\n").config)
    for key in keys.split("."):
        found = found[key]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("variables", "expect"),
    [
        (
            {"LLMSPELL_RUM__MAX_CALLS": "1"},
            "LLMSPELL_RUM__MAX_CALLS: there is no 'rum'; did you mean LLMSPELL_RUN__MAX_CALLS?",
        ),
        (
            {"LLMSPELL_RUN__MAXCALLS": "1"},
            "LLMSPELL_RUN__MAXCALLS: there is no 'run.maxcalls'; did you mean LLMSPELL_RUN__MAX_CALLS?",
        ),
        (
            {"LLMSPELL_STATE__QQQ": "1"},
            "LLMSPELL_STATE__QQQ: there is no 'state.qqq'; there is file, redis, namespace",
        ),
        (
            {"LLMSPELL_RUN__MAX_CALLS": "many"},
            "LLMSPELL_RUN__MAX_CALLS: 'run.max_calls': should be a valid integer",
        ),
        (
            {"LLMSPELL_RUN__MAX_CALLS": "1.5"},
            "LLMSPELL_RUN__MAX_CALLS: 'run.max_calls': should be a valid integer",
        ),
        (
            {"LLMSPELL_RUN": "x", "LLMSPELL_RUN__": "1"},
            "LLMSPELL_RUN__: there is no 'run.'; there is max_calls, max_tokens, max_cost, params, cassette",
        ),
    ],
)
def test_variables_that_fit_nothing(
    variables: Mapping[str, str], expect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    assert faults(tmp_path) == [expect]


def test_all_variables_that_fit_nothing_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LLMSPELL_RUM__MAX_CALLS", "LLMSPELL_RUN__MAX_CALLS", "LLMSPELL_STATE__QQQ"):
        monkeypatch.setenv(name, "many")
    assert [one.partition(": ")[::2] for one in faults(tmp_path)] == [
        ("LLMSPELL_RUM__MAX_CALLS", "there is no 'rum'; did you mean LLMSPELL_RUN__MAX_CALLS?"),
        ("LLMSPELL_STATE__QQQ", "there is no 'state.qqq'; there is file, redis, namespace"),
        ("LLMSPELL_RUN__MAX_CALLS", "'run.max_calls': should be a valid integer"),
    ]


@pytest.mark.parametrize(
    ("written", "value", "origin"),
    [
        ("${NAME}", "Ada", " ${NAME}"),
        ("Hi ${NAME}!", "Hi Ada!", " ${NAME}"),
        ("${NONE:-you}", "you", " ${NONE}"),
        ("${EMPTY:-you}", "you", " ${EMPTY}"),
        ("[${EMPTY}]", "[]", " ${EMPTY}"),
        ("${NONE:-}.", ".", " ${NONE}"),
        ("$${NAME}", "${NAME}", ""),
        ("$5 and $$6", "$5 and $6", ""),
        ("$NAME", "$NAME", ""),
        ("${NAME}${OTHER}", "AdaBob", " ${NAME} ${OTHER}"),
        ("${NONE:-a:-b}", "a:-b", " ${NONE}"),
    ],
)
def test_variables_in_texts(
    written: str, value: str, origin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {"NAME": "Ada", "OTHER": "Bob", "EMPTY": ""}.items():
        monkeypatch.setenv(name, text)
    found = resolved(tmp_path, f"[prompts]\na = '{written}'\n")
    assert found.config.prompts["a"].text == value
    assert str(found.origin(("prompts", "a"))) == f"{shown(tmp_path / 'llmspell.toml')}:2{origin}"


def test_variables_stand_for_values_of_any_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLS", "12")
    text = (
        "[run]\nmax_calls = '${CALLS}'\nmax_cost = '${COST:-0.5}'\n[tools]\ndisabled ="
        " ['${OFF:-calculator}']\n"
    )
    config = resolved(tmp_path, text).config
    assert (config.run.max_calls, config.run.max_cost, config.tools.disabled) == (12, 0.5, ("calculator",))


def test_a_nearer_file_is_not_read_as_a_variable_because_a_farther_one_was(
    tmp_path: Path, user_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a variable writes is a number; what a file writes between quotation marks is none."""
    monkeypatch.setenv("CALLS", "12")
    monkeypatch.setenv("OFF", "calculator")
    (user_folder / "llmspell.toml").write_text(
        "[run]\nmax_calls = '${CALLS}'\nmax_tokens = '${CALLS}'\n[tools]\ndisabled = '${OFF}'\n"
    )
    config = resolved(tmp_path, "[run]\nmax_calls = 7\n[tools]\ndisabled = ['uuid-generator']\n").config
    assert (config.run.max_calls, config.run.max_tokens) == (7, 12)
    assert config.tools.disabled == ("uuid-generator",)
    assert faults(tmp_path, "[run]\nmax_calls = '7'\n") == [
        "llmspell.toml:2: 'run.max_calls': should be a valid integer"
    ]


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"run__max_calls": 0}, None),
        ({"run__max_calls": -1}, "--max-calls: 'run.max_calls': should be greater than or equal to 0"),
        ({"run__max_calls": True}, "--max-calls: 'run.max_calls': should be a valid integer"),
        ({"run__max_tokens": -1}, "--max-tokens: 'run.max_tokens': should be greater than or equal to 0"),
        ({"run__max_cost": 0.0}, None),
        ({"run__max_cost": -0.5}, "--max-cost: 'run.max_cost': should be greater than or equal to 0"),
        ({"run__max_cost": math.inf}, None),
        ({"run__max_cost": math.nan}, "--max-cost: 'run.max_cost': should be greater than or equal to 0"),
        ({"log__level": "trace"}, None),
        (
            {"log__level": "loud"},
            "--log-level: 'log.level': should be 'trace', 'debug', 'info', 'warn' or 'error'",
        ),
        ({"state__file": Path("/s.db")}, None),
        ({"log__otel__enabled": True}, None),
    ],
)
def test_options_alone_are_judged_as_with_a_file(
    overrides: dict[str, Any], told: str | None, tmp_path: Path
) -> None:
    """Where only options are set, those that are plainly right are not shown to the model."""
    for text in ("", "[prompts]\n"):
        if told is None:
            [(key, expected)] = overrides.items()
            found: Any = resolved(tmp_path, text, **overrides).config
            for name in key.split("__"):
                found = getattr(found, name)
            assert found == expected
        else:
            assert faults(tmp_path, text, **overrides) == [told]


def test_a_relative_file_of_an_option_starts_where_the_run_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolved(tmp_path, state__file=Path("s.db")).config.state.file == tmp_path / "s.db"


def test_secrets_are_known_and_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "from-the-environment")
    monkeypatch.setenv("DATABASE", "postgres://secret")
    found = resolved(
        tmp_path,
        "[providers.a]\napi_key = '${MY_KEY}'\nheaders = { X = 'in-a-header' }\n"
        "[security]\nsecret_variables = ['DATABASE', 'NOT_THERE']\n"
        "[tools.settings.web-searcher]\nbrave_api_key = 'of-a-tool'\nprovider = 'brave'\n",
    )
    declared = {"from-the-environment", "in-a-header", "postgres://secret"}
    assert set(found.secrets) == declared | {"of-a-tool"}
    assert not any(secret in repr(found.config) for secret in declared)
    assert not any(secret in repr(plain(found.config)) for secret in found.secrets)


def test_paths_start_at_who_names_them(
    tmp_path: Path, user_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (user_folder / "llmspell.toml").write_text("[state]\nfile = 's.db'\n[log]\nfile = 'l.log'\n")
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLMSPELL_TOOLS__ROOT", "data")
    monkeypatch.setenv("LLMSPELL_ENGINE__JAVASCRIPT__PATH", "a,~/b")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    text = "[log]\nfile = '../p.log'\n[engine.lua]\npath = ['lib', '/abs']\n[prompts.a]\nfile = 'a.txt'\n"
    config = resolved(project, text, run__cassette=Path("c.jsonl")).config
    assert config.state.file == user_folder / "s.db"
    assert config.log.file == project / "../p.log"
    assert config.engine.lua.path == (project / "lib", Path("/abs"))
    assert config.prompts["a"].file == project / "a.txt"
    assert config.tools.root == tmp_path / "data"
    assert config.engine.javascript.path == (tmp_path / "a", tmp_path / "home" / "b")
    assert config.run.cassette == tmp_path / "c.jsonl"


def test_tables_are_merged_key_by_key_and_prompts_replaced(tmp_path: Path, user_folder: Path) -> None:
    (user_folder / "llmspell.yaml").write_text(
        "providers: {a: {base_url: 'http://u', max_retries: 1}}\n"
        "prompts: {p: {text: old, description: of the user}, q: kept}\ntools: {disabled: [calculator]}\n"
    )
    config = resolved(
        tmp_path,
        "[providers.a]\nmax_retries = 9\n[prompts.p]\nfile = 'p.txt'\n[tools]\ndisabled ="
        " ['uuid-generator']\n",
    ).config
    assert (config.providers["a"].base_url, config.providers["a"].max_retries) == ("http://u", 9)
    assert (config.prompts["p"].text, config.prompts["p"].description) == (None, None)
    assert config.prompts["q"].text == "kept"
    assert config.tools.disabled == ("uuid-generator",)


@pytest.mark.parametrize(
    ("name", "text", "expect"),
    [
        (
            "llmspell.toml",
            "[run]\nmax_token = 1\n",
            ["llmspell.toml:2: there is no 'run.max_token'; did you mean 'max_tokens'?"],
        ),
        (
            "llmspell.toml",
            "[run]\nmax_calls = '3'\n",
            ["llmspell.toml:2: 'run.max_calls': should be a valid integer"],
        ),
        (
            "llmspell.toml",
            "[run]\nmax_calls = true\n",
            ["llmspell.toml:2: 'run.max_calls': should be a valid integer"],
        ),
        ("llmspell.toml", "[state]\n[agents.x]\n", ["llmspell.toml:2: 'agents.x.model' is missing"]),
        (
            "llmspell.toml",
            "agents.x = {model = 'echo', temperature = 3}\n",
            ["llmspell.toml:1: 'agents.x.temperature': should be less than or equal to 2"],
        ),
        (
            "llmspell.toml",
            "[prompts.a]\ntext = 'x'\nfile = 'y'\n",
            ["llmspell.toml:1: 'prompts.a': give either 'text' or 'file'"],
        ),
        (
            "llmspell.toml",
            "[tools]\ndisabled = [\n'calculater',\n1]\n",
            ["llmspell.toml:4: 'tools.disabled[1]': should be a valid string"],
        ),
        (
            "llmspell.toml",
            "[tools]\ndisabled = [\n'calculater']\n",
            [
                "llmspell.toml:3: 'tools.disabled[0]': there is no tool 'calculater'; did"
                " you mean 'calculator'?"
            ],
        ),
        (
            "llmspell.toml",
            "[agents.b]\nmodel = 'echo'\n[agents.a]\nmodel = 'echo'\nhandoffs = ['b', 'c']\n",
            ["llmspell.toml:5: 'agents.a.handoffs[1]': there is no agent 'c'"],
        ),
        ("llmspell.toml", "run = 3\n", ["llmspell.toml:1: 'run': should be a table"]),
        (
            "llmspell.toml",
            "[log]\nlevel = 'loud'\n",
            ["llmspell.toml:2: 'log.level': should be 'trace', 'debug', 'info', 'warn' or 'error'"],
        ),
        ("llmspell.toml", "[run]\n\n[run]\n", ["llmspell.toml:3: cannot declare ('run',) twice"]),
        (
            "llmspell.toml",
            "[prompts]\na = '${NONE}'\nb = '${}'\n",
            [
                "llmspell.toml:2: 'prompts.a': the environment variable NONE is not set;"
                " set it, or write ${NONE:-DEFAULT}",
                "llmspell.toml:3: 'prompts.b': '${}' names no variable; write '$$' for a '$'",
            ],
        ),
        (
            "llmspell.toml",
            "[run]\nmax_calls = '${NONE}'\n",
            [
                "llmspell.toml:2: 'run.max_calls': the environment variable NONE is not"
                " set; set it, or write ${NONE:-DEFAULT}"
            ],
        ),
        (
            "llmspell.toml",
            "version = 2\n",
            [
                "llmspell.toml:1: the file is of version 2, this llmspell knows versions"
                " up to 1; update llmspell"
            ],
        ),
        (
            "llmspell.toml",
            "[engines.lua]\n",
            [
                "llmspell.toml:1: the file has the layout of llmspell 0.14 and before;"
                " bring it up to date with 'llmspell config migrate llmspell.toml'"
            ],
        ),
        (
            "llmspell.yaml",
            "run:\n  max_calls: many\nlogg: {}\n",
            [
                "llmspell.yaml:2: 'run.max_calls': should be a valid integer",
                "llmspell.yaml:3: there is no 'logg'; did you mean 'log'?",
            ],
        ),
        (
            "llmspell.yaml",
            "run: [\n",
            ["llmspell.yaml:2: expected the node content, but found '<stream end>'"],
        ),
        ("llmspell.yaml", "run: {}\nrun: {}\n", ["llmspell.yaml:2: 'run' is there twice"]),
        ("llmspell.yaml", "- run\n", ["llmspell.yaml:1: a configuration is a table of sections, not a list"]),
        (
            "llmspell.json",
            '{"run":\n {"max_calls": 1.5}}',
            ["llmspell.json:2: 'run.max_calls': should be a valid integer"],
        ),
        ("llmspell.json", '{"run": {}\n "log": {}}', ["llmspell.json:2: expecting ',' delimiter"]),
        ("llmspell.json", '{"run": {}, "run": {}}', ["llmspell.json:1: 'run' is there twice"]),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    name: str, text: str, expect: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert faults(tmp_path, text, name) == expect


def test_the_faults_of_all_sources_are_told_at_once(
    tmp_path: Path, user_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (user_folder / "llmspell.toml").write_text("[log]\nlevel = 'loud'\n")
    monkeypatch.setenv("LLMSPELL_EVENTS__BUFFER_SIZE", "0")
    found = faults(tmp_path, "[run]\nx = 1\n[prompts]\na = '${NONE}'\n", run__max_calls=-1)
    assert sorted(fault.rpartition("/")[2].partition(": ")[0] for fault in found) == [
        "--max-calls",
        "LLMSPELL_EVENTS__BUFFER_SIZE",
        "llmspell.toml:2",
        "llmspell.toml:2",
        "llmspell.toml:4",
    ]


def test_a_file_that_cannot_be_read_hides_no_fault_of_another(tmp_path: Path, user_folder: Path) -> None:
    (user_folder / "llmspell.toml").write_text("[run")
    assert [fault.rpartition("/")[2] for fault in faults(tmp_path, "[run]\nx = 1\n")] == [
        "llmspell.toml:1: expected ']' at the end of a table declaration",
        "llmspell.toml:2: there is no 'run.x'; there is max_calls, max_tokens, max_cost, params, cassette",
    ]


def test_two_files_in_one_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").touch()
    (tmp_path / "llmspell.yaml").touch()
    assert faults(tmp_path) == [
        f"{tmp_path}: there are 'llmspell.toml' and 'llmspell.yaml'; keep one of them"
    ]


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_bytes(b"a = '\xff'")
    assert faults(tmp_path) == ["llmspell.toml: is not UTF-8 text (byte 5); save it as UTF-8"]
