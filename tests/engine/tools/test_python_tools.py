"""Tools that users write in Python: in files, in packages, as functions and as classes."""

# ruff: noqa: E501 (tables read best with a line a row)

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from llmspell_engine.api.validation import ArgumentError
from llmspell_engine.assembly import AssemblyError, Launch, assemble
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.python import PythonToolError
from llmspell_engine.tools.python_modules import OwnTools
from support.globals import Pair, check_pair
from support.tools import executed

TOOLS = '''\
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools import Outcome, Tool, ToolContext, ToolError, ToolParameters, tool


class Colour(Enum):
    RED = "red"


class Person(BaseModel):
    name: str
    age: int = 0


@dataclass
class Point:
    x: int


@tool(category="data", aliases=("days_until",), security="restricted")
def days(day: date, start: date = date(2020, 1, 1), schema: int = 3) -> dict[str, int]:
    """Counts days.

    More of it.

    Args:
        day: the last day.
    """
    return {"days": (day - start).days, "schema": schema}


@tool
async def where(context: ToolContext) -> str:
    """Tells the folder."""
    return str(context.root)


@tool
def kinds(colour: Colour, person: Person, size: Annotated[int, Field(ge=1)] = 1, mode: Literal["a", "b"] = "a") -> Point:
    """Takes all kinds."""
    assert isinstance(colour, Colour) and isinstance(person, Person)
    return Point(person.age + size)


@tool(name="at-once", blocks=False, description="Is done at once.")
def quick(xs: list[int]) -> int:
    return sum(xs)


@tool
def fails(why: str) -> None:
    """Fails."""
    if why == "tool":
        raise ToolError("not so", code="bad_day")
    if why == "object":
        return object()
    if why == "told":
        return {"success": False, "error": "told"}
    raise ValueError("no luck")


class Parameters(ToolParameters):
    text: str = Field(description="What is said.")


class Said(Result):
    said: str = Field(description="What was said.")


class Say(Tool[Parameters]):
    """Says it."""

    name = "say"
    category = "utility"
    Parameters = Parameters
    returns = Said

    async def run(self, parameters, context):
        return Outcome("execute", Said(said=parameters.text), parameters.text, "said")
'''


@pytest.fixture
def own(tmp_path: Path) -> OwnTools:
    return _own(tmp_path, TOOLS)


def _own(folder: Path, text: str) -> OwnTools:
    (folder / "own.py").write_text(text)
    return OwnTools([folder / "own.py"])


def _call(own: OwnTools, name: str, parameters: dict[str, Any], root: Path = Path("/nowhere")) -> Any:
    tool = own.get(name)
    assert tool is not None
    return executed(tool, parameters, ToolContext(root, own=own))


@pytest.mark.parametrize(
    ("name", "parameters", "result", "text"),
    [
        ("days", {"day": "2020-01-05"}, {"days": 4, "schema": 3}, '{"days": 4, "schema": 3}'),
        ("days_until", {"day": "2020-01-05", "schema": 4.0}, {"days": 4, "schema": 4}, None),
        ("where", {}, "/nowhere", "/nowhere"),
        ("kinds", {"colour": "red", "person": {"name": "Ada", "age": 3}}, {"x": 4}, '{"x": 4}'),
        ("at-once", {"xs": [1, 2.0]}, 3, "3"),
        ("at-once", {"xs": {}}, 0, "0"),
    ],
)
def test_right_use(
    own: OwnTools, name: str, parameters: dict[str, Any], result: Any, text: str | None
) -> None:
    done = _call(own, name, parameters)
    assert (done.success, done.result) == (True, result)
    assert text is None or done.text == text


