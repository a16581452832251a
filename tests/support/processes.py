"""How tests start processes of the project."""

from __future__ import annotations

import os


def environment() -> dict[str, str]:
    """This process's environment as it is now, for a test to add to."""
    return dict(os.environ)
