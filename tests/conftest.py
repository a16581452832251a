"""Settings that hold for every test."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import sys
import tempfile

from hypothesis import settings

# No deadlines: how long an example takes says more of what else the machine does than of the code.
# Where a change is judged, the examples are the same in each run, so that it is judged by what it
# changes; whoever works on the code gets new ones each time, and finds what nobody thought of.
settings.register_profile("llmspell", deadline=None)
settings.register_profile("judging", deadline=None, derandomize=True)
settings.load_profile("judging" if os.environ.get("CI") else "llmspell")

# Where bytecode must not be written, each process that a test starts would compile the project anew, which
# takes as long as all else that it does. Beside the sources, which git does not see, it is compiled once.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What is kept for the user, such as State where nothing else is said, goes to a folder of the test run.
os.environ["XDG_DATA_HOME"] = os.environ["LOCALAPPDATA"] = tempfile.mkdtemp(prefix="llmspell-data-")
atexit.register(shutil.rmtree, os.environ["XDG_DATA_HOME"], ignore_errors=True)

# A run started in the background ignores Ctrl-C, and so would every process that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# One started by nohup ignores the loss of its terminal. So does this, but not the processes that it starts:
# a function is not handed on to them, as ignoring is.
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda _number, _frame: None)