@pytest.mark.parametrize(
    ("name", "parameters", "expect"),
    [
        ("days", {}, "days: 'day' is missing"),
        ("days", {"day": "soon"}, "days: 'day' must be a valid date in the format YYYY-MM-DD, input is too short, but \"soon\" was given"),
        ("days", {"dai": "2020-01-05"}, "days: there is no 'dai'; did you mean 'day'?; 'day' is missing"),
        ("days", {"day": "2020-01-05", "schema": "3"}, "days: 'schema' must be an integer, but \"3\" was given"),
        ("kinds", {"colour": "red", "person": {"age": 3}}, "kinds: 'person.name' is missing"),
        ("kinds", {"colour": "blue", "person": {"name": "a"}}, "kinds: 'colour' must be 'red', but \"blue\" was given"),
        (
            "kinds",
            {"colour": "red", "person": {"name": "a"}, "size": 0},
            "kinds: 'size' must be at least 1, but 0 was given",
        ),
        (
            "kinds",
            {"colour": "red", "person": {"name": "a"}, "mode": "c"},
            "kinds: 'mode' must be \"a\" or \"b\", but \"c\" was given",
        ),
    ],
)  # fmt: skip
def test_wrong_parameters(own: OwnTools, name: str, parameters: dict[str, Any], expect: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        _call(own, name, parameters)
    assert str(caught.value) == expect


@pytest.mark.parametrize(
    ("why", "code", "expect"),
    [
        ("tool", "bad_day", "fails: not so"),
        ("told", "failed", "fails: told"),
        ("object", "invalid_result", "fails: it gave what no script can hold"),
        ("error", "failed", "fails: ValueError: no luck ({file}:65)"),
    ],
)
def test_failures(own: OwnTools, tmp_path: Path, why: str, code: str, expect: str) -> None:
    with pytest.raises(ToolError) as caught:
        _call(own, "fails", {"why": why})
    assert caught.value.code == code
    assert str(caught.value).startswith(expect.format(file=tmp_path / "own.py"))


def test_they_are_described_as_those_of_the_engine(own: OwnTools) -> None:
    assert [one.name for one in own.all] == ["at-once", "days", "fails", "kinds", "say", "where"]
    days = own.described("days_until")
    assert days is not None
    assert (days.doc, days.category, days.security) == ("Counts days.", "data", "restricted")
    assert days.parameters["required"] == ["day"]
    assert days.parameters["properties"]["day"] == {
        "type": "string",
        "format": "date",
        "description": "the last day.",
    }
    assert days.returns == {"type": "object", "additionalProperties": {"type": "integer"}}
    where = own.described("where")
    assert where is not None
    assert where.parameters["properties"] == {}


BROKEN = [
    ("x = 1\ndef f(:\n", "{file}:2: "),
    ("x = 1\nraise ValueError('no')\n", "{file}:2: ValueError: no"),
    ("x = 1\n", "{file}: has no tools; mark functions with @tool, or list them in TOOLS"),
    ("TOOLS = [3]\n", "{file}: 3 is neither a function nor a class made of Tool"),
    ("def f(a):\n    'Doc.'\n", "{file}:1: 'a' of 'f' has no type hint; write it as `a: str`"),
    ("def f(*a: int):\n    'Doc.'\n", "{file}:1: 'a' of 'f' has no name to be given by"),
    ("def f(a: 'Nope'):\n    'Doc.'\n", "{file}:1: the type hints of 'f' cannot be read: name 'Nope' is not defined"),
    ("def f():\n    pass\nTOOLS = [f]\n", "{file}:1: 'f' has no docstring; say what the tool does"),
    ("def f(a: type(print)):\n    'Doc.'\n", "{file}:1: 'f' takes what cannot be given as JSON: "),
    ("def calculator():\n    'Doc.'\n", "{file}: there is a tool 'calculator' already; choose another name"),
    (
        "from llmspell_engine.tools import tool\n@tool(name='a b')\ndef f():\n    'Doc.'\n",
        "{file}: 'a b' cannot name a tool; use letters, digits, '_' and '-', at most 64",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expect"), BROKEN, ids=[text.splitlines()[-1] for text, _ in BROKEN])
def test_a_file_that_cannot_be_used_is_told_with_its_line(tmp_path: Path, text: str, expect: str) -> None:
    with pytest.raises(PythonToolError) as caught:
        _own(tmp_path, text)
    assert str(caught.value).startswith(expect.format(file=tmp_path / "own.py"))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def a():\n    'A.'\ndef _b():\n    'B.'\ndef c():\n    pass\n", ["a"]),
        ("from llmspell_engine.tools import tool\ndef a():\n    'A.'\n@tool\ndef b():\n    'B.'\n", ["b"]),
        ("def a():\n    'A.'\ndef _b():\n    'B.'\nTOOLS = [_b]\n", ["b"]),
    ],
)
def test_what_a_file_offers(tmp_path: Path, text: str, names: list[str]) -> None:
    assert [one.name for one in _own(tmp_path, text).all] == names


def test_a_package_offers_tools_by_entry_points_and_a_broken_one_breaks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "offered_tools.py").write_text(
        "def shout(text: str) -> str:\n    'Shouts.'\n    return text.upper()\n"
    )
    points = "[llmspell.tools]\nall = offered_tools\n"
    for name, text in (("good", points), ("bad", "[llmspell.tools]\nall = no_such_module_of_tools\n")):
        facts = tmp_path / f"{name}-1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (facts / "entry_points.txt").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    own = OwnTools(with_packages=True)
    assert _call(own, "shout", {"text": "hi"}).text == "HI"
    assert [one for one in own.problems if "'bad'" in one and "no_such_module_of_tools" in one]
    assert OwnTools().all == ()


