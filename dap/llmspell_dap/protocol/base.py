"""What all protocol values have in common."""

from __future__ import annotations

import msgspec


class Value(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A protocol value: snake_case here, camelCase on the wire; what equals its default is left out.

    Fields that a client sends beyond those declared are ignored, as the protocol asks.
    """
