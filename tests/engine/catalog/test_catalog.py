"""The compiled catalog: loading, looking up, spelling, and the standard libraries."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmspell_engine.catalog.loader import load, standard
from llmspell_engine.catalog.model import snake, spelled
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.security.names import NOWHERE


def test_it_is_loaded_once() -> None:
    assert load() is load()


def test_loading_needs_no_other_library() -> None:
    code = (
        "import sys, llmspell_engine.catalog.loader as loader; loader.load(); "
        "print(sorted({'pydantic', 'lupa', 'quickjs', 'pygls', 'jsonschema'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "language", "member", "found"),
    [
        ("State", "lua", "list_keys", True),
        ("State", "lua", "listKeys", True),
        ("State", "javascript", "listKeys", True),
        ("Agent", "lua", "createAsync", True),
        ("Agent", "javascript", "createAsync", True),
        ("JSON", "lua", "encode", True),
        ("JSON", "javascript", "encode", False),
        ("JSON", "javascript", "rawJSON", True),
        ("math", "lua", "pow", False),
        ("math", "lua", "tointeger", True),
        ("Math", "javascript", "SQRT1_2", True),
        ("table", "lua", "getn", False),
    ],
)
def test_members_by_the_spelling_of_a_language(
    name: str, language: Language, member: str, found: bool
) -> None:
    entity = load().global_of(name, language)
    assert entity is not None
    assert (entity.member(member, language) is not None) == found


@pytest.mark.parametrize(
    ("name", "lua", "javascript"),
    [
        ("print", True, False),
        ("console", False, True),
        ("Agent", True, True),
        ("string", True, False),
        ("Promise", True, True),
        ("arg", True, False),
        ("nope", False, False),
    ],
)
def test_globals_of_each_language(name: str, lua: bool, javascript: bool) -> None:
    catalog = load()
    assert (
        catalog.global_of(name, "lua") is not None,
        catalog.global_of(name, "javascript") is not None,
    ) == (
        lua,
        javascript,
    )
    for language in LANGUAGES:
        assert catalog.globals_of(language).get(name) is catalog.global_of(name, language)


def test_tools_by_name_and_older_name() -> None:
    catalog = load()
    for older in ("data-validation", "data_validation"):
        assert catalog.tool(older) is catalog.tools["data-validator"]
    assert catalog.tool("nope") is None
    assert len(catalog.tools) >= 40


def test_references_lead_to_definitions() -> None:
    catalog = load()
    create = catalog.globals["Agent"].members["create"]
    assert catalog.resolve(create.parameters[0].schema)["required"] == ["model"]
    assert create.returns == {"x-handle": "AgentInstance"}
    assert catalog.handles["AgentInstance"].member("getConfig", "javascript") is not None


@pytest.mark.parametrize(
    ("name", "javascript"),
    [
        ("max_tokens", "maxTokens"),
        ("name", "name"),
        ("get_agent_state", "getAgentState"),
        ("SQRT1_2", "SQRT1_2"),
        ("createAsync", "createAsync"),
        ("_private", "_private"),
        ("", ""),
    ],
)
def test_spelling(name: str, javascript: str) -> None:
    assert spelled(name, "javascript") == javascript
    assert spelled(name, "lua") == name


@given(st.from_regex(r"[a-z]{2,5}(_[a-z]{2,5}){0,3}", fullmatch=True))
def test_snake_undoes_spelling(name: str) -> None:
    assert snake(spelled(name, "javascript")) == name


def test_the_standard_library_of_lua_is_that_of_the_engine() -> None:
    """What the file says beyond the engine are names that only scripts of ours lack or change."""
    import lupa.lua54

    lua = lupa.lua54.LuaRuntime(register_eval=False, register_builtins=False)
    for name, entity in standard("lua").globals.items():
        if entity.kind == "namespace":
            real = set(lua.globals()[name].keys()) - {"dump"}
            assert set(entity.members) <= real, name
            if name not in ("os", "io", "debug", "package"):
                assert set(entity.members) == real, name
    real_functions = {name for name in lua.globals().keys() if not isinstance(name, int)}  # noqa: SIM118
    assert real_functions - set(standard("lua").globals) <= {"python", "print"}


OF_THE_PRELUDE = {
    "AbortController", "AbortSignal", "clearImmediate", "clearInterval", "clearTimeout", "process",
    "setImmediate", "setInterval", "setTimeout", "structuredClone",
}  # fmt: skip
"""What scripts have by the engine's own JavaScript; ``test_in_scripts`` finds it there."""


def test_the_standard_library_of_javascript_is_that_of_the_engine() -> None:
    import quickjs

    context = quickjs.Context()
    names = set(context.eval("Object.getOwnPropertyNames(globalThis).join(' ')").split())
    assert set(standard("javascript").globals) - names == OF_THE_PRELUDE
    assert names - set(standard("javascript").globals) == set()
    for name, entity in standard("javascript").globals.items():
        if entity.kind == "namespace" and name not in OF_THE_PRELUDE:
            for member in entity.members.values():
                kind = context.eval(f"typeof {name}.{member.name}")
                assert (kind == "function") == (member.kind == "function") or member.returns == {}, (
                    member.name
                )
            own = context.eval(f"Object.getOwnPropertyNames({name}).join(' ')").split()
            left_out = {one.removeprefix(f"{name}.") for one in NOWHERE["javascript"]}
            assert set(own) - {"length", "name", "prototype"} - left_out <= set(entity.members), name
