"""What a launch asks for. It wins over the configuration; what it leaves out, the configuration says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmspell_engine.globals.services import Level
    from llmspell_engine.observability import Tracer
    from llmspell_engine.providers.cassette import Mode


class AssemblyError(Exception):
    """A script cannot be started; the message is a sentence for the user, without a full stop."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Launch:
    """How a script is started. Paths are relative to the current folder."""

    folder: Path
    """The script's folder: the configuration is looked for from here upward."""
    config: Path | None = None
    """The configuration's file, instead of the one that would be found."""
    scripted: Path | None = None
    """The answers of the models ``scripted/NAME``."""
    cassette: Path | None = None
    """The recording of model calls."""
    cassette_mode: Mode = "replay"
    trace_file: Path | None = None
    watcher: Tracer | None = None
    """A tracer of the launcher's own, which every span goes to as well."""
    otel: bool = False
    """Whether spans go to where the ``OTEL_*`` variables say."""
    state: Path | None = None
    """The file that keeps State."""
    session: str | None = None
    """The session that it runs in, by id or by name; one of that name is begun where there is none."""
    max_calls: int | None = None
    max_tokens: int | None = None
    max_cost: float | None = None
    log_level: Level | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Named arguments of the script."""
    script: Path | None = None
    """The script's file, for what is configured for it alone."""
    profile: str | None = None
    """The security profile."""
    allow_hosts: tuple[str, ...] = ()
    allow_read: tuple[Path, ...] = ()
    allow_write: tuple[Path, ...] = ()
    allow_env: tuple[str, ...] = ()
    allow_processes: tuple[str, ...] = ()
