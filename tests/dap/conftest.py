"""The fixture behind ``@both`` and ``@only``."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.dap_player import Script, write_script


@pytest.fixture
def script(request: pytest.FixtureRequest, tmp_path: Path) -> Script:
    """A marked script in a folder of its own."""
    language, text = request.param
    return write_script(tmp_path, language, text)
