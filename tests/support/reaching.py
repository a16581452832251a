"""Reaching a provider of a service at a server of the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from llmspell_engine.providers import Message
from llmspell_engine.providers.services import SERVICES
from llmspell_engine.providers.settings import ProviderSettings
from llmspell_engine.providers.wire import WireProvider
from support.wire_formats import FORMATS

KEY = "sk-very-secret"
HI = [Message("user", "hi")]

formats = pytest.mark.parametrize("wire", FORMATS.values(), ids=FORMATS)


@asynccontextmanager
async def reaching(service: str, url: str, path: str = "", **settings: Any) -> AsyncIterator[WireProvider]:
    """A provider of a service whose server is at ``url``, over the service's own wire."""
    if SERVICES[service].native is None:
        path = "/v1"
    chosen = {"wire": "native", "api_key": KEY, "api_key_env": "LLMSPELL_TEST_NO_KEY", **settings}
    provider = WireProvider(service, SERVICES[service], ProviderSettings(base_url=url + path, **chosen))
    try:
        yield provider
    finally:
        await provider.close()


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    """Do what waits, within a limit that leaves a busy machine the time to import an SDK."""

    async def limited() -> Any:
        async with asyncio.timeout(45):
            return await work()

    return asyncio.run(limited())
