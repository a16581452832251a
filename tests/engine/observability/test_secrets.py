"""Secrets are in nothing that is written: messages, fields, errors, spans, cassettes."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.observability import LogSettings, LogSink, RunLog, correlate
from llmspell_engine.observability.secrets import (
    MASK,
    Scrubber,
    is_secret_name,
    keep_secret,
    secrets_of_environment,
)
from llmspell_engine.observability.trace_file import FileTracer
from llmspell_engine.providers import standard_providers
from llmspell_engine.providers.cassette import CassetteProviders, open_cassette
from support.runtime import Script, both, run

TEXTS = [
    ("nothing of the kind", "nothing of the kind"),
    ("key sk-proj-0123456789abcdef!", "key [secret]!"),
    ("sk-0123456789abcde", "sk-0123456789abcde"),
    ("ask-0123456789abcdef", "ask-0123456789abcdef"),
    ("gsk_0123456789abcdef", "[secret]"),
    (f"AIza{'a' * 30}", "[secret]"),
    (f"github_pat_{'a' * 20}", "[secret]"),
    ("ghp_0123456789abcdefghij0123", "[secret]"),
    ("AKIAABCDEFGHIJKLMNOP", "[secret]"),
    ("xoxb-1234567890-abc", "[secret]"),
    ("eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", "[secret]"),
    ("postgres://shop:hush@db:5432/tea", "postgres://shop:[secret]@db:5432/tea"),
    ("https://:hush@host/", "https://:[secret]@host/"),
    ("https://abcdefghij0123456789@github.com/a", "https://[secret]@github.com/a"),
    ("ssh://git@github.com/a/b:c", "ssh://git@github.com/a/b:c"),
    ("https://host:80/a?key=hush&q=1", "https://host:80/a?key=[secret]&q=1"),
    ("https://host/a?q=1&access_token=hush#top", "https://host/a?q=1&access_token=[secret]#top"),
    ("/a?SIG=hush&monkey=1&api-key=hush", "/a?SIG=[secret]&monkey=1&api-key=[secret]"),
    ("amqp://ann:hush@one, amqp://bob:hush@two", "amqp://ann:[secret]@one, amqp://bob:[secret]@two"),
    ("Authorization: Bearer hush", "Authorization: Bearer [secret]"),
    ('{"authorization": "Basic aHVzaA=="}', '{"authorization": "Basic [secret]"}'),
    ("sent with Bearer 0123456789abcdef0", "sent with Bearer [secret]"),
    ("the bearer of responsibilities said", "the bearer of responsibilities said"),
    ("see: basic authentication is on", "see: basic authentication is on"),
]


@pytest.mark.parametrize(("text", "masked"), TEXTS)
def test_what_looks_like_a_secret(text: str, masked: str) -> None:
    scrubber = Scrubber()
    assert scrubber.scrub(text) == masked
    assert scrubber.scrub(masked) == masked


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("OPENAI_API_KEY", True),
        ("apiKey", True),
        ("accessToken", True),
        ("x-api-key", True),
        ("Authorization", True),
        ("set-cookie", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("tokens", False),
        ("max_tokens", False),
        ("key", False),
        ("monkey", False),
        ("secretary", False),
    ],
)
def test_what_is_named_like_a_secret(name: str, is_secret: bool) -> None:
    assert is_secret_name(name) == is_secret
    assert secrets_of_environment({name: "value"}) == (["value"] if is_secret else [])
    assert Scrubber().fields({"at": [{name: "hush"}]}) == {"at": [{name: MASK if is_secret else "hush"}]}


def test_a_short_value_is_no_secret_and_a_long_one_goes_before_its_beginning() -> None:
    assert Scrubber(["short", "12345678", "1234567890"]).scrub("short 1234567890") == f"short {MASK}"


def test_what_a_script_tells_is_ordered_among_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever was told first, no end of the longer one is left."""
    monkeypatch.setattr("llmspell_engine.observability.secrets._told", set())
    monkeypatch.setattr("llmspell_engine.observability.secrets._told_forms", [])
    scrubber = Scrubber(["key-of-the-shop", "another-one-that-is-long"])
    keep_secret("key-of-the")
    keep_secret("another-one")
    keep_secret("another-one-that-is-long-and-goes-on")
    assert scrubber.scrub("key-of-the-shop key-of-the another-one-that-is-long") == f"{MASK} {MASK} {MASK}"
    assert scrubber.scrub("another-one-that-is-long-and-goes-on another-one") == f"{MASK} {MASK}"


