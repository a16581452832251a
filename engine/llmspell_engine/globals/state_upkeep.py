"""The part of the global ``State`` that is about all of it: export and import, schemas, backups."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import state_types as types
from llmspell_engine.globals.state_hooks import ALL, StateHooks
from llmspell_engine.state.store import SCHEMAS_SCOPE, StateError

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_engine.globals.services import Run
    from llmspell_engine.hooks.base import Data
    from llmspell_engine.runtime.binding import Binder
    from llmspell_engine.state.backups import Backups, Restored
    from llmspell_engine.state.schemas import Migration, Schemas, Standing


class StateUpkeep(StateHooks):
    """What concerns all values of the run's store."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._run = run
        self._store = run.services.state

    @cached_property
    def _binder(self) -> Binder:
        from llmspell_engine.runtime.binding import Binder

        return Binder(self._run.language)

    @cached_property
    def _schemas(self) -> Schemas:
        from llmspell_engine.state.schemas import Schemas

        return Schemas(self._store)

    @cached_property
    def _backups(self) -> Backups:
        from llmspell_engine.state.backups import Backups

        return Backups(self._store, self._run.services.state_backups())

    # Export and import

    def export(self, options: types.ExportOptions | None = None) -> types.StateExport:
        from llmspell_engine.state.exchange import exported

        asked = options or types.ExportOptions()
        document: dict[str, Any] = {}

        def work(data: Data) -> Data:
            document.update(exported(self._store, None if data["scope"] == ALL else data["scope"]))
            return {**data, "entries": len(document["entries"])}

        self._read("export", asked.scope or ALL, ALL, work)
        if not document:
            raise StateError("a hook took the place of the export, and has nothing that could be exported")
        if asked.file is not None:
            import json

            from llmspell_engine.tools.files import write_file

            text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
            write_file(self._path(asked.file, writes=True), asked.file, text.encode("utf-8", "surrogatepass"))
        return types.StateExport.model_validate(document)

    def import_(
        self, source: str | Mapping[str, Any], options: types.ImportOptions | None = None
    ) -> types.ImportResult:
        from dataclasses import asdict

        from llmspell_engine.state.exchange import addresses, import_into

        mode = (options or types.ImportOptions()).mode
        document = self._document(source) if isinstance(source, str) else _snake(source)
        result = {"imported": 0, "skipped": 0, "removed": 0}

        def work(data: Data) -> Data:
            result.update(asdict(import_into(self._store, document, mode)))
            return {**data, **result}

        self._write("import", ALL, ALL, {"mode": mode, "keys": addresses(document)}, work)
        return types.ImportResult(**result)

    def _document(self, given: str) -> Any:
        from llmspell_engine.state.encoding import JSONError, decode
        from llmspell_engine.tools.files import read_file

        try:
            return decode(read_file(self._path(given), given).decode("utf-8", "surrogatepass"))
        except (UnicodeDecodeError, JSONError) as error:
            raise StateError(f"'{given}' is no export of state: {error}") from None

    def _path(self, given: str, *, writes: bool = False) -> Path:
        from llmspell_engine.globals.tool import tool_context

        return tool_context(self._run).path(given, writes=writes)

    # Schemas

    def register_schema(self, scope: str, version: int, options: types.SchemaOptions | None = None) -> None:
        from llmspell_engine.state.schemas import Schema

        given = options.migrations if options else {}
        migrations = {_version(key, scope): self._migration(function) for key, function in given.items()}
        self._schemas.register(Schema(scope, version, migrations))

    async def migrate(
        self, target_version: int | None = None, options: types.MigrateOptions | None = None
    ) -> types.MigrationResult:
        asked, begin = options or types.MigrateOptions(), time.perf_counter()
        goals = await self._asked(partial(self._schemas.behind, target_version, asked.scope))
        result: dict[str, Any] = {
            "from_version": min((one.current for one in goals), default=target_version or 1),
            "to_version": max((one.latest for one in goals), default=target_version or 1),
            "items_migrated": 0,
            "errors": [],
            "warnings": [] if len(self._schemas) else ["no schema is registered"],
        }
        if goals:
            await self._migrate(goals, asked.backup, result)
        status = "failed" if result["errors"] else "completed" if goals else "up_to_date"
        return types.MigrationResult(
            success=status != "failed",
            status=status,
            duration_ms=round((time.perf_counter() - begin) * 1000, 3),
            **result,
        )

    async def _migrate(self, goals: list[Standing], wants_backup: bool, result: dict[str, Any]) -> None:
        told = {"scopes": [one.scope for one in goals], "from": result["from_version"]}
        told |= {"to": result["to_version"]}
        await self._tell_migration({**told, "status": "begun"})
        if wants_backup and self._store.kind != "memory":
            reason = f"before migrating to version {result['to_version']}"
            result["backup_id"] = (await self._asked(partial(self._backups.create, reason))).id
        try:
            done = await self._schemas.migrate(goals, self._asked)
        except StateError as error:
            result["errors"].append(str(error))
            await self._tell_migration({**told, "status": "failed", "error": str(error)})
        else:
            result["items_migrated"] = done.items
            await self._tell_migration({**told, "status": "completed", "items_migrated": done.items})

    async def _tell_migration(self, data: Mapping[str, Any]) -> None:
        await self._run.hooks.reach("StateMigration", "state", SCHEMAS_SCOPE.strip("."), dict(data))

    def _migration(self, function: Callable[..., Any]) -> Migration:
        def migrate(values: dict[str, Any], scope: str) -> Awaitable[Any]:
            return self._run.scheduler.call(function, values, scope)

        return migrate

    async def _asked(self, work: Callable[[], Any]) -> Any:
        from llmspell_engine.globals.state_transactions import asked

        return await asked(self._store, work)

    def get_migration_status(self) -> types.MigrationStatus:
        found = self._schemas.standings()
        oldest = min((one.current for one in found), default=1)
        newest = max((one.latest for one in found), default=1)
        is_latest = all(one.current >= one.latest for one in found)
        return types.MigrationStatus(
            current_version=oldest,
            latest_version=newest,
            migration_available=not is_latest,
            is_latest=is_latest,
            total_schemas=len(found),
            migration_targets=[] if is_latest else list(range(oldest + 1, newest + 1)),
            schemas=[
                types.SchemaStatus(
                    scope=one.scope,
                    current_version=one.current,
                    latest_version=one.latest,
                    is_latest=one.current >= one.latest,
                )
                for one in found
            ],
        )

    def get_schema_versions(self) -> Sequence[int]:
        newest = max((one.latest for one in self._schemas.standings()), default=0)
        return list(range(1, newest + 1))

    # Backups

    def create_backup(self, reason: str | None = None) -> types.BackupResult:
        made = self._backups.create(reason or "")
        return types.BackupResult(backup_id=made.id, entries=made.entries, size_bytes=made.size_bytes)

    def list_backups(self) -> Sequence[types.BackupInfo]:
        from dataclasses import asdict

        return [types.BackupInfo(**asdict(one)) for one in self._backups.all()]

    def restore_backup(self, backup_id: str) -> types.RestoreResult:
        done: list[Restored] = []

        def work(data: Data) -> Data:
            done.append(self._backups.restore(backup_id))
            return {**data, "restored": done[0].restored, "removed": done[0].removed}

        self._write("restore_backup", ALL, ALL, {"backup_id": backup_id}, work)
        if not done:
            raise StateError(f"a hook took the place of restoring the backup '{backup_id}'; all is as it was")
        return types.RestoreResult(
            backup_id=backup_id,
            items_restored=done[0].restored,
            items_removed=done[0].removed,
            safety_backup_id=done[0].before.id,
        )

    def validate_backup(self, backup_id: str) -> types.BackupCheck:
        problems = self._backups.problems(backup_id)
        return types.BackupCheck(backup_id=backup_id, is_valid=not problems, errors=problems)

    def cleanup_backups(self, options: types.CleanupOptions | None = None) -> types.CleanupResult:
        asked = options or types.CleanupOptions()
        surplus = self._backups.surplus(asked.keep)
        if not asked.dry_run:
            for backup in surplus:
                self._backups.remove(backup)
        kept = len(self._backups.all()) - (len(surplus) if asked.dry_run else 0)
        return types.CleanupResult(
            dry_run=asked.dry_run,
            removed=[one.id for one in surplus],
            kept=kept,
            freed_bytes=sum(one.size_bytes for one in surplus),
        )

    def get_storage_usage(self) -> types.StorageUsage:
        from llmspell_engine.state.store import everything, is_own

        entries = [scope for scope, _ in everything(self._store) if not is_own(scope)]
        backups = self._backups.all()
        return types.StorageUsage(
            backend=self._store.kind,
            location=self._store.place,
            total_entries=len(entries),
            total_scopes=len(set(entries)),
            total_bytes=self._store.size(),
            backup_count=len(backups),
            backup_bytes=sum(one.size_bytes for one in backups),
        )


def _version(key: str, scope: str) -> int:
    if not key.isdecimal():
        raise StateError(
            f"the schema of '{scope}' has a migration '{key}'; name each by the version it leads to"
        )
    return int(key)


def _snake(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """An export in the form of its file: JavaScript spells the fields otherwise."""
    from llmspell_engine.catalog.model import snake

    entries = document.get("entries")
    if isinstance(entries, list | tuple):
        plain = [
            {snake(name): field for name, field in one.items()} if isinstance(one, Mapping) else one
            for one in entries
        ]
        document = {**document, "entries": plain}
    return {snake(name): field for name, field in document.items()}
