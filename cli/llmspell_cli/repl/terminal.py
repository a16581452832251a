"""The session on a terminal, by prompt_toolkit: lines that go on, history, completion, hints."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.filters import completion_is_selected
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.patch_stdout import patch_stdout

from llmspell_cli.colour import wants_colour
from llmspell_cli.repl.assistance import Assistance
from llmspell_cli.repl.dotted import COMMANDS
from llmspell_cli.repl.incomplete import is_incomplete
from llmspell_cli.repl.loop import Loop, is_dotted
from llmspell_cli.running.options import LANGUAGE_NAMES
from llmspell_cli.running.outcome import SUCCEEDED

_BEGINS_DOTTED = re.compile(r"\.[a-z]*(?:\s|$)")
_SHORT = {"lua": "lua", "javascript": "js"}


def run(loop: Loop) -> int:
    """Prompt until the user leaves; the exit code."""
    prompt = _prompt(loop)
    while loop.exit is None:
        try:
            # What goes on by itself may write while a line is being entered: above it.
            with patch_stdout(raw=True):
                text = prompt.prompt()
            loop.take(text)
        except KeyboardInterrupt as asked:
            if type(asked) is not KeyboardInterrupt:
                raise
        except EOFError:
            break
    return SUCCEEDED if loop.exit is None else loop.exit


def _prompt(loop: Loop) -> PromptSession[str]:
    assistance = Assistance()

    def hint() -> str | None:
        """The signature of the call that is being written; without one there is no bar at all."""
        buffer = prompt.default_buffer
        if is_dotted(buffer.text) or not buffer.text.strip():
            return None
        before = loop.entered[loop.language]
        return assistance.hint(loop.language, before, buffer.text, buffer.cursor_position) or None

    prompt: PromptSession[str] = PromptSession(
        message=lambda: f"{_SHORT[loop.language]}> ",
        prompt_continuation=lambda width, _line, _wraps: f"{'...':>{width - 1}} ",
        multiline=True,
        history=_history(),
        auto_suggest=AutoSuggestFromHistory(),
        completer=_Completer(loop, assistance),
        complete_while_typing=False,
        key_bindings=_keys(loop),
        color_depth=None if wants_colour(sys.stdout, refused=loop.no_color) else ColorDepth.MONOCHROME,
    )

    def show_hint(_buffer: object) -> None:
        prompt.bottom_toolbar = hint()

    prompt.default_buffer.on_text_changed += show_hint
    return prompt


def _keys(loop: Loop) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter", filter=~completion_is_selected)
    def _(event: KeyPressEvent) -> None:
        """Run what is whole, and what a blank line ends; else go on in the next line."""
        buffer = event.current_buffer
        text = buffer.text
        ends_blank = "\n" in text and not text.rsplit("\n", 1)[1].strip()
        if not is_dotted(text) and not ends_blank and is_incomplete(text, loop.language):
            buffer.newline(copy_margin=True)
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        """Begin a new line, whatever stands before."""
        event.current_buffer.newline(copy_margin=True)

    return keys


class _Completer(Completer):
    def __init__(self, loop: Loop, assistance: Assistance) -> None:
        self._loop = loop
        self._assistance = assistance

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """What may be written at the cursor."""
        text = document.text
        if _BEGINS_DOTTED.match(text):
            yield from self._dotted(document.text_before_cursor, complete_event)
            return
        loop = self._loop
        for one in self._assistance.proposals(
            loop.language, loop.entered[loop.language], text, document.cursor_position
        ):
            yield Completion(one.text, -one.replaced, display=one.label, display_meta=one.detail)

    def _dotted(self, text: str, event: CompleteEvent) -> Iterable[Completion]:
        """The commands that begin with a dot, and what they take."""
        command, blank, given = text.partition(" ")
        if not blank:
            yield from (Completion(word, -len(text)) for word in COMMANDS if word.startswith(text))
        elif command in (".load", ".save"):
            yield from PathCompleter(expanduser=True).get_completions(Document(given), event)
        elif command == ".language":
            yield from (Completion(one, -len(given)) for one in LANGUAGE_NAMES if one.startswith(given))


def _history() -> History:
    """What was entered before, in the user's folder for such things; in memory where that is closed."""
    path = history_file()
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Inputs may hold what is nobody else's business.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        path.chmod(0o600)
        return FileHistory(path)
    return InMemoryHistory()


def history_file() -> Path:
    """``~/.local/state/llmspell/history``, or below what ``XDG_STATE_HOME`` or ``LOCALAPPDATA`` name."""
    named = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(named) if named else Path.home() / ".local" / "state") / "llmspell" / "history"
