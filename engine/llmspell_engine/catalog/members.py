"""What the globals have, in short: all that a run needs of the catalog before its script asks for more.

``members.json`` is made from the catalog and is a fiftieth of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.catalog.model import Catalog, Entity
    from llmspell_engine.language import Language

Members = Mapping[str, Mapping[str, bool]]
"""Whether each member of a global waits: by the global's name, then by the member's in the language."""


@cache
def _all() -> Mapping[Language, Members]:
    found: Mapping[Language, Members] = json.loads(Path(__file__).with_name("members.json").read_bytes())
    return found


def members_of(language: Language) -> Members:
    """What the globals of a language have."""
    return _all()[language]


def in_short(catalog: Catalog) -> dict[Language, Members]:
    """What ``members.json`` is to hold."""
    from llmspell_engine.language import LANGUAGES

    return {
        language: {
            one.name: _waiting(one, language)
            for one in catalog.globals.values()
            if one.kind == "namespace" and language in one.languages
        }
        for language in LANGUAGES
    }


def _waiting(entity: Entity, language: Language) -> dict[str, bool]:
    from llmspell_engine.catalog.model import spelled

    return {
        spelled(member.name, language): member.waits
        for member in entity.members.values()
        if language in member.languages
    }
