"""The files of the script."""

from __future__ import annotations

from llmspell_dap import to_dap
from llmspell_dap.protocol.arguments import NoArguments
from llmspell_dap.protocol.bodies import LoadedSourcesBody
from llmspell_dap.requests import Needs, request
from llmspell_dap.session import Session


@request("loadedSources", needs=Needs.LAUNCH)
async def loaded_sources(session: Session, arguments: NoArguments) -> LoadedSourcesBody:
    """The files that have been loaded so far, in order."""
    del arguments
    return to_dap.loaded_sources(session.view, session.sources)
