"""A script that is being written in an editor: what it says, what is asked of the server about it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from language_server import LanguageServer

LINES = 800
PAUSE = 0.08
"""Seconds between an answer and the next key press, as for a quick typist; servers tidy up meanwhile."""
BARE = ("completionItem/resolve", {"label": "anything"})
"""Read, passed through the server, written back: all but the analysis."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an editor asks, and what each server's answer must speak of."""

    title: str
    method: str
    place: str
    expected: str
    gate: float
    """Milliseconds that the 95th percentile may take."""
    follows_a_key: bool = True


QUESTIONS = (
    Question("key to completion", "textDocument/completion", "cursor", "model", 30),
    Question("key to signature help", "textDocument/signatureHelp", "cursor", "create", 15),
    Question("key to hover", "textDocument/hover", "member", "execute", 15),
    Question("key to diagnostics", "textDocument/diagnostic", "", "message", 50),
    Question("hover, text at rest", "textDocument/hover", "member", "execute", 15, follows_a_key=False),
)


@dataclass(frozen=True, slots=True)
class Script:
    """A script made of one block again and again, and the line that is being written below."""

    name: str
    language: str
    block: str
    typed: str

    @property
    def text(self) -> str:
        """The script before the line is written: it has no faults."""
        return "".join(self.block.format(n=number) for number in range(LINES // 6))

    @property
    def member(self) -> dict[str, int]:
        """The position of a member that is called in the last function."""
        lines = self.text.split("\n")
        return {"line": len(lines) - 4, "character": lines[-4].index("Tool.") + 6}


LUA = Script(
    "bench.lua",
    "lua",
    'local function step{n}(input)\n  local agent = Agent.create({{ name = "a{n}", model = "echo" }})\n'
    "  local answer = agent:execute({{ text = input }})\n"
    '  return Tool.execute("text-manipulator", {{ operation = "uppercase", input = answer.text }})\nend\n'
    "print(step{n}({n}))\n",
    'local last = Agent.create({ name = "x", ',
)
JAVASCRIPT = Script(
    "bench.js",
    "javascript",
    'function step{n}(input) {{\n  const agent = Agent.create({{ name: "a{n}", model: "echo" }});\n'
    "  const answer = agent.execute({{ text: input }});\n"
    '  return Tool.execute("text-manipulator", {{ operation: "uppercase", input: answer.text }});\n}}\n'
    "console.log(step{n}({n}));\n",
    'const last = Agent.create({ name: "x", ',
)


class Session:
    """A script opened in a server, with an unfinished call being written at its end."""

    def __init__(self, server: LanguageServer, script: Script, root: Path) -> None:
        self._server, self._script, self._version = server, script, 1
        self._target = {"textDocument": {"uri": (root / script.name).as_uri()}}
        self._cursor = {"line": script.text.count("\n"), "character": 0}
        opened = {"languageId": script.language, "version": 1, "text": script.text}
        server.notify("textDocument/didOpen", {"textDocument": {**self._target["textDocument"], **opened}})
        server.request("textDocument/diagnostic", self._target)
        self._type(script.typed)

    def milliseconds(self, question: Question) -> float:
        """From a key press to the answer, or only for the answer to a question that no key precedes."""
        time.sleep(PAUSE)
        began = time.perf_counter()
        if question.follows_a_key:
            self._type(" ")
        answer = self._server.request(question.method, self._params(question))
        taken = (time.perf_counter() - began) * 1000
        assert question.expected in json.dumps(answer), f"no answer to {question.method}: {answer}"
        return taken

    def bare_round_trip(self) -> float:
        """The milliseconds of a request that needs no analysis."""
        time.sleep(PAUSE)
        began = time.perf_counter()
        self._server.request(*BARE)
        return (time.perf_counter() - began) * 1000

    def _params(self, question: Question) -> dict[str, Any]:
        if not question.place:
            return self._target
        position = self._cursor if question.place == "cursor" else self._script.member
        return {**self._target, "position": position}

    def _type(self, text: str) -> None:
        self._version += 1
        change = {"range": {"start": self._cursor, "end": self._cursor}, "text": text}
        versioned = {**self._target["textDocument"], "version": self._version}
        self._server.notify("textDocument/didChange", {"textDocument": versioned, "contentChanges": [change]})
        self._cursor = {**self._cursor, "character": self._cursor["character"] + len(text)}
