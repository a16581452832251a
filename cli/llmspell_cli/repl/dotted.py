"""The commands that begin with a dot, to the loop itself and not to the script."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_engine.language import language_of

from llmspell_cli.running.options import LANGUAGE_NAMES
from llmspell_cli.running.outcome import SUCCEEDED

if TYPE_CHECKING:
    from llmspell_cli.repl.loop import Loop

_CLEAR = "\x1b[H\x1b[2J\x1b[3J"


@dataclass(frozen=True, slots=True)
class _Dotted:
    takes: str
    about: str
    obey: Callable[[Loop, str], None]


def obey(loop: Loop, line: str) -> None:
    """Do what a line asks; what is wrong with it is told."""
    word, _, given = line.partition(" ")
    known = COMMANDS.get(word)
    if known is None:
        from difflib import get_close_matches

        near = get_close_matches(word, COMMANDS, 1)
        loop.complain(
            f"there is no command '{word}'; {f'did you mean {near[0]}?' if near else '.help lists them'}"
        )
        loop.failures += 1
    elif known.takes and not known.takes.startswith("[") and not given.strip():
        loop.complain(f"{word} takes {known.takes}")
        loop.failures += 1
    else:
        known.obey(loop, given.strip())


def _help(loop: Loop, _given: str) -> None:
    rows = [(f"{word} {one.takes}".strip(), one.about) for word, one in COMMANDS.items()]
    width = max(len(left) for left, _ in rows)
    loop.tell("\n".join(f"{left:{width}}  {right}" for left, right in rows))
    loop.tell(
        "\nA text that is not at its end goes on in the next line. Tab completes; Ctrl-C ends what runs,"
        "\nor drops the line; Ctrl-D leaves."
    )


def _save(loop: Loop, name: str) -> None:
    from llmspell_cli.repl.saving import as_script

    text = as_script(loop.entered[loop.language], loop.language)
    try:
        Path(_at_home(name)).write_text(text, "utf-8")
    except OSError as problem:
        _fail(loop, f"cannot write '{name}': {(problem.strerror or str(problem)).lower()}")
    except ValueError as problem:
        _fail(loop, f"cannot write {name!r}: {problem}")
    else:
        count = len(loop.entered[loop.language])
        loop.complain(f"wrote {count} input{'' if count == 1 else 's'} to {name}")


def _load(loop: Loop, name: str) -> None:
    from llmspell_engine.runtime.modules import ModuleError, read_source

    name = _at_home(name)
    try:
        text = read_source(name)
    except ModuleError as problem:
        return _fail(loop, str(problem))
    except ValueError as problem:
        return _fail(loop, f"cannot read {name!r}: {problem}")
    language = language_of(name, text) or loop.language
    if language != loop.language:
        _language(loop, language)
    loop.enter(name, text)
    return None


def _at_home(name: str) -> str:
    """A name with what ``~`` stands for; where nobody has that name, it is the name of a file."""
    return os.path.expanduser(name)  # noqa: PTH111 - that of Path raises where nobody has the name


def _language(loop: Loop, name: str) -> None:
    if not name:
        return loop.complain(loop.language)
    if name not in LANGUAGE_NAMES:
        return _fail(loop, f".language takes {' or '.join(LANGUAGE_NAMES)}, and '{name}' is none of them")
    loop.language = LANGUAGE_NAMES[name]
    return loop.complain(f"now in {loop.language}")


def _reset(loop: Loop, _given: str) -> None:
    loop.reset()
    loop.complain("everything that was defined is gone")


def _clear(loop: Loop, _given: str) -> None:
    if sys.stdout is not None and sys.stdout.isatty():
        loop.streams.out(_CLEAR)


def _exit(loop: Loop, _given: str) -> None:
    loop.exit = SUCCEEDED


def _fail(loop: Loop, message: str) -> None:
    loop.failures += 1
    loop.complain(message)


COMMANDS: dict[str, _Dotted] = {
    ".help": _Dotted("", "this list", _help),
    ".save": _Dotted("FILE", "write the inputs that did not fail to a file", _save),
    ".load": _Dotted("FILE", "run a file in the session", _load),
    ".language": _Dotted("[lua|js]", "go over to the other language; each keeps what it has", _language),
    ".reset": _Dotted("", "forget all that is defined in this language", _reset),
    ".clear": _Dotted("", "clear the screen", _clear),
    ".exit": _Dotted("", "leave", _exit),
}
