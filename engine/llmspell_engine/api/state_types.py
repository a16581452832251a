"""What `State` takes and gives: names, options and results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from llmspell_engine.api.declare import Options, Result, complete

SCOPES = ("global", "custom", "session", "workflow", "agent", "tool")
"""The kinds of scopes; all can be qualified by what they belong to, as in ``agent:writer``."""

Scope = Annotated[
    str,
    Field(
        pattern=rf"^({'|'.join(SCOPES)})(:.+)?$",
        description="`global`, `custom`, `session`, `workflow`, `agent`, `tool`, or `agent:<name>`.",
    ),
    complete("stateScope"),
]
Key = Annotated[str, Field(min_length=1), complete("stateKey")]
KeyPattern = Annotated[
    str,
    Field(min_length=1, max_length=256, description="A key; in it `*` is any text and `?` any character."),
    complete("stateKey"),
]
Seconds = Annotated[float, Field(gt=0, le=3_155_760_000, allow_inf_nan=False)]
Version = Annotated[int, Field(ge=0)]
SchemaVersion = Annotated[int, Field(ge=1)]
BackupId = Annotated[str, Field(min_length=1)]


class SaveOptions(Options):
    """How a value is kept."""

    ttl_seconds: Seconds | None = Field(
        None, description="After how many seconds it is forgotten; never, if nothing is said."
    )


class VersionedValue(Result):
    """A value, and when it was written."""

    value: Any = Field(None, description="The value.")
    version: int = Field(description="A number that each write to the state raises.")
    updated_at: str = Field(description="When it was written, as an RFC 3339 time in UTC.")
    expires_at: str | None = Field(None, description="When it is forgotten, as an RFC 3339 time in UTC.")


class TransactionOptions(Options):
    """How a transaction is made."""

    max_attempts: Annotated[int, Field(ge=1, le=1000)] = Field(
        10, description="How often it is tried where others change what it has read."
    )


class WatchOptions(Options):
    """How changes are told."""

    timeout_ms: Annotated[int, Field(ge=1)] = Field(
        30_000, description="How long a handler may take for a change; then comes the next."
    )
    buffer_size: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        1000, description="How many changes wait at most; further ones push out the oldest."
    )


class StateChange(Result):
    """A value that was saved, deleted, or has had its time."""

    scope: str = Field(description="What the value belongs to.")
    key: str = Field(description="The value's name.")
    operation: Literal["save", "delete", "expire"] = Field(description="What happened to it.")
    value: Any = Field(None, description="The value that was saved.")
    version: int = Field(description="The number of the change.")


ImportMode = Literal["merge", "keep", "replace"]


class ExportOptions(Options):
    """What is exported, and where to."""

    scope: Scope | None = Field(None, description="This scope alone.")
    file: Annotated[str, Field(min_length=1), complete("path")] | None = Field(
        None, description="Also write it to this file, as JSON; in the folder that tools may touch."
    )


class ImportOptions(Options):
    """What an import does with values that are there."""

    mode: ImportMode = Field(
        "merge",
        description="`merge` overwrites values that are there, `keep` leaves them, `replace` also deletes"
        " what else its scopes have.",
    )


class ExportedEntry(Result):
    """A value of an export."""

    scope: str = Field(description="What the value belongs to.")
    key: str = Field(description="The value's name.")
    value: Any = Field(None, description="The value.")
    version: int = Field(description="The number that its last write had.")
    expires_at: str | None = Field(None, description="When it is forgotten.")


class StateExport(Result):
    """State as one value, which JSON can write and `State.import` takes."""

    format: str = Field(description="`llmspell-state`.")
    format_version: int = Field(description="The version of this layout.")
    exported_at: str = Field(description="When it was made, as an RFC 3339 time in UTC.")
    schemas: Mapping[str, int] = Field(description="The versions of the schemas, by scope.")
    entries: list[ExportedEntry] = Field(description="The values, by scope and key.")


class ImportResult(Result):
    """What an import came to."""

    imported: int = Field(description="How many values were taken over.")
    skipped: int = Field(description="How many were left out: they were there, or had had their time.")
    removed: int = Field(description="How many values were deleted.")


class SchemaOptions(Options):
    """How older values become newer ones."""

    migrations: Mapping[str, Callable[[Mapping[str, Any], str], Any]] = Field(
        default={},
        description="A function for each version from 2 on, by its number: it gets the values of a scope by"
        " their keys, and the scope, and gives the values in their new form; it may wait.",
    )

    @field_validator("migrations", mode="before")
    @classmethod
    def _by_text(cls, given: Any) -> Any:
        """Lua has numbers for keys, JavaScript texts."""
        return {str(key): item for key, item in given.items()} if isinstance(given, dict) else given


class MigrateOptions(Options):
    """What is migrated, and how."""

    scope: Annotated[str, Field(min_length=1), complete("stateScope")] | None = Field(
        None, description="The schema of this scope alone."
    )
    backup: bool = Field(True, description="Whether a backup is made before, of state that outlives the run.")


class MigrationResult(Result):
    """What a migration came to. If it failed, nothing was changed."""

    success: bool = Field(description="Whether all values have their new form.")
    status: Literal["completed", "up_to_date", "failed"] = Field(description="The same in a word.")
    from_version: int = Field(description="The oldest version that there was.")
    to_version: int = Field(description="The version that was to be reached.")
    items_migrated: int = Field(description="How many values were changed, added or deleted.")
    duration_ms: float = Field(description="How long it took, in milliseconds.")
    warnings: list[str] = Field(description="What should be known.")
    errors: list[str] = Field(description="Why it failed, naming the scope and the version.")
    backup_id: str | None = Field(None, description="The backup that was made before.")


class SchemaStatus(Result):
    """How far the values of a schema are."""

    scope: str = Field(description="The scope, or the pattern of scopes.")
    current_version: int = Field(description="The version that the values have.")
    latest_version: int = Field(description="The newest version.")
    is_latest: bool = Field(description="Whether they are the same.")


class MigrationStatus(Result):
    """How far the values of all schemas are."""

    current_version: int = Field(description="The oldest version that values have; 1 without any schema.")
    latest_version: int = Field(description="The newest version of a schema.")
    migration_available: bool = Field(description="Whether there is anything to migrate.")
    is_latest: bool = Field(description="Whether there is not.")
    total_schemas: int = Field(description="How many schemas are registered.")
    migration_targets: list[int] = Field(description="The versions that can be reached.")
    schemas: list[SchemaStatus] = Field(description="Each schema.")


class BackupInfo(Result):
    """A backup of the whole state."""

    id: str = Field(description="Its name.")
    created_at: str = Field(description="When it was made, as an RFC 3339 time in UTC.")
    reason: str = Field(description="Why it was made.")
    entries: int = Field(description="How many values it has.")
    size_bytes: int = Field(description="The size of its file.")
    sha256: str = Field(description="The checksum of its file.")


class BackupResult(Result):
    """What making a backup came to."""

    success: bool = Field(True, description="True: where it fails there is an error.")
    backup_id: str = Field(description="The backup's name.")
    entries: int = Field(description="How many values it has.")
    size_bytes: int = Field(description="The size of its file.")


class RestoreResult(Result):
    """What restoring a backup came to."""

    success: bool = Field(True, description="True: where it fails there is an error, and nothing is changed.")
    backup_id: str = Field(description="The backup that was restored.")
    items_restored: int = Field(description="How many values it brought back.")
    items_removed: int = Field(description="How many values it does not have, which were deleted.")
    safety_backup_id: str = Field(description="A backup of what there was before.")


class BackupCheck(Result):
    """Whether a backup is whole."""

    backup_id: str = Field(description="The backup's name.")
    is_valid: bool = Field(description="Whether it can be restored.")
    errors: list[str] = Field(description="What is wrong with it.")


class StorageUsage(Result):
    """What the state takes."""

    backend: Literal["memory", "sqlite", "redis"] = Field(description="What keeps it.")
    location: str = Field(description="Where that is: a file, an address, `memory`.")
    total_entries: int = Field(description="How many values there are.")
    total_scopes: int = Field(description="How many scopes have values.")
    total_bytes: int = Field(description="What they take, about.")
    backup_count: int = Field(description="How many backups there are.")
    backup_bytes: int = Field(description="What these take.")


class CleanupOptions(Options):
    """Which backups go."""

    dry_run: bool = Field(False, description="Whether to tell only which ones.")
    keep: Annotated[int, Field(ge=0)] = Field(10, description="How many of the newest are left.")


class CleanupResult(Result):
    """What cleaning up backups came to."""

    dry_run: bool = Field(description="Whether nothing was deleted.")
    removed: list[str] = Field(description="The backups that were deleted, or would be.")
    kept: int = Field(description="How many are left.")
    freed_bytes: int = Field(description="What they took.")
