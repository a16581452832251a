"""What members of the API need around them when they are called for real."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support import ollama_server


@pytest.fixture(autouse=True)
def local_models(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """LocalLLM has a server to speak to."""
    if "LocalLLM" not in request.node.name:
        yield
        return
    with ollama_server.serving() as server:
        monkeypatch.setenv("OLLAMA_HOST", server.url)
        yield
