"""State in a Redis or Valkey server, which engines on several machines share.

Each operation is one script that the server runs as a whole. Reading is tried again over a new connection,
and so is what is the same when it is done twice; a commit that rests on what was seen is not, for nobody
knows whether the server had made it before the connection broke.

Changes come over a stream: those of other engines are told with what the key has by then, and one that has
been overtaken is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from llmspell_engine.scheduling.cause import new_id
from llmspell_engine.state import redis_scripts as scripts
from llmspell_engine.state.changes import Change, Listener, Listeners, Operation
from llmspell_engine.state.store import ANYTHING, Address, Entry, Kind, Seen, StateError, Write

if TYPE_CHECKING:
    from pathlib import Path

    from redis import Redis

NAMESPACE = "llmspell:state"
_TIMEOUT_SECONDS = 10
_BATCH = 1000


class RedisStore:
    """Keeps texts in a server. Raises StateError where it cannot be reached.

    ``url``: ``redis://host:6379/0``, or ``rediss`` with TLS.
    """

    kind: Kind = "redis"

    def __init__(self, url: str, namespace: str = NAMESPACE) -> None:
        parts = urlsplit(url)
        self.place = f"{parts.hostname or 'localhost'}:{parts.port or 6379}{parts.path} {namespace}"
        # In braces, so that a cluster keeps all of it on one of its servers.
        self._name = f"{{{namespace}}}"
        self._origin = new_id()
        self._last = "0-0"
        self._listeners = Listeners(self._look)
        self._client = self._opened(url)
        self._scripts: dict[str, Callable[..., Any]] = {}
        self._again(self._client.ping)

    def load(self, scope: str, key: str) -> str | None:
        """See the protocol."""
        found = self.entry(scope, key)
        return found.text if found else None

    def save(self, scope: str, key: str, text: str, ttl_seconds: float | None = None) -> None:
        """See the protocol."""
        self._commit({(scope, key): Write(text, ttl_seconds)}, ANYTHING)

    def delete(self, scope: str, key: str) -> None:
        """See the protocol."""
        self._commit({(scope, key): Write(None)}, ANYTHING)

    def keys(self, scope: str) -> list[str]:
        """See the protocol."""
        return list(self.entries(scope))

    def entry(self, scope: str, key: str) -> Entry | None:
        """See the protocol."""
        raw = self._again(lambda: self._run(scripts.ENTRY, scope, key))
        return _entry(raw) if raw else None

    def entries(self, scope: str) -> dict[str, Entry]:
        """See the protocol."""
        found = self._again(lambda: self._run(scripts.ENTRIES, scope))
        pairs = zip(found[::2], found[1::2], strict=True)
        return {key: _entry(raw) for key, raw in sorted(pairs)}

    def scopes(self) -> list[str]:
        """See the protocol."""
        return sorted(self._again(lambda: self._run(scripts.SCOPES)))

    def commit(self, writes: Mapping[Address, Write], seen: Seen = ANYTHING, *, durable: bool = True) -> bool:
        """See the protocol."""
        return self._commit(writes, seen)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """See the protocol."""
        if not self._listeners:
            newest = self._again(lambda: self._client.xrevrange(f"{self._name}:changes", count=1))
            self._last = newest[0][0] if newest else "0-0"
        return self._listeners.add(listener)

    def sweep(self) -> int:
        """See the protocol."""
        swept = int(self._again(lambda: self._run(scripts.SWEEP)))
        self._listeners.tell()
        return swept

    def copy_to(self, file: Path) -> None:
        """See the protocol."""
        from llmspell_engine.state.sqlite_files import write_file

        found = self._again(lambda: self._run(scripts.EVERYTHING))
        triples = zip(found[::3], found[1::3], found[2::3], strict=True)
        write_file(file, {(scope, key): _entry(raw) for scope, key, raw in triples})

    def size(self) -> int:
        """See the protocol: what the server says that the entries take."""
        names = [f"{self._name}:entries:{scope}" for scope in self.scopes()]
        return sum(int(self._again(partial(self._client.memory_usage, name)) or 0) for name in names)

    def close(self) -> None:
        """See the protocol."""
        self._listeners.close()
        self._client.close()

    # Writing

    def _commit(self, writes: Mapping[Address, Write], seen: Seen) -> bool:
        given = _arguments(writes, seen)
        is_the_same_twice = not seen.versions and not seen.keys

        def run() -> Any:
            return self._run(scripts.COMMIT, *given)

        versions = self._again(run) if is_the_same_twice else self._once(run)
        if versions is None:
            return False
        for ((scope, key), write), version in zip(writes.items(), versions, strict=True):
            if version:
                operation: Operation = "delete" if write.text is None else "save"
                self._listeners.put(Change(scope, key, operation, int(version), write.text))
        self._listeners.tell()
        return True

    # Changes made elsewhere

    def _look(self) -> None:
        self._again(lambda: self._run(scripts.SWEEP))
        found: Any = self._again(
            lambda: self._client.xread({f"{self._name}:changes": self._last}, count=_BATCH)
        )
        for entry, fields in _stream_entries(found):
            self._last = entry
            # What was written here is told already; what had its time is told to all in this way.
            if fields["origin"] != self._origin or fields["operation"] == "expire":
                self._put_foreign(fields)

    def _put_foreign(self, fields: Mapping[str, str]) -> None:
        scope, key, version = fields["scope"], fields["key"], int(fields["version"])
        if fields["operation"] == "save":
            entry = self.entry(scope, key)
            if entry and entry.version == version:
                self._listeners.put(Change(scope, key, "save", version, entry.text))
        else:
            operation: Operation = "expire" if fields["operation"] == "expire" else "delete"
            self._listeners.put(Change(scope, key, operation, version))

    # The server

    def _opened(self, url: str) -> Redis:
        try:
            from redis import Redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ImportError:
            raise StateError(
                "state in Redis needs the extra 'redis': pip install 'llmspell[redis]'"
            ) from None
        try:
            return Redis.from_url(
                url, decode_responses=True, socket_timeout=_TIMEOUT_SECONDS, retry=Retry(NoBackoff(), 0)
            )
        except ValueError as problem:
            raise StateError(f"the address of the state's Redis is wrong: {problem}") from None

    def _run(self, text: str, *arguments: str) -> Any:
        if text not in self._scripts:
            self._scripts[text] = self._client.register_script(text)
        return self._scripts[text](args=(self._name, self._origin, *arguments))

    def _again(self, work: Callable[[], Any]) -> Any:
        """What the server answers, asked a second time where the connection broke."""
        from redis.exceptions import ConnectionError as BrokenError

        with self._told():
            try:
                return work()
            except BrokenError:
                return work()

    def _once(self, work: Callable[[], Any]) -> Any:
        from redis.exceptions import ConnectionError as BrokenError

        with self._told():
            # A connection that broke while it was idle is found here, where nothing is lost by it.
            try:
                self._client.ping()
            except BrokenError:
                self._client.ping()
            return work()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn failures of the client into errors that name the address."""
        from redis.exceptions import RedisError

        try:
            yield
        except (RedisError, OSError) as problem:
            raise StateError(f"state in Redis at {self.place}: {problem}") from None
        except UnicodeEncodeError:
            raise StateError(f"state in Redis at {self.place}: a scope or key is no Unicode text") from None


def _arguments(writes: Mapping[Address, Write], seen: Seen) -> Iterator[str]:
    yield str(len(seen.versions))
    for address, version in seen.versions.items():
        yield from (*address, str(version))
    yield str(len(seen.keys))
    for scope, keys in seen.keys.items():
        yield from (scope, str(len(keys)), *keys)
    yield str(len(writes))
    for address, write in writes.items():
        ttl = "" if write.ttl_seconds is None else str(max(round(write.ttl_seconds * 1000), 1))
        yield from (*address, "delete" if write.text is None else "save", ttl, write.text or "")


def _entry(raw: str) -> Entry:
    version, expires, changed, text = raw.split("|", 3)
    return Entry(text, int(version), int(changed) / 1000, int(expires) / 1000 or None)


def _stream_entries(found: Any) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The entries of one stream in an answer, which protocols give in two forms."""
    streams = found.items() if isinstance(found, dict) else found or ()
    for _, entries in streams:
        for entry in entries:
            yield from entry if entry and isinstance(entry[0], list | tuple) else (entry,)
