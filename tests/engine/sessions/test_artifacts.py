"""Artifacts: kept once by content, in versions by name, whatever their bytes are."""

from __future__ import annotations

import hashlib
import random
import re
from typing import Any

import pytest
from llmspell_engine.sessions.artifacts import Artifacts, Made, Wanted, media_type
from llmspell_engine.sessions.contents import text_or_bytes
from llmspell_engine.sessions.model import SessionError, SessionLimits
from llmspell_engine.sessions.records import artifacts_of, contents_of
from llmspell_engine.sessions.sessions import Sessions
from llmspell_engine.state import StateError, StateStore

from .conftest import World
from .test_sessions import Failing, Meddling, contents

CONTENTS: list[str | bytes] = [
    "",
    b"",
    "# Tides\r\n\0ü 😀",
    "half of a pair: \ud800",
    b"plain",
    bytes(range(256)),
    "long and plain " * 5000,
    random.Random(3).randbytes(20_000),
    b"\0" * 100_000,
]


def artifacts_in(world: World) -> Artifacts:
    return Artifacts(world.sessions)


@pytest.mark.parametrize("content", CONTENTS, ids=lambda one: f"{type(one).__name__}-{len(one)}")
def test_any_content_comes_back_as_it_was(content: str | bytes, world: World) -> None:
    session = world.sessions.create()
    kept = artifacts_in(world).store(session.id, Made("custom", "it", content, metadata={"a": [1]}))
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    assert (kept.size, kept.digest) == (len(data), hashlib.sha256(data).hexdigest())
    found = artifacts_in(world).find(session.id, kept.sequence, kept.digest)
    assert found == kept
    back = artifacts_in(world).content(kept)
    assert (type(back), back) == (type(content), content)


def test_what_is_long_takes_less_than_it_is(world: World) -> None:
    session = world.sessions.create()
    kept = artifacts_in(world).store(session.id, Made("custom", "it", "tides " * 10_000))
    assert len(world.store.load(contents_of(session.id), kept.digest) or "") < kept.size / 10


def test_the_same_content_is_kept_once_until_nobody_has_it(world: World) -> None:
    session = world.sessions.create()
    artifacts = artifacts_in(world)
    first, second, other = (
        artifacts.store(session.id, Made("custom", name, text))
        for name, text in (("a", "same"), ("b", "same"), ("c", "other"))
    )
    assert len(world.store.keys(contents_of(session.id))) == 2
    artifacts.delete(first)
    artifacts.delete(first)
    assert artifacts.content(second) == "same"
    artifacts.delete(second)
    assert world.store.keys(contents_of(session.id)) == [other.digest]
    assert world.sessions.known(session.id).artifacts == 1
    with pytest.raises(SessionError, match=r"the artifact 'b' of the session '.*' was deleted meanwhile"):
        artifacts.content(second)


def test_a_name_has_versions_whose_numbers_do_not_come_again(world: World) -> None:
    session = world.sessions.create()
    artifacts = artifacts_in(world)
    made = [artifacts.store(session.id, Made("custom", "a", str(number))) for number in range(3)]
    artifacts.store(session.id, Made("custom", "b", "x"))
    assert [(one.sequence, one.version) for one in made] == [(1, 1), (2, 2), (3, 3)]
    assert artifacts.newest(session.id, "a") == made[2]
    artifacts.delete(made[2])
    assert artifacts.newest(session.id, "a") == made[1]
    again = artifacts.store(session.id, Made("custom", "a", "2"))
    assert (again.sequence, again.version) == (5, 4)
    assert artifacts.newest(session.id, "none") is None


@pytest.mark.parametrize("status", ["suspended", "completed", "expired"])
def test_what_does_not_go_on_takes_nothing(status: str, world: World) -> None:
    session = world.sessions.create(name="report", ttl_seconds=60)
    artifacts = artifacts_in(world)
    kept = artifacts.store(session.id, Made("custom", "a", "x"))
    {"suspended": world.sessions.suspend, "completed": world.sessions.complete}.get(status, lambda _: None)(
        session.id
    )
    world.now += 61 if status == "expired" else 0
    before = contents(world.store)
    with pytest.raises(SessionError, match=f"is {status} and cannot take artifacts"):
        artifacts.store(session.id, Made("custom", "a", "y"))
    assert contents(world.store) == before
    assert artifacts.content(artifacts.all(session.id)[0]) == "x"
    if status != "expired":
        artifacts.delete(kept)
        assert artifacts.all(session.id) == []


