"""How tests start processes of the project."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def environment() -> dict[str, str]:
    """This process's environment, with compiled Python kept in a place of its own.

    Where bytecode must not be written, each start would compile every module anew, which takes
    seconds and says nothing about the project.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "llmspell-tests-bytecode")}
