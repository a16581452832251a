"""Reading the file of scripted answers; what is wrong in it is told with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

from llmspell_engine.providers.base import (
    AuthenticationError,
    ConnectionFailedError,
    FinishReason,
    MalformedAnswerError,
    ModelRequest,
    ModelTimeoutError,
    ProviderError,
    RateLimitError,
    ToolCall,
    Usage,
)

if TYPE_CHECKING:
    import yaml

ANY_MODEL = "*"
_ERRORS: Mapping[str, type[ProviderError]] = {
    each.kind: each
    for each in (
        ProviderError,
        AuthenticationError,
        RateLimitError,
        ModelTimeoutError,
        ConnectionFailedError,
        MalformedAnswerError,
    )
}
_PASSING = (RateLimitError, ModelTimeoutError, ConnectionFailedError, MalformedAnswerError)
_REASONS = get_args(FinishReason)
_SHOWN = 60


class ScriptedError(ProviderError):
    """A file of answers cannot be read, or has none left; the message says which."""

    kind = "ScriptedError"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a request must be like for an answer; all that is given counts."""

    text: str = ""
    """The last message holds it."""
    regex: re.Pattern[str] | None = None
    """It is found in the last message."""
    system: str = ""
    """The system prompt holds it."""
    model: str | None = None
    """The model that is asked."""

    def misses(self, request: ModelRequest) -> str | None:
        """Why a request is not like this; None where it is."""
        asked = request.messages[-1].text if request.messages else ""
        system = "\n".join(each.text for each in request.messages if each.role == "system")
        if self.text not in asked:
            return f"waits for the text {_short(self.text)}"
        if self.regex is not None and not self.regex.search(asked):
            return f"waits for a text like {_short(self.regex.pattern)}"
        if self.system not in system:
            return f"waits for a system prompt with {_short(self.system)}"
        if self.model not in (None, request.model):
            return f"is for the model '{self.model}'"
        return None


@dataclass(slots=True)
class ScriptedAnswer:
    """One answer of the file; all but ``left`` is as it was written."""

    line: int
    text: str = ""
    pieces: Sequence[str] | None = None
    tool_calls: Sequence[ToolCall] = ()
    when: Condition = field(default_factory=Condition)
    error: ProviderError | None = None
    usage: Usage | None = None
    finish_reason: FinishReason | None = None
    delay: float = 0.0
    """Seconds before the answer; in a stream, before each piece."""
    left: int | None = 1
    """How often it may still be given; None is any number of times."""


