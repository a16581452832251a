"""Running scripts in tests: one call a script, in either language."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.runtime.base import (
    Interrupted,
    Observer,
    RunContext,
    ScriptError,
    ScriptExit,
    ScriptFrame,
    ScriptRuntime,
    Streams,
)
from llmspell_engine.runtime.create import create
from llmspell_engine.runtime.values import HostFunction, HostObject
from llmspell_engine.security.permissions import Permissions

SUFFIX = {"lua": ".lua", "javascript": ".js"}
both = pytest.mark.parametrize("language", ["lua", "javascript"])


@dataclass(slots=True)
class Ran:
    """What came of a run. Paths in texts are relative to the script's folder."""

    out: str = ""
    err: str = ""
    error: ScriptError | None = None
    exit: int | None = None
    interrupted: bool = False
    folder: str = ""

    def frames(self) -> list[str]:
        """The error's frames as ``file:line function``."""
        frames = self.error.frames if self.error else ()
        return [f"{Path(frame.path).name}:{frame.line} {frame.function}" for frame in frames]


@dataclass(frozen=True, slots=True)
class Script:
    """A program with what is around it."""

    language: Language
    text: str
    files: Mapping[str, str] = field(default_factory=dict)
    arguments: Sequence[str] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, Any] = field(default_factory=dict)
    """Globals beside the API's."""
    input: str = ""
    observer: Observer | None = None
    services: Services | None = None
    permissions: Permissions = field(default_factory=Permissions)
    """What it stands on, which is left open; else it has services of its own, closed at its end."""
    started: Callable[[ScriptRuntime], None] = lambda _: None
    """Called with the runtime before the program runs."""


def run(script: Script) -> Ran:
    """Run a script to its end, whatever that is."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in script.files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        ran = Ran(folder=str(Path(folder)))
        main = Path(folder, f"main{SUFFIX[script.language]}")
        main.write_bytes(script.text.encode())
        _run(script, main, ran)
    ran.out, ran.err = (text.replace(f"{folder}/", "") for text in (ran.out, ran.err))
    return ran


def run_file(language: Language, path: Path) -> Ran:
    """Run a file that is there to its end."""
    ran = Ran(folder=str(path.parent))
    _run(Script(language, path.read_text("utf-8")), path, ran)
    return ran


def _run(script: Script, path: Path, ran: Ran) -> None:
    lines = iter(script.input.splitlines(keepends=True))

    def out(text: str) -> None:
        ran.out += text

    def err(text: str) -> None:
        ran.err += text

    streams = Streams(out, err, lambda: next(lines, None))
    context = RunContext(
        streams, tuple(script.arguments), script.parameters, script.observer, permissions=script.permissions
    )
    services = script.services or Services(permissions=context.permissions)
    runtime = create(script.language, context, services)
    try:
        runtime.install(script.names)
        script.started(runtime)
        runtime.run(str(path), script.text)
    except ScriptError as error:
        ran.error = error
    except ScriptExit as leaving:
        ran.exit = leaving.code
    except Interrupted:
        ran.interrupted = True
    finally:
        runtime.close()
        if script.services is None:
            services.close()


def check_out(language: Language, text: str, expect: str, **around: Any) -> None:
    """A script runs to its end and prints exactly this."""
    ran = run(Script(language, text, **around))
    assert (ran.out, ran.err, ran.error) == (expect, "", None)


def check_error(language: Language, text: str, expect: str, **around: Any) -> Ran:
    """A script fails with exactly this message, its folder taken out of it."""
    ran = run(Script(language, text, **around))
    assert ran.error is not None, f"the script did not fail; it printed {ran.out!r}"
    assert str(ran.error).replace(f"{ran.folder}/", "") == expect
    return ran


def frame(text: str) -> ScriptFrame:
    """A frame written ``file:line:column function``."""
    place, _, function = text.partition(" ")
    path, line, column = place.rsplit(":", 2)
    return ScriptFrame(path, int(line), int(column) or None, function)


def host(**functions: Callable[..., Any]) -> dict[str, Any]:
    """A global ``host`` with these functions."""
    methods = {name: HostFunction(f"host.{name}", function) for name, function in functions.items()}
    return {"host": HostObject("host", methods)}
