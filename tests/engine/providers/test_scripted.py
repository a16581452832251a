"""The provider whose answers are in a file: which one is given, what it brings, what is wrong in a file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.providers.base import Message, ModelAnswer, ModelRequest, ProviderError, ToolCall, Usage
from llmspell_engine.providers.scripted import ScriptedError, ScriptedProvider

SYSTEM = Message("system", "be brief")


def request(text: str, model: str = "m", *before: Message) -> ModelRequest:
    return ModelRequest(model, [*before, Message("user", text)])


def scripted(folder: Path, text: str) -> ScriptedProvider:
    path = folder / "answers.yaml"
    path.write_text(text)
    return ScriptedProvider(path)


async def streamed(provider: ScriptedProvider, asked: ModelRequest) -> tuple[list[str], ModelAnswer | None]:
    chunks = [chunk async for chunk in provider.stream(asked)]
    return [chunk.text for chunk in chunks[:-1]], chunks[-1].answer


ORDERS = {
    "in their order": ("m: [{text: a}, {text: b}]", ["x", "y"], ["a", "b"]),
    "a text": ("m: [{when: pear, text: a}, {text: b}]", ["x", "a pear"], ["b", "a"]),
    "a regex": ("m: [{when_regex: '^p.*r$', text: a}, {text: b}]", ["a pear", "pear"], ["b", "a"]),
    "a regex in a table": ("m: [{when: {regex: '(?i)PEAR'}, text: a}]", ["a pear"], ["a"]),
    "text and regex": ("m: [{when: {text: a, regex: '[0-9]'}, text: a}, {text: b}]", ["a", "a1"], ["b", "a"]),
    "the system prompt": (
        "m: [{when: {system: long}, text: a}, {when: {system: brief}, text: b}]", ["x"], ["b"]
    ),
    "the model": ("'*': [{when: {model: n}, text: a}, {when: {model: m}, text: b}]", ["x"], ["b"]),
    "any model": ("{'*': [{text: a}], n: [{text: b}]}", ["x"], ["a"]),
    "twice": ("m: [{text: a, repeat: 2}, {text: b}]", ["x", "x", "x"], ["a", "a", "b"]),
    "always": ("m: [{text: a, repeat: true}]", ["x"] * 9, ["a"] * 9),
    "json": ('{"m": [{"text": "a", "repeat": false}, {"text": "b"}]}', ["x", "x"], ["a", "b"]),
}  # fmt: skip


@pytest.mark.parametrize(("file", "asked", "given"), ORDERS.values(), ids=ORDERS)
async def test_the_first_answer_that_fits_is_given(
    file: str, asked: list[str], given: list[str], tmp_path: Path
) -> None:
    provider = scripted(tmp_path, file)
    answers = [await provider.complete(request(text, "m", SYSTEM)) for text in asked]
    assert [answer.text for answer in answers] == given


async def test_an_answer_brings_what_the_file_says(tmp_path: Path) -> None:
    provider = scripted(
        tmp_path,
        "m:\n"
        "- {text: cut, finish_reason: length, usage: {input_tokens: 5, output_tokens: 7, cost: 0.5}}\n"
        "- {tool_calls: [{name: t}, {id: c9, name: u, arguments: {n: 1}}]}\n",
    )
    answer = await provider.complete(request("one two"))
    assert (answer.finish_reason, answer.usage, answer.model) == ("length", Usage(5, 7, 0.5), "m")
    answer = await provider.complete(request("one two"))
    assert answer.tool_calls == [ToolCall("call-1", "t", {}), ToolCall("c9", "u", {"n": 1})]
    assert (answer.finish_reason, answer.usage) == ("tool_calls", Usage(2, 0, 0.0))


async def test_a_stream_brings_words_or_the_pieces_of_the_file(tmp_path: Path) -> None:
    provider = scripted(tmp_path, "m: [{text: a bc}, {pieces: [a b, c]}, {tool_calls: [{name: t}]}]")
    pieces, answer = await streamed(provider, request("x"))
    assert (pieces, answer and answer.text) == (["a ", "bc"], "a bc")
    pieces, answer = await streamed(provider, request("x"))
    assert (pieces, answer and answer.text) == (["a b", "c"], "a bc")
    pieces, answer = await streamed(provider, request("x"))
    assert (pieces, answer and answer.finish_reason) == ([], "tool_calls")


@pytest.mark.parametrize(("is_stream", "least"), [(False, 0.03), (True, 0.06)])
async def test_an_answer_takes_its_time(is_stream: bool, least: float, tmp_path: Path) -> None:
    provider = scripted(tmp_path, "m: [{pieces: [a, b], delay_ms: 30}]")
    clock = asyncio.get_running_loop().time
    begun = clock()
    await (streamed(provider, request("x")) if is_stream else provider.complete(request("x")))
    assert clock() - begun >= least


ERRORS = [
    ("oops", ("ProviderError", "oops", None, None, False)),
    ("{message: oops, status: 500}", ("ProviderError", "oops", 500, None, True)),
    ("{message: oops, status: 400}", ("ProviderError", "oops", 400, None, False)),
    (
        "{kind: RateLimitError, message: slow, status: 429, retry_after: 1.5}",
        ("RateLimitError", "slow", 429, 1.5, True),
    ),
    ("{kind: TimeoutError}", ("TimeoutError", "the model gives no answer", None, None, True)),
    ("{kind: AuthenticationError, message: no}", ("AuthenticationError", "no", None, None, False)),
]  # fmt: skip


@pytest.mark.parametrize(("error", "told"), ERRORS)
async def test_an_error_is_raised_as_the_file_says(error: str, told: tuple[Any, ...], tmp_path: Path) -> None:
    provider = scripted(tmp_path, f"m: [{{error: {error}, repeat: 2}}]")
    for _ in range(2):
        with pytest.raises(ProviderError) as raised:
            await provider.complete(request("x"))
        found = raised.value
        assert (found.kind, str(found), found.status, found.retry_after, found.is_passing) == told


async def test_a_stream_may_fail_after_some_pieces(tmp_path: Path) -> None:
    provider = scripted(tmp_path, "m: [{pieces: [a, b], error: {kind: ConnectionError, message: gone}}]")
    seen: list[str] = []

    async def read() -> None:
        async for chunk in provider.stream(request("x")):
            seen.append(chunk.text)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(ProviderError, match="gone"):
        await read()
    assert seen == ["a", "b"]


async def test_where_no_answer_fits_each_says_why(tmp_path: Path) -> None:
    provider = scripted(
        tmp_path,
        "m:\n- text: a\n- {when: pears, text: b}\n- {when_regex: '^z', text: c}\n"
        "- {when: {system: long}, text: d}\n- {when: {model: n}, text: e}\n",
    )
    await provider.complete(request("x"))
    with pytest.raises(ScriptedError) as raised:
        await provider.complete(request("figs"))
    path = provider.path
    assert str(raised.value) == (
        f"{path}: the model 'm' was asked 'figs', and no answer fits:"
        f"\n  {path}:2 was given\n  {path}:3 waits for the text 'pears'"
        f"\n  {path}:4 waits for a text like '^z'"
        f"\n  {path}:5 waits for a system prompt with 'long'\n  {path}:6 is for the model 'n'"
    )


WRONG = {
    "no table": ("- a", "answers.yaml must hold a list of answers a model, by its name"),
    "no list": ("\nm: {text: a}", ":2: the answers of 'm' must be a list"),
    "no answer": ("m:\n- 3", ":2: an answer of 'm' must be a table of text, pieces,"),
    "an empty answer": ("m:\n- {}", ":2: an answer of 'm' must be a table of text,"),
    "an unknown key": ("m:\n- text: a\n  wen: b", ":3: there is no 'wen' in an answer of 'm'; did you mean"),
    "an unknown condition": ("m:\n- when:\n    sytem: x", ":3: there is no 'sytem' in 'when'; did you mean"),
    "a bad regex": ("m:\n- when_regex: '('", ":2: '(' is no regular expression: missing ), unterminated"),
    "a call without a name": (
        "m:\n- tool_calls:\n  - arguments: {}",
        ":3: a tool call needs the name of a tool",
    ),
    "bad arguments": (
        "m:\n- tool_calls:\n  - {name: t, arguments: [1]}",
        ":3: the arguments of a tool call must be a",
    ),
    "calls that are no list": ("m:\n- tool_calls: {name: t}", ":2: 'tool_calls' must be a list of tables"),
    "an unknown kind": (
        "m:\n- error: {kind: RateLimit}",
        ":2: there is no 'RateLimit'; did you mean 'RateLimitError'?",
    ),
    "a bad status": ("m:\n- error: {status: x}", ":2: 'x' must be a number from 0"),
    "bad usage": ("m:\n- usage: 3", ":2: 'usage' must be a table of input_tokens, output_tokens, cost"),
    "negative tokens": ("m:\n- usage: {input_tokens: -1}", ":2: '-1' must be a number from 0"),
    "text that is none": ("m:\n- text: [a]", ":2: this must be a text"),
    "bad pieces": ("m:\n- pieces: ab", ":2: 'pieces' must be a list of texts"),
    "bad repeat": ("m:\n- repeat: 0", ":2: 'repeat' must be true, or how often the answer is given"),
    "a bad reason": ("m:\n- finish_reason: ended", ":2: there is no 'ended'; there is stop, length,"),
    "a model twice": ("m: []\nn: []\nm: []", ":3: there is 'm' already; put its answers together"),
    "no YAML": ("m: [", "answers.yaml cannot be read: "),
}


@pytest.mark.parametrize(("file", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_in_a_file_is_told_with_its_line(file: str, words: str, tmp_path: Path) -> None:
    provider = scripted(tmp_path, file)
    with pytest.raises(ScriptedError) as raised:
        _ = provider.models
    assert words in str(raised.value)
    assert str(provider.path) in str(raised.value)