def read_answers(path: Path) -> dict[str, list[ScriptedAnswer]]:
    """The answers of a file, by model. Raises ScriptedError."""
    import yaml

    try:
        root = yaml.compose(path.read_text("utf-8"), Loader=yaml.SafeLoader)
    except OSError as problem:
        raise ScriptedError(f"{path} cannot be read: {problem.strerror or problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise ScriptedError(f"{path} cannot be read: {problem}") from None
    if not isinstance(root, yaml.MappingNode):
        raise ScriptedError(f"{path} must hold a list of answers a model, by its name")
    answers: dict[str, list[ScriptedAnswer]] = {}
    for key, node in root.value:
        model = str(key.value)
        if model in answers:
            raise ScriptedError(f"{path}:{_line(key)}: there is '{model}' already; put its answers together")
        answers[model] = _Reader(path, model).answers(node)
    return answers


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the answers of one model."""

    path: Path
    model: str

    def answers(self, node: yaml.Node) -> list[ScriptedAnswer]:
        """The answers of a list."""
        import yaml

        if not isinstance(node, yaml.SequenceNode):
            raise self._wrong(node, f"the answers of '{self.model}' must be a list")
        return [self._answer(each) for each in node.value]

    def _answer(self, node: yaml.Node) -> ScriptedAnswer:
        answer = ScriptedAnswer(_line(node))
        keys = _ANSWER_KEYS
        given = dict(self._table(node, keys, f"an answer of '{self.model}'"))
        if not given:
            raise self._wrong(node, f"an answer of '{self.model}' must be a table of {', '.join(keys)}")
        answer.when = self._condition(given.pop("when", None), given.pop("when_regex", None))
        for key, value in given.items():
            self._set(answer, key, value)
        return answer

    def _set(self, answer: ScriptedAnswer, key: str, node: yaml.Node) -> None:
        if key == "text":
            answer.text = self._text(node)
        elif key == "pieces":
            answer.pieces = self._texts(node)
            answer.text = "".join(answer.pieces)
        elif key == "tool_calls":
            answer.tool_calls = self._calls(node)
        elif key == "error":
            answer.error = self._error(node)
        elif key == "usage":
            answer.usage = self._usage(node)
        elif key == "finish_reason":
            answer.finish_reason = cast(FinishReason, self._one_of(node, _REASONS))
        elif key == "delay_ms":
            answer.delay = self._number(node) / 1000
        elif key == "repeat":
            answer.left = self._repeat(node)

    def _condition(self, when: yaml.Node | None, regex: yaml.Node | None) -> Condition:
        import yaml

        facts: dict[str, Any] = {}
        if isinstance(when, yaml.MappingNode):
            for key, value in self._table(when, _WHEN_KEYS, "'when'"):
                facts[key] = self._pattern(value) if key == "regex" else self._text(value)
        elif when is not None:
            facts["text"] = self._text(when)
        if regex is not None:
            facts["regex"] = self._pattern(regex)
        return Condition(**facts)

    def _pattern(self, node: yaml.Node) -> re.Pattern[str]:
        try:
            return re.compile(self._text(node))
        except re.error as problem:
            raise self._wrong(
                node, f"{_short(self._text(node))} is no regular expression: {problem}"
            ) from None

    def _calls(self, node: yaml.Node) -> list[ToolCall]:
        import yaml

        if not isinstance(node, yaml.SequenceNode):
            raise self._wrong(node, "'tool_calls' must be a list of tables with name and arguments")
        return [self._call(number, each) for number, each in enumerate(node.value, 1)]

    def _call(self, number: int, node: yaml.Node) -> ToolCall:
        facts = {key: _value(value) for key, value in self._table(node, _CALL_KEYS, "a tool call")}
        if "name" not in facts:
            raise self._wrong(node, "a tool call needs the name of a tool")
        arguments = facts.get("arguments", {})
        if not isinstance(arguments, dict):
            raise self._wrong(node, "the arguments of a tool call must be a table")
        return ToolCall(str(facts.get("id", f"call-{number}")), str(facts["name"]), arguments)

    def _error(self, node: yaml.Node) -> ProviderError:
        import yaml

        if not isinstance(node, yaml.MappingNode):
            return ProviderError(self._text(node))
        facts = dict(self._table(node, _ERROR_KEYS, "'error'"))
        kind = _ERRORS[self._one_of(facts["kind"], tuple(_ERRORS))] if "kind" in facts else ProviderError
        status = facts.get("status")
        retry_after = facts.get("retry_after")
        return kind(
            self._text(facts["message"]) if "message" in facts else "the model gives no answer",
            status=None if status is None else int(self._number(status)),
            retry_after=None if retry_after is None else self._number(retry_after),
            is_passing=kind in _PASSING or (status is not None and self._number(status) >= 500),
        )

    def _usage(self, node: yaml.Node) -> Usage:
        facts = {key: self._number(value) for key, value in self._table(node, _USAGE_KEYS, "'usage'")}
        tokens = int(facts.get("input_tokens", 0)), int(facts.get("output_tokens", 0))
        return Usage(*tokens, facts.get("cost", 0.0))

    def _text(self, node: yaml.Node) -> str:
        """A text as it is written: YAML's ``no`` is a word here."""
        import yaml

        if not isinstance(node, yaml.ScalarNode):
            raise self._wrong(node, "this must be a text")
        return str(node.value)

    def _texts(self, node: yaml.Node) -> list[str]:
        import yaml

        if not isinstance(node, yaml.SequenceNode):
            raise self._wrong(node, "'pieces' must be a list of texts")
        return [self._text(each) for each in node.value]

    def _repeat(self, node: yaml.Node) -> int | None:
        found = _value(node)
        if isinstance(found, bool):
            return None if found else 1
        if not isinstance(found, int) or found < 1:
            raise self._wrong(node, "'repeat' must be true, or how often the answer is given")
        return found

    def _number(self, node: yaml.Node) -> float:
        found = _value(node)
        if isinstance(found, bool) or not isinstance(found, int | float) or found < 0:
            raise self._wrong(node, f"{_short(str(found))} must be a number from 0")
        return found

    def _one_of(self, node: yaml.Node, words: Sequence[str]) -> str:
        found = self._text(node)
        if found not in words:
            raise self._wrong(node, f"there is no '{found}'; {_hint(found, words)}")
        return found

    def _table(self, node: yaml.Node, keys: Sequence[str], what: str) -> Iterator[tuple[str, yaml.Node]]:
        """The keys of a table and what they have. Raises ScriptedError for one that it may not have."""
        import yaml

        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(node, f"{what} must be a table of {', '.join(keys)}")
        for key, value in node.value:
            name = str(key.value)
            if name not in keys:
                raise self._wrong(key, f"there is no '{name}' in {what}; {_hint(name, keys)}")
            yield name, value

    def _wrong(self, node: yaml.Node, what: str) -> ScriptedError:
        return ScriptedError(f"{self.path}:{_line(node)}: {what}")


_ANSWER_KEYS = (
    "text", "pieces", "tool_calls", "when", "when_regex", "error", "usage", "finish_reason", "delay_ms",
    "repeat",
)  # fmt: skip
_WHEN_KEYS = ("text", "regex", "system", "model")
_CALL_KEYS = ("id", "name", "arguments")
_ERROR_KEYS = ("kind", "message", "status", "retry_after")
_USAGE_KEYS = ("input_tokens", "output_tokens", "cost")


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _value(node: yaml.Node) -> Any:
    from yaml.constructor import SafeConstructor

    return SafeConstructor().construct_document(node)


def _hint(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word, known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"there is {', '.join(known)}"


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
