"""What is made from the model: the file to begin with, the schema, and what people are shown."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from llmspell_engine.config import ConfigError, load, resolve
from llmspell_engine.config.schema import config_schema
from llmspell_engine.config.show import as_json, as_text, as_toml, shown_values
from llmspell_engine.config.template import starting_file

FILE = starting_file()
NEEDED = {"agents": "model", "prompts": "text"}
"""Keys that a table cannot be without."""


def one_key_each() -> Iterator[tuple[str, str]]:
    """The starting file with the ``#`` taken off one key, its header, and what its table needs."""
    for block in FILE.split("\n\n"):
        lines = [line.removeprefix("# ") for line in block.splitlines() if not line.startswith("#   ")]
        header = next((line for line in lines if line.startswith("[")), None)
        keys = [line for line in lines if " = " in line]
        for key in keys if header else ():
            name = key.split()[0]
            others = [line for line in keys if line != key and is_needed(header or "", line, name)]
            above = "agents.writer.model = 'echo'\n" if "resource_limits" in str(header) else ""
            yield f"{header} {name}", "\n".join([above, str(header), key, *others])


def is_needed(header: str, line: str, beside: str) -> bool:
    if "prices" in header:
        return True
    if "resource_limits" in header or (beside == "file" and "prompts" in header):
        return False
    needed = next((key for table, key in NEEDED.items() if header.startswith(f"[{table}.")), None)
    return line.split(maxsplit=1)[0] == needed


def test_the_example_of_the_documentation_is_valid(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text("utf-8")
    assert load_of(tmp_path, page.split("```toml\n")[1].split("```")[0]).run.max_calls == 200


def test_the_starting_file_is_valid_and_sets_nothing(tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text(FILE)
    assert load(tmp_path / "llmspell.toml") == load_of(tmp_path, "")


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in one_key_each()])
def test_each_key_of_the_starting_file_may_be_taken(text: str, tmp_path: Path) -> None:
    load_of(tmp_path, text)


def load_of(folder: Path, text: str) -> Any:
    (folder / "llmspell.toml").write_text(text)
    return load(folder / "llmspell.toml")


@pytest.mark.parametrize(
    "text",
    [
        "",
        FILE,
        "[run]\nmax_calls = 1\nparams = {a = 1}\n[engine.lua]\npath = ['x']\n",
        "[prompts]\na = 'text'\nb = {file = 'x', variables = {c = [1]}}\n",
        "[agents.a]\nmodel = 'echo'\ntemperature = 0.5\nresource_limits = {max_tool_calls = 0}\n",
        "[run]\nmax_calls = '${CALLS:-3}'\n[tools]\ndisabled = '${OFF:-}'\n",
        "[run]\nmax_calls = -1\n",
        "[run]\nmax_call = 1\n",
        "[agents.a]\n",
        "[log]\nlevel = 'loud'\n",
        "[lint.severity]\nLS1 = 'bad'\n",
        "[prompts]\na = 3\n",
        "[events]\nbuffer_size = 'many'\n",
        "[providers.a]\ntimeout_seconds = 0\n",
    ],
)  # fmt: skip
def test_the_schema_accepts_what_the_model_accepts(text: str, tmp_path: Path) -> None:
    try:
        load_of(tmp_path, text)
    except ConfigError:
        is_valid = False
    else:
        is_valid = True
    schema = config_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    assert jsonschema.Draft7Validator(schema).is_valid(tomllib.loads(text)) == is_valid


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEY", "a-secret-key")
    (tmp_path / "llmspell.toml").write_text(
        "[run]\nmax_calls = 3\n[providers.\"my own\"]\napi_key = '${KEY}'\n"
        "base_url = 'http://x/a-secret-key'\nheaders = {A = 'b-secret-header'}\n"
        '[prompts]\na = "two\\nlines"\n'
    )
    return resolve(tmp_path, overrides={"run.max_cost": 1.5})


def test_values_are_shown_with_their_origin(shown: Any) -> None:
    lines = as_text(shown_values(shown), with_origin=True).splitlines()
    told = {line.partition(" = ")[0]: line.partition(" = ")[2].split("  # ") for line in lines}
    assert [part.strip() for part in told["run.max_calls"]] == ["3", "llmspell.toml:2"]
    assert [part.strip() for part in told["run.max_cost"]] == ["1.5", "--max-cost"]
    assert [part.strip() for part in told["run.max_tokens"]] == ["none", "default"]
    assert [part.strip() for part in told['providers."my own".api_key']] == [
        '"[secret]"',
        "llmspell.toml:4 ${KEY}",
    ]
    assert [part.strip() for part in told["prompts.a.text"]] == ['"two\\nlines"', "llmspell.toml:8"]


@pytest.mark.parametrize("with_origin", [True, False])
def test_no_form_shows_a_secret(shown: Any, with_origin: bool) -> None:
    values = shown_values(shown)
    text, toml = as_text(values, with_origin=with_origin), as_toml(values, with_origin=with_origin)
    printed = as_json(values, shown, with_origin=with_origin)
    assert not any(
        secret in form for secret in ("a-secret-key", "b-secret") for form in (text, toml, printed)
    )
    for said in (tomllib.loads(toml), json.loads(printed)["values"]):
        assert said["providers"]["my own"]["base_url"] == "http://x/[secret]"
        assert said["run"]["max_calls"] == 3
    assert ("llmspell.toml:2" in toml) == ("origins" in json.loads(printed)) == with_origin


def test_a_section_alone(shown: Any) -> None:
    assert [one.keys for one in shown_values(shown, ("state",))] == [
        ("state", name) for name in ("file", "redis", "namespace")
    ]
    assert shown_values(shown, ("nonsense",)) == []


def test_what_is_shown_as_toml_is_a_configuration(shown: Any, tmp_path: Path) -> None:
    text = as_toml(shown_values(shown), with_origin=True)
    assert load_of(tmp_path, text).run == shown.config.run