CONFIGURED = '''\
from llmspell_engine.tools import ToolContext


def setting(context: ToolContext) -> str:
    """Tells a setting."""
    return context.settings["setting"]["greeting"]


async def slow(seconds: float) -> str:
    """Takes its time."""
    import anyio

    await anyio.sleep(seconds)
    return "done"
'''


@pytest.mark.parametrize("language", LANGUAGES)
def test_scripts_and_agents_find_those_of_the_configuration(language: Language, tmp_path: Path) -> None:
    services = _configured(tmp_path, 'settings.setting.greeting = "hello"')
    pair = Pair(
        "own",
        "print(Tool.execute('setting', {}).text, Tool.get_info('setting').category, Tool.slow:execute({ seconds = 0 }).result) "
        "print(Agent.create({ model = 'echo', allowed_tools = { 'setting' } }):invoke_tool('setting', {}).text)",
        "say((await Tool.execute('setting', {})).text, Tool.getInfo('setting').category, (await Tool.slow.execute({ seconds: 0 })).result); "
        "say((await Agent.create({ model: 'echo', allowedTools: ['setting'] }).invokeTool('setting', {})).text)",
        "hello\tcustom\tdone\nhello\n",
    )  # fmt: skip
    check_pair(pair, language, services=services)
    services.close()


@pytest.mark.parametrize(
    ("limit", "call", "expect"),
    [
        ("timeout_seconds = 0.02", "Tool.execute('slow', { seconds = 60 })", "slow: it took longer than 0.02 s and was stopped; allow more with 'timeout_ms' of the call, or 'timeout_seconds' in [tools] of the configuration"),
        ("timeout_seconds = 60", "Tool.execute('slow', { seconds = 60 }, { timeout_ms = 20 })", "slow: it took longer than 0.02 s and was stopped; allow more with 'timeout_ms' of the call, or 'timeout_seconds' in [tools] of the configuration"),
        ("", "Tool.create({ name = 'slow', handler = print })", "there is a tool 'slow' already; choose another name"),
        ("disabled = ['slow']", "Tool.execute('slow', {})", "the tool 'slow' is not to be used: [tools] of the configuration has it in 'disabled'"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, limit: str, call: str, expect: str) -> None:
    services = _configured(tmp_path, limit)
    check_pair(
        Pair("refused", f"print(select(2, pcall(function() {call} end)).message)", "", f"{expect}\n"),
        "lua",
        services=services,
    )
    services.close()


def test_a_configured_file_that_is_broken_keeps_scripts_from_starting(tmp_path: Path) -> None:
    _configured(tmp_path, "").close()
    (tmp_path / "own.py").write_text("def f(:\n")
    with pytest.raises(AssemblyError) as caught:
        assemble(Launch(folder=tmp_path))
    assert str(caught.value).startswith(f"{tmp_path / 'own.py'}:1: ")


def _configured(folder: Path, line: str) -> Any:
    (folder / "own.py").write_text(CONFIGURED)
    (folder / "llmspell.toml").write_text(dedent(f"[tools]\nmodules = ['own.py']\n{line}\n"))
    return assemble(Launch(folder=folder)).services
