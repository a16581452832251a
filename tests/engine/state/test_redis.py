"""What is special about state in a server: that it may not be there, and goes away and comes back."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing

import pytest
from llmspell_engine.state import Seen, StateError, Write
from llmspell_engine.state.redis import RedisStore
from support.redis_server import RedisServer, redis_server

from .conftest import eventually


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis://:hidden@127.0.0.1:1/0", "state in Redis at 127.0.0.1:1/0 llmspell:state: "),
        ("http://localhost", "the address of the state's Redis is wrong: "),
    ],
)
def test_a_server_that_is_not_there_is_told_without_the_password(url: str, problem: str) -> None:
    with pytest.raises(StateError) as raised:
        RedisStore(url)
    assert str(raised.value).startswith(problem)
    assert "hidden" not in str(raised.value)


def test_the_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(StateError, match=r"needs the extra 'redis': pip install 'llmspell\[redis\]'"):
        RedisStore("redis://127.0.0.1:1")


def test_namespaces_are_apart(server: RedisServer) -> None:
    with closing(RedisStore(server.url, "one")) as one, closing(RedisStore(server.url, "two")) as two:
        one.save("s", "k", "1")
        assert (two.load("s", "k"), two.scopes()) == (None, [])


def test_a_name_that_is_no_text_is_told(server: RedisServer) -> None:
    with closing(RedisStore(server.url, "names")) as store:
        with pytest.raises(StateError, match="a scope or key is no Unicode text"):
            store.save("s", "\ud800", "1")
        assert store.scopes() == []


USES: dict[str, Callable[[RedisStore], object]] = {
    "load": lambda store: store.load("s", "k"),
    "save": lambda store: store.save("s", "k", "2"),
    "delete": lambda store: store.delete("s", "none"),
    "keys": lambda store: store.keys("s"),
    "scopes": lambda store: store.scopes(),
    "size": lambda store: store.size(),
    "sweep": lambda store: store.sweep(),
    "commit": lambda store: store.commit({("s", "l"): Write("1")}, Seen({("s", "none"): 0}, {})),
}


def test_a_server_that_went_away_is_told_and_used_again_when_it_is_back(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with redis_server() as server, closing(RedisStore(server.url)) as store:
        heard: list[str] = []
        store.listen(lambda change: heard.append(change.key))
        store.save("s", "k", "1")
        server.stop()
        for name, use in USES.items():
            with pytest.raises(StateError, match=rf"state in Redis at 127\.0\.0\.1:{server.port}"):
                use(store)
            assert name
        told: list[str] = []

        def is_told() -> bool:
            told.append(capfd.readouterr().err)
            return "changes made elsewhere are not seen" in "".join(told)

        eventually(is_told)
        server.start()
        for use in USES.values():
            use(store)
        assert (store.load("s", "k"), store.load("s", "l")) == ("2", "1")
        with closing(RedisStore(server.url)) as other:
            other.save("s", "other", "1")
            eventually(lambda: "other" in heard)
        # Once, however often it was looked for.
        assert "".join(told).count("changes made elsewhere") <= 2
