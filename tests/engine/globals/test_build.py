"""The globals that scripts see against the declarations and against what implements them."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest
from llmspell_engine.catalog.loader import load
from llmspell_engine.globals.build import IMPLEMENTED, build_globals
from llmspell_engine.globals.services import Run, Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.runtime.binding import Binder
from llmspell_engine.scheduling import EngineLoop, Scheduler


def run_of(language: Language) -> Run:
    return Run(Services(), language, lambda _: None, Scheduler(EngineLoop()))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", IMPLEMENTED)
def test_the_catalog_names_what_is_bound(name: str, language: Language) -> None:
    built = build_globals(run_of(language)).get(name)
    implementation = getattr(importlib.import_module(f"llmspell_engine.globals.{name.lower()}"), name)
    if language not in implementation.languages:
        assert built is None
        return
    bound = Binder(language).global_(implementation(run_of(language)))
    assert built is not None
    assert set(built.methods) == set(bound.methods)
    assert (built.index is None) == (bound.index is None)


def test_every_namespace_of_the_catalog_is_implemented() -> None:
    by_the_runtimes = {"console", "Async", "Promise", "Streaming"}
    spaces = {one.name for one in load().globals.values() if one.kind == "namespace"}
    assert spaces - by_the_runtimes == set(IMPLEMENTED)


def test_a_script_without_api_calls_starts_without_the_validation_library() -> None:
    program = (
        "import sys\n"
        "from llmspell_engine.runtime.base import RunContext, Streams\n"
        "from llmspell_engine.runtime.create import create\n"
        "create('lua', RunContext(Streams(print, print))).run('x.lua', 'print(Agent.create)')\n"
        "create('javascript', RunContext(Streams(print, print))).run('x.js', 'console.log(Agent.create)')\n"
        "print(sorted({'pydantic', 'sqlite3'} & set(sys.modules)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=50, check=True
    )
    assert ran.stdout.splitlines()[-1] == "[]"
