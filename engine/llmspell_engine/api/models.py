"""The models that scripts can name without any configuration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model: what scripts write, what it is, and its context window in tokens where it has one."""

    name: str
    doc: str
    context: int | None = None


MODELS = (
    KnownModel("echo", "Answers with the prompt. It needs no key and no network."),
    KnownModel("echo/echo", "The model `echo`, with its provider named."),
)
