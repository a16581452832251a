"""How tests start processes of the project."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence


def environment() -> dict[str, str]:
    """This process's environment as it is now, for a test to add to."""
    return dict(os.environ)


def tied(command: Sequence[str]) -> list[str]:
    """A command that ends with this process, which a test past its time limit ends without any clean-up."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", *command] if setpriv else list(command)
