"""One assembly of a run: from a launch and the configuration to what the script stands on.

The command line and the debugger's host both come here, so that a script finds the same under both.
"""

from llmspell_engine.assembly.assemble import Assembly, assemble
from llmspell_engine.assembly.launch import AssemblyError, Launch
from llmspell_engine.assembly.reload import Reloading

__all__ = ["Assembly", "AssemblyError", "Launch", "Reloading", "assemble"]
