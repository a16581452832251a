"""The global ``Config``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import config as api
from llmspell_engine.config.fields import plain
from llmspell_engine.config.model import Config as Settings
from llmspell_engine.config.origin import DEFAULT
from llmspell_engine.globals.tool import tool_context
from llmspell_engine.tools.base import ToolError

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run


class Config(api.Config):
    """Reads the run's configuration as it is now."""

    def __init__(self, run: Run) -> None:
        self._services = run.services
        self._context = tool_context(run)

    def get(self, path: str | None = None, default: Any = None) -> Any:
        found: Any = self._all()
        for key in path.split(".") if path else ():
            found = found.get(key) if isinstance(found, Mapping) else None
        return default if found is None else found

    def get_section(self, name: api.SectionName) -> Mapping[str, Any]:
        section: Mapping[str, Any] = self._all()[name]
        return section

    def get_provider(self, name: str) -> Mapping[str, Any] | None:
        settings: Mapping[str, Any] | None = self._all()["providers"].get(name)
        return settings

    def list_providers(self) -> Sequence[str]:
        return self._services.providers.names()

    def get_tools(self) -> api.ToolAccess:
        return api.ToolAccess(root=str(self._services.root), disabled=sorted(self._services.disabled_tools))

    def is_file_access_allowed(self, path: str = ".") -> bool:
        try:
            self._context.path(path)
        except ToolError:
            return False
        return True

    def get_origin(self, path: str) -> str:
        resolved = self._services.configuration()
        return str(resolved.origin(tuple(path.split("."))) if resolved else DEFAULT)

    def to_json(self) -> str:
        return json.dumps(self._all(), ensure_ascii=False)

    def _all(self) -> dict[str, Any]:
        resolved = self._services.configuration()
        config = Settings() if resolved is None or resolved.is_empty else resolved.config
        told: dict[str, Any] = self._services.log_sink.scrubber.scrub(plain(config))
        return told