def test_limits_are_told_before_anything_is_kept(store: StateStore) -> None:
    world = World(store, SessionLimits(max_artifacts=2, max_artifact_bytes=4))
    session = world.sessions.create(name="small")
    artifacts = artifacts_in(world)
    for name in "ab":
        artifacts.store(session.id, Made("custom", name, "four"))
    before = contents(store)
    with pytest.raises(
        SessionError, match=re.escape("the session 'small' has 2 artifacts, and 2 are allowed")
    ):
        artifacts.store(session.id, Made("custom", "c", ""))
    with pytest.raises(SessionError, match=re.escape("the artifact 'd' has 5 bytes, and 4 are allowed")):
        artifacts.store(session.id, Made("custom", "d", "fünf"))
    assert contents(store) == before
    artifacts.delete(artifacts.all(session.id)[0])
    artifacts.store(session.id, Made("custom", "c", ""))


WANTED: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["e", "d.png", "c.md", "b.md", "a.txt"]),
    ({"type": "tool_result"}, ["b.md"]),
    ({"name": "*.md"}, ["c.md", "b.md"]),
    ({"name": "?"}, ["e"]),
    ({"mime_type": "image/*"}, ["d.png"]),
    ({"mime_type": "text/*"}, ["e", "c.md", "b.md", "a.txt"]),
    ({"tags": ("x",)}, ["c.md", "a.txt"]),
    ({"tags": ("x", "y")}, ["c.md"]),
    ({"after": 1_800_000_003.0}, ["e", "d.png", "c.md"]),
    ({"before": 1_800_000_002.0}, ["b.md", "a.txt"]),
    ({"after": 1_800_000_002.0, "before": 1_800_000_003.0}, ["c.md", "b.md"]),
    ({"min_size": 3}, ["e", "d.png", "c.md"]),
    ({"max_size": 2, "type": "custom"}, ["a.txt"]),
]
STORED = [
    Made("custom", "a.txt", "1", tags=("x",)),
    Made("tool_result", "b.md", "12"),
    Made("custom", "c.md", "123", tags=("y", "x")),
    Made("custom", "d.png", b"1234"),
    Made("custom", "e", "12345"),
]


@pytest.mark.parametrize(("asked", "names"), WANTED)
def test_artifacts_are_found(asked: dict[str, Any], names: list[str], world: World) -> None:
    ids = [world.sessions.create().id for _ in range(2)]
    artifacts = artifacts_in(world)
    for number, made in enumerate(STORED):
        world.now += 1
        artifacts.store(ids[number % 2], made)
    assert [one.name for one in artifacts.query(Wanted(**asked))] == names
    own = [one.name for one in artifacts.query(Wanted(session_id=ids[1], **asked))]
    assert own == [name for name in names if name in ("b.md", "d.png")]


@pytest.mark.parametrize("ask", ["all", "query", "find", "newest", "store"])
def test_a_session_that_is_not_there_is_told(ask: str, world: World) -> None:
    artifacts = artifacts_in(world)
    asks = {
        "all": lambda: artifacts.all("none"),
        "query": lambda: artifacts.query(Wanted(session_id="none")),
        "find": lambda: artifacts.find("none", 1, "x"),
        "newest": lambda: artifacts.newest("none", "x"),
        "store": lambda: artifacts.store("none", Made("custom", "a", "x")),
    }
    with pytest.raises(SessionError, match="there is no session 'none'"):
        asks[ask]()


def test_the_newest_so_many_are_found(world: World) -> None:
    session = world.sessions.create()
    for made in STORED:
        artifacts_in(world).store(session.id, made)
    assert [one.name for one in artifacts_in(world).query(Wanted(limit=2))] == ["e", "d.png"]


def test_an_artifact_of_another_content_is_not_taken_for_it(world: World) -> None:
    session = world.sessions.create()
    kept = artifacts_in(world).store(session.id, Made("custom", "a", "x"))
    assert artifacts_in(world).find(session.id, kept.sequence, "0" * 64) is None
    assert artifacts_in(world).find(session.id, 2, kept.digest) is None


