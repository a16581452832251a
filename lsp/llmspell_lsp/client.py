"""What the editor can do, in plain words: read from its capabilities once, when it says hello."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.text import Encoding


@dataclass(frozen=True, slots=True)
class Client:
    """The abilities of an editor that change what the server sends. The defaults are the least able."""

    encoding: Encoding = "utf-16"
    """The unit in which both sides count columns."""
    snippets: bool = False
    deprecated_tag: bool = False
    label_details: bool = False
    markdown_in_hovers: bool = False
    """Whether explanations may be Markdown; plain text otherwise. So the next two."""
    markdown_in_completions: bool = False
    markdown_in_signatures: bool = False
    signature_offsets: bool = False
    """Whether a parameter may be told by its place in the label."""
    no_active_parameter: bool = False
    """Whether a signature may have no parameter under the cursor."""
    location_links: bool = False
    symbol_trees: bool = False
    code_action_literals: bool = False
    versioned_edits: bool = False
    pulls_diagnostics: bool = False
    related_information: bool = False
    diagnostic_tags: bool = False
    refreshes_diagnostics: bool = False
    """Whether the server may ask the editor to pull all diagnostics again."""
    gives_configuration: bool = False
    """Whether the server may ask for the user's settings."""
    registers_configuration: bool = False
    registers_watchers: bool = False
