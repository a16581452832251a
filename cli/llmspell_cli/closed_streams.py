"""Standard streams that were closed before the process began."""

from __future__ import annotations

import os
import sys


def open_closed_streams() -> None:
    """Have three standard streams, as node has them: what was closed from the start goes nowhere.

    A file that is opened later would get the number of such a stream, and what others write there; here, and
    in the processes that this one starts.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free, which is this one
            os.set_inheritable(number, True)
    # The interpreter has none for those that it found closed.
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as the process
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as the process
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as the process
