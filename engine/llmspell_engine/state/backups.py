"""Backups of a store: each an SQLite file of its own, with a note beside it that has the file's checksum."""

from __future__ import annotations

import hashlib
import json
import re
import time
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from llmspell_engine.state.exchange import iso
from llmspell_engine.state.sqlite_files import read_file
from llmspell_engine.state.store import Address, Entry, StateError, StateStore, Write, everything

KEPT = 10
"""How many backups a clean-up leaves."""
_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Backup:
    """What the note of a backup says."""

    id: str
    created_at: str
    reason: str
    entries: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What restoring came to."""

    restored: int
    removed: int
    before: Backup
    """What there was until then."""


class Backups:
    """The backups of one store in a folder. Raises StateError where that cannot be used."""

    def __init__(self, store: StateStore, folder: Path | None) -> None:
        self._store = store
        self._given = folder

    @property
    def _folder(self) -> Path:
        if self._given is None:
            raise StateError("there is no folder for backups: keep state in a file with --state FILE")
        return self._given

    def create(self, reason: str = "") -> Backup:
        """Copy the store as it is at one moment."""
        moment = time.time()
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(moment))
        made = f"{stamp}-{uuid.uuid4().hex[:8]}"
        file = self._folder / f"{made}.db"
        partial = file.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._store.copy_to(partial)
            entries = len(read_file(partial))
            size, digest = partial.stat().st_size, _digest(partial)
            backup = Backup(made, iso(moment), reason, entries, size, digest)
            # The note first: a backup without one is not there, and a note without a file is damaged.
            self._note(made).write_text(json.dumps(asdict(backup), indent=2) + "\n", "utf-8")
            partial.replace(file)
        except OSError as error:
            raise StateError(f"the backup '{file}' cannot be written: {error.strerror or error}") from error
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        return backup

    def all(self) -> list[Backup]:
        """All backups, newest first. Notes that cannot be read are left out."""
        if self._given is None or not self._folder.is_dir():
            return []
        found = (self._read(note.stem) for note in self._folder.glob("*.json"))
        return sorted((one for one in found if one), key=lambda one: (one.created_at, one.id), reverse=True)

    def problems(self, backup_id: str) -> list[str]:
        """What is wrong with a backup. Raises StateError where there is none of that name."""
        backup = self._found(backup_id)
        file = self._file(backup.id)
        if not file.is_file():
            return [f"the file '{file}' is missing"]
        if _digest(file) != backup.sha256:
            return [f"the file '{file}' was changed after it was made: its checksum is another one"]
        try:
            entries = len(read_file(file))
        except StateError as error:
            return [str(error)]
        return [] if entries == backup.entries else [f"it has {entries} values instead of {backup.entries}"]

    def restore(self, backup_id: str) -> Restored:
        """Bring back what a backup has, and nothing else, at once; what there was is backed up before."""
        wrong = self.problems(backup_id)
        if wrong:
            raise StateError(f"the backup '{backup_id}' is not restored: {wrong[0]}")
        entries = read_file(self._file(backup_id))
        now = time.time()
        live = {at: one for at, one in entries.items() if one.is_live(now)}
        before = self.create(f"before restoring {backup_id}")
        present = everything(self._store)
        gone = [at for at in present if at not in live]
        self._store.commit(_writes(live, gone, now))
        return Restored(len(live), len(gone), before)

    def surplus(self, keep: int = KEPT) -> list[Backup]:
        """The backups that a clean-up removes: all but the newest."""
        return self.all()[keep:]

    def remove(self, backup: Backup) -> None:
        """Delete a backup."""
        try:
            self._note(backup.id).unlink(missing_ok=True)
            self._file(backup.id).unlink(missing_ok=True)
        except OSError as error:
            raise StateError(f"the backup '{backup.id}' cannot be deleted: {error.strerror}") from error

    def _file(self, backup_id: str) -> Path:
        return self._folder / f"{backup_id}.db"

    def _note(self, backup_id: str) -> Path:
        return self._folder / f"{backup_id}.json"

    def _found(self, backup_id: str) -> Backup:
        found = self._read(backup_id) if self._given is not None else None
        if found is None:
            raise StateError(f"there is no backup '{backup_id}'; State.list_backups tells which there are")
        return found

    def _read(self, backup_id: str) -> Backup | None:
        if not _ID.fullmatch(backup_id):
            return None
        try:
            return Backup(**json.loads(self._note(backup_id).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None


def _writes(live: dict[Address, Entry], gone: list[Address], now: float) -> dict[Address, Write]:
    removed = {at: Write(None) for at in gone}
    kept = {
        at: Write(one.text, None if one.expires is None else one.expires - now) for at, one in live.items()
    }
    return {**removed, **kept}


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