MEDIA_TYPES: list[tuple[str, str | bytes, str]] = [
    ("a.md", "", "text/markdown"),
    ("a.json", "", "application/json"),
    ("a.PNG", b"", "image/png"),
    ("a.yaml", "", "application/yaml"),
    ("a.lua", "", "text/x-lua"),
    ("a", "", "text/plain"),
    ("a", b"", "application/octet-stream"),
    ("a.tar.gz", b"", "application/octet-stream"),
    ("a.unheard-of", "", "text/plain"),
]


@pytest.mark.parametrize(("name", "content", "expect"), MEDIA_TYPES)
def test_media_types(name: str, content: str | bytes, expect: str) -> None:
    assert media_type(name, content) == expect


@pytest.mark.parametrize(
    ("data", "expect"), [(b"\xc3\xbc", "ü"), (b"\xc3", b"\xc3"), (b"a\0b", b"a\0b"), (b"", "")]
)
def test_what_a_file_holds_is_text_where_it_is_some(data: bytes, expect: str | bytes) -> None:
    assert text_or_bytes(data) == expect


def test_two_who_store_at_the_same_time_lose_nothing(world: World) -> None:
    session = world.sessions.create()

    def meddle() -> None:
        artifacts_in(world).store(session.id, Made("custom", "a", "theirs"))

    mine = Artifacts(Sessions(Meddling(world.store, 2, meddle)))
    kept = mine.store(session.id, Made("custom", "a", "mine"))
    assert (kept.sequence, kept.version) == (3, 3)
    found = artifacts_in(world).all(session.id)
    assert [artifacts_in(world).content(one) for one in found] == ["theirs", "theirs", "mine"]


def test_content_that_another_stores_anew_is_not_taken_away(world: World) -> None:
    session = world.sessions.create()
    artifacts = artifacts_in(world)
    kept = artifacts.store(session.id, Made("custom", "a", "same"))

    def meddle() -> None:
        artifacts.store(session.id, Made("custom", "b", "same"))

    Artifacts(Sessions(Meddling(world.store, 1, meddle))).delete(kept)
    [left] = artifacts.all(session.id)
    assert (left.name, artifacts.content(left)) == ("b", "same")


@pytest.mark.parametrize("action", ["store", "delete"])
def test_what_cannot_be_kept_changes_nothing(action: str, world: World) -> None:
    session = world.sessions.create()
    kept = artifacts_in(world).store(session.id, Made("custom", "a", "x"))
    before = contents(world.store)
    failing = Artifacts(Sessions(Failing(world.store, 0, None)))
    with pytest.raises(StateError, match="the disk is full"):
        failing.delete(kept) if action == "delete" else failing.store(session.id, Made("custom", "b", "y"))
    assert contents(world.store) == before


DAMAGED = [
    "[]",
    '{"layout":1}',
    '{"layout":1,"kind":"text","coding":"plain","data":"other"}',
    '{"layout":1,"kind":"binary","coding":"base64","data":"*"}',
    '{"layout":1,"kind":"binary","coding":"zlib","data":"AAAA"}',
    '{"layout":1,"kind":"text","coding":"plain","data":7}',
]


@pytest.mark.parametrize("text", DAMAGED)
def test_content_that_is_damaged_is_told(text: str, world: World) -> None:
    session = world.sessions.create()
    kept = artifacts_in(world).store(session.id, Made("custom", "a", "x"))
    world.store.save(contents_of(session.id), kept.digest, text)
    with pytest.raises(
        StateError, match=f"what is kept of the artifact 'a' of the session '{session.id}' is"
    ):
        artifacts_in(world).content(kept)


def test_a_record_that_is_damaged_is_told(world: World) -> None:
    session = world.sessions.create()
    kept = artifacts_in(world).store(session.id, Made("custom", "a", "x"))
    world.store.save(artifacts_of(session.id), world.store.keys(artifacts_of(session.id))[0], '{"layout":1}')
    with pytest.raises(StateError, match=r"what is kept of an artifact of the session '.*' is damaged"):
        artifacts_in(world).find(session.id, kept.sequence, kept.digest)
