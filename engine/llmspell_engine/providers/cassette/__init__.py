"""Cassettes: model calls recorded in a file, and answered from it without a network.

::

    Providers ─ CassetteProviders ─ CassetteProvider ─ the real provider
                                        │
                                     Cassette      the calls of the file, by what was asked
"""

from llmspell_engine.providers.cassette.provider import CassetteProviders
from llmspell_engine.providers.cassette.tape import Cassette, CassetteError, Mode, open_cassette

__all__ = ["Cassette", "CassetteError", "CassetteProviders", "Mode", "open_cassette"]