@pytest.mark.parametrize(
    ("fields", "masked"),
    [
        ({"password": "hush"}, {"password": MASK}),
        ({"password": b"hush"}, {"password": MASK}),
        ({"password": ["a", {"b": "c"}, 7, None]}, {"password": [MASK, {"b": "c"}, 7, None]}),
        ({"token": 12, "cookie": True, "secret": None}, {"token": 12, "cookie": True, "secret": None}),
        ({"a": (1, "b")}, {"a": [1, "b"]}),
        ({"a": {7: {"apiKey": "hush"}}}, {"a": {"7": {"apiKey": MASK}}}),
        ({"a": b"\xff"}, {"a": "\\xff"}),
        ({"the-known-one": 1}, {MASK: 1}),
    ],
)
def test_fields_keep_their_forms(fields: dict[str, Any], masked: dict[str, Any]) -> None:
    assert Scrubber(["the-known-one"]).fields(fields) == masked


OWN_KEY = "the-key-of-one-agent"
TELLING: dict[Language, str] = {
    "lua": f"""
Agent.create({{ model = "openai-compatible/m", base_url = "http://a", api_key = "{OWN_KEY}" }})
Logger.warn("I know {OWN_KEY}") Agent.create({{ model = "echo" }}):execute("and say {OWN_KEY}")""",
    "javascript": f"""
Agent.create({{ model: "openai-compatible/m", baseUrl: "http://a", apiKey: "{OWN_KEY}" }});
Logger.warn("I know {OWN_KEY}"); await Agent.create({{ model: "echo" }}).execute("and say {OWN_KEY}")""",
}


@both
def test_a_key_that_a_script_gives_to_an_agent(language: Language, tmp_path: Path) -> None:
    cassette = open_cassette(tmp_path / "tape.jsonl", "record")
    tracer = FileTracer(tmp_path / "trace.jsonl", content=True)
    services = Services(providers=CassetteProviders(standard_providers(), cassette), tracer=tracer)
    with tracer.span("run", "r"):
        ran = run(Script(language, TELLING[language], services=services))
    services.close()
    assert ran.error is None
    written = [ran.err, *((tmp_path / name).read_text() for name in ("tape.jsonl", "trace.jsonl"))]
    assert ["know" in written[0], *("and say" in text for text in written[1:])] == [True] * 3
    assert not any(OWN_KEY in text for text in written)


SECRETS = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters=MASK), min_size=8, max_size=40
).filter(lambda text: text.strip() == text)


def _shapes(secret: str) -> st.SearchStrategy[Any]:
    """Values that hold a secret somewhere."""
    around = st.tuples(st.text(max_size=3), st.text(max_size=3)).map(
        lambda ends: f"{ends[0]}{secret}{ends[1]}"
    )
    leaf = around | st.just(secret.encode()) | st.just(ValueError(secret)) | st.just({secret})
    return st.recursive(
        leaf,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=2)
            | st.dictionaries(st.just(secret) | st.text(max_size=3), inner, min_size=1, max_size=2)
        ),
        max_leaves=4,
    )


@given(data=st.data(), secret=SECRETS, form=st.sampled_from(["text", "json"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_secret_is_in_nothing_that_is_written(
    data: st.DataObject, secret: str, form: Any, tmp_path: Path
) -> None:
    value = data.draw(_shapes(secret))
    written: list[str] = []
    log = RunLog(LogSink(LogSettings("info", form), [secret]), written.append)
    correlate(f"for {secret}")
    try:
        log.put("info", f"a {secret}", {"field": value, secret: 1}, name=f"n.{secret}")
        error = RuntimeError(secret)
        error.__cause__ = KeyError(secret)
        log.put("error", "failed", {"error": error})
        trace, tape = tmp_path / "trace.jsonl", tmp_path / "tape.jsonl"
        tracer = FileTracer(trace, [secret], content=True)
        with suppress(RuntimeError), tracer.span("tool", f"tool {secret}", value=value) as span:
            span.set(**{"gen_ai.tool.call.result": json.dumps({"said": secret}), secret: value})
            raise error
        tracer.close()
    finally:
        correlate(None)
    open_cassette(tape, "record", [secret]).add({"messages": [secret]}, {"answer": {"text": f"my {secret}"}})
    written += [trace.read_text(), tape.read_text()]
    trace.unlink()
    tape.unlink()
    for text in written:
        for shown in (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
            assert shown not in text
