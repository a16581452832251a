"""The global Tool: finding and running tools."""

from __future__ import annotations

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.globals import Pair, check_pair, check_refused
from support.runtime import Script, run

WORKS = [
    Pair(
        "execute",
        'local r = Tool.execute("uuid-generator", {}) print(r.success, #r.text)',
        'const r = await Tool.execute("uuid-generator", {}); say(r.success, r.text.length)',
        "true\t36\n",
    ),
    Pair(
        "a handle, with a dot and with a colon",
        'local t = Tool.get("uuid-generator") print(#t:execute({}).text, #t.execute({}).text, t.name)',
        'const t = Tool.get("uuid-generator"); say((await t.execute({})).text.length, 36, t.name)',
        "36\t36\tuuid-generator\n",
    ),
    Pair(
        "index access",
        'print(Tool["uuid-generator"] == Tool.get("uuid-generator"), Tool.uuid_generator.name, Tool.nothing)',
        'say(Tool["uuid-generator"] === Tool.get("uuid-generator"), Tool.uuidGenerator.name, Tool.nothing)',
        "true\tuuid-generator\tnil\n",
    ),
    Pair(
        "what exists",
        'print(Tool.exists("uuid-generator"), Tool.exists("nothing"), Tool.get("nothing"))',
        'say(Tool.exists("uuid-generator"), Tool.exists("nothing"), Tool.get("nothing"))',
        "true\tfalse\tnil\n",
    ),
    Pair(
        "lists",
        "local names = {} for _, t in ipairs(Tool.list()) do names[t.name] = t.category end\n"
        'print(names["uuid-generator"], #Tool.categories() > 0, #Tool.discover({ tag = "no such text" }))',
        "const names = Object.fromEntries(Tool.list().map((t) => [t.name, t.category]));\n"
        'const none = Tool.discover({ tag: "no such text" });\n'
        'say(names["uuid-generator"], Tool.categories().length > 0, none.length)',
        "utility\ttrue\t0\n",
    ),
    Pair(
        "the schema of a tool",
        'local s = Tool.get("uuid-generator").schema '
        "print(s.name, #s.parameters > 0, s.parameters[1].required)",
        'const s = Tool.get("uuid-generator").schema; '
        "say(s.name, s.parameters.length > 0, s.parameters[0].required)",
        "uuid-generator\ttrue\tfalse\n",
    ),
    Pair(
        "the names of older scripts",
        'print(Tool.get("uuid_generator").name, Tool.invoke("uuid-generator", {}).success)',
        'say(Tool.get("uuid_generator").name, (await Tool.invoke("uuid-generator", {})).success)',
        "uuid-generator\ttrue\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", WORKS, ids=lambda pair: pair.name)
def test_tools(pair: Pair, language: Language) -> None:
    check_pair(pair, language)


REFUSED = [
    Pair(
        "an unknown tool",
        'Tool.execute("uuid-generater", {})',
        'await Tool.execute("uuid-generater", {})',
        "there is no tool 'uuid-generater'; did you mean 'uuid-generator'?",
    ),
    Pair(
        "a name of another type",
        "Tool.execute(42, {})",
        "await Tool.execute(42, {})",
        "Tool.execute: 'name' must be a string, but 42 was given",
    ),
    Pair(
        "no parameters",
        'Tool.execute("uuid-generator")',
        'await Tool.execute("uuid-generator")',
        "Tool.execute: 'parameters' is missing; it takes 3 arguments (name, parameters, options?)",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", REFUSED, ids=lambda pair: pair.name)
def test_what_tools_refuse(pair: Pair, language: Language) -> None:
    check_refused(pair, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_parameter_is_named(language: Language) -> None:
    pair = Pair(
        "",
        'Tool.execute("uuid-generator", { nope = 1 })',
        'await Tool.execute("uuid-generator", { nope: 1 })',
        "",
    )
    error = run(Script(language, pair.text(language))).error
    assert error is not None
    assert error.kind == "ArgumentError"
    assert str(error).startswith("uuid-generator: there is no 'nope'")
