"""The file of a cassette: JSON lines, of which the first tells the version.

::

    {"llmspell_cassette": 1}
    {"media": "<sha256>", "media_type": "image/png", "data": "<base64>"}
    {"request": {"provider": "openai", "model": …, "messages": […]}, "answer": {…}}
    {"request": {…, "stream": true}, "chunks": ["one ", "two"], "answer": {…}}
    {"request": {…}, "error": {"kind": "RateLimitError", "message": …}}

A call is found by its request, wherever it stands; calls of the same request are given in their order in
the file. Each line is added by one write to the end of the file, so that parallel calls and a process
that is ended leave whole lines. Safe to use from any thread.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from llmspell_engine.observability.secrets import Scrubber
from llmspell_engine.providers.base import Media, ProviderError
from llmspell_engine.providers.cassette.coding import Plain, digest
from llmspell_engine.providers.cassette.nearest import nearest, shown

Mode = Literal["replay", "record", "auto"]
"""Answer from the file; ask and add to the file; answer from the file and add what it lacks."""
VERSION = 1
_MARK = "llmspell_cassette"


class CassetteError(ProviderError):
    """A cassette cannot be read, or lacks a call; the message says where, and what to do."""

    kind = "CassetteError"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A call of the file."""

    line: int
    request: Plain
    outcome: Plain
    """``answer`` and ``chunks``, or ``error``."""


class Cassette:
    """The calls of one file, each of which is given once."""

    def __init__(self, path: Path, mode: Mode, secrets: Iterable[str] = ()) -> None:
        self.path = path
        self.mode = mode
        self._scrubber = Scrubber(secrets)
        self._lock = threading.Lock()
        self._calls: list[Recorded] = []
        self._waiting: defaultdict[str, list[Recorded]] = defaultdict(list)
        self._media: dict[str, bytes] = {}
        self._is_torn = False
        """Whether the file ends without the end of a line, as editors may leave it."""

    def find(self, request: Plain) -> Recorded | None:
        """The next recorded call of a request; None where it is to be asked. Raises CassetteError."""
        if self.mode == "record":
            return None
        asked = self._scrubber.scrub(request)
        with self._lock:
            waiting = self._waiting.get(_key(asked))
            if waiting:
                return waiting.pop(0)
        if self.mode == "auto":
            return None
        raise CassetteError(self._why_missing(asked))

    def add(self, request: Plain, outcome: Plain, media: Iterable[Media] = ()) -> None:
        """Write a call to the end of the file, after the media that it names and the file lacks."""
        with self._lock:
            for each in media:
                self._add_media(each)
            self._write(self._scrubber.scrub({"request": request, **outcome}))

    def bytes_of(self, name: str) -> bytes:
        """The bytes of a medium. Raises CassetteError."""
        if name not in self._media:
            raise CassetteError(f"{self.path}: the medium {name} is named, and no line has its data")
        return self._media[name]

    def unused(self) -> list[int]:
        """The lines of the recorded calls that nobody asked for."""
        with self._lock:
            return sorted(call.line for calls in self._waiting.values() for call in calls)

    def load(self) -> None:
        """Read the file. Raises CassetteError."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CassetteError(f"the cassette '{self.path}' cannot be read: {error}") from error
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip() or number == 1:
                self._take(number, line)
        self._is_torn = bool(text) and not text.endswith("\n")

    def begin(self) -> None:
        """Start a new file. Raises CassetteError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._write({_MARK: VERSION})

    def _take(self, number: int, line: str) -> None:
        try:
            if number == 1:
                self._check_version(line)
                return
            value = json.loads(line)
            if "media" in value:
                self._media[value["media"]] = base64.b64decode(value["data"], validate=True)
            else:
                self._take_call(number, value)
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise CassetteError(
                f"{self.path}:{number}: this is no line of a cassette ({error}); delete the line, or record"
                " its call again with --record-missing"
            ) from error

    def _check_version(self, line: str) -> None:
        if line.strip() != json.dumps({_MARK: VERSION}):
            raise CassetteError(
                f'{self.path}:1: a cassette begins with {{"{_MARK}": {VERSION}}}, and this file does not;'
                " record it anew with --record in another file"
            )

    def _take_call(self, number: int, value: Plain) -> None:
        request = value.pop("request")
        if not {"answer", "error", "chunks"} & value.keys():
            raise ValueError("it has no answer, no chunks and no error")
        call = Recorded(number, request, value)
        self._calls.append(call)
        self._waiting[_key(request)].append(call)

    def _add_media(self, media: Media) -> None:
        if media.data is None or digest(media.data) in self._media:
            return
        name = digest(media.data)
        self._media[name] = media.data
        self._write(
            {"media": name, "media_type": media.media_type, "data": base64.b64encode(media.data).decode()}
        )

    def _write(self, value: Plain) -> None:
        start = "\n" if self._is_torn else ""
        line = f"{start}{json.dumps(value, ensure_ascii=False, default=str)}\n"
        try:
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(file, line.encode("utf-8", "backslashreplace"))
            finally:
                os.close(file)
        except OSError as error:
            raise CassetteError(f"the cassette '{self.path}' cannot be written: {error}") from error
        self._is_torn = False

    def _why_missing(self, asked: Plain) -> str:
        model = f"{asked['provider']}/{asked['model']}"
        what = f"the cassette '{self.path}' has no call of this request to '{model}'"
        advice = "record it with --record-missing"
        found = nearest(asked, ((call.line, call.request) for call in self._calls))
        if found is None:
            return f"{what}: it has no calls at all; {advice}"
        line, differing = found
        if not differing:
            lines = [str(call.line) for call in self._calls if _key(call.request) == _key(asked)]
            return f"{what} left: it was recorded {len(lines)} times (line {', '.join(lines)}); {advice}"
        return f"{what}; {advice}. The nearest is {self.path}:{line}, which differs:{shown(differing)}"


def open_cassette(path: Path, mode: Mode, secrets: Iterable[str] = ()) -> Cassette:
    """The cassette of a file, which recording makes where there is none. Raises CassetteError."""
    cassette = Cassette(path, mode, secrets)
    if path.exists():
        cassette.load()
    elif mode == "replay":
        raise CassetteError(f"there is no cassette '{path}'; record one with --record")
    else:
        cassette.begin()
    return cassette


def _key(request: Plain) -> str:
    return json.dumps(request, sort_keys=True, ensure_ascii=False, default=str)
