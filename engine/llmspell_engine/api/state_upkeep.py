"""The part of `State` that is about all of it: export and import, schemas, backups."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from llmspell_engine.api.declare import Waiting, example, member
from llmspell_engine.api.state_types import (
    BackupCheck,
    BackupId,
    BackupInfo,
    BackupResult,
    CleanupOptions,
    CleanupResult,
    ExportOptions,
    ImportOptions,
    ImportResult,
    MigrateOptions,
    MigrationResult,
    MigrationStatus,
    RestoreResult,
    SchemaOptions,
    SchemaVersion,
    StateExport,
    StorageUsage,
)


class StateUpkeep(ABC):
    """What concerns all values."""

    @abstractmethod
    @example(
        lua='local all = State.export({ scope = "global" })\nprint(#all.entries)',
        javascript='const all = State.export({ scope: "global" });\nconsole.log(all.entries.length);',
    )
    def export(self, options: ExportOptions | None = None) -> StateExport:
        """All values, or those of a scope, as one value that JSON can write.

        Args:
            options: a scope, and a file to write it to.
        """

    @abstractmethod
    @member(name="import")
    @example(
        lua='State.import(State.export(), { mode = "keep" })',
        javascript='State.import(State.export(), { mode: "keep" });',
    )
    def import_(self, source: str | Mapping[str, Any], options: ImportOptions | None = None) -> ImportResult:
        """Take over what `State.export` gave: all of it, or nothing where something is wrong with it.

        Args:
            source: what `State.export` gave, or the file that it wrote.
            options: what happens to values that are there.
        """

    @abstractmethod
    @example(
        lua='State.register_schema("custom:orders", 2, {\n'
        "  migrations = {\n"
        "    [2] = function(orders)\n"
        "      for _, order in pairs(orders) do order.currency = order.currency or 'EUR' end\n"
        "      return orders\n"
        "    end,\n"
        "  },\n"
        "})",
        javascript='State.registerSchema("custom:orders", 2, {\n'
        "  migrations: {\n"
        "    2: (orders) => {\n"
        "      for (const order of Object.values(orders)) order.currency ??= 'EUR';\n"
        "      return orders;\n"
        "    },\n"
        "  },\n"
        "});",
    )
    def register_schema(
        self,
        scope: Annotated[str, Field(pattern=r"^(global|custom|session|workflow|agent|tool)(:.+)?$")],
        version: SchemaVersion,
        options: SchemaOptions | None = None,
    ) -> None:
        """Say which version the values of a scope are to have, and how older ones get there.

        Values that are there already have version 1, unless they were migrated; a scope that has none is at
        the newest version at once.

        Args:
            scope: the scope, or a pattern such as `agent:*`.
            version: the newest version.
            options: the migrations.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua="local done = State.migrate()\nprint(done.status, done.items_migrated)",
        javascript="const done = await State.migrate();\nconsole.log(done.status, done.itemsMigrated);",
    )
    def migrate(
        self, target_version: SchemaVersion | None = None, options: MigrateOptions | None = None
    ) -> Waiting[MigrationResult]:
        """Bring the values of all schemas to a version: all of them, or nothing where a migration fails.

        Args:
            target_version: the version to reach; each schema's newest, if nothing is said.
            options: one scope only, and whether a backup is made before.
        """

    @abstractmethod
    def get_migration_status(self) -> MigrationStatus:
        """How far the values of the registered schemas are."""

    @abstractmethod
    def get_schema_versions(self) -> Sequence[int]:
        """The versions that the registered schemas have or can be brought to, in order."""

    @abstractmethod
    @example(
        lua='local made = State.create_backup("before the import")\nprint(made.entries)',
        javascript='const made = State.createBackup("before the import");\nconsole.log(made.entries);',
    )
    def create_backup(self, reason: str | None = None) -> BackupResult:
        """Copy the whole state, as it is at one moment, to a file with a checksum.

        Args:
            reason: why, to recognise it by.
        """

    @abstractmethod
    def list_backups(self) -> Sequence[BackupInfo]:
        """The backups, newest first."""

    @abstractmethod
    def restore_backup(self, backup_id: BackupId) -> RestoreResult:
        """Bring back what a backup has, and nothing else, at once. What there was is backed up before.

        Args:
            backup_id: which backup.
        """

    @abstractmethod
    def validate_backup(self, backup_id: BackupId) -> BackupCheck:
        """Look whether a backup is whole.

        Args:
            backup_id: which backup.
        """

    @abstractmethod
    def cleanup_backups(self, options: CleanupOptions | None = None) -> CleanupResult:
        """Delete all backups but the newest.

        Args:
            options: how many are left, and whether to tell only which ones go.
        """

    @abstractmethod
    def get_storage_usage(self) -> StorageUsage:
        """What keeps the state, and how much it takes."""
