"""Streams: one thing after the other, as it comes, with back-pressure."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import Field

from llmspell_engine.api.declare import Global, Handle, Item, Options, Waiting, example, member


class StreamOptions(Options):
    """How a stream is made."""

    buffer: Annotated[int, Field(ge=0, le=100_000)] = Field(
        16, description="How many things the producer may be ahead of who takes them."
    )


class Stream(Handle):
    """Gives one thing after the other. Loop over it with `for`, in JavaScript with `for await`."""

    iterates = True

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local first = stream:next()\nprint(first or "nothing came")',
        javascript='const first = await stream.next();\nconsole.log(first ?? "nothing came");',
    )
    def next(self) -> Waiting[Item | None]:
        """Wait for the next thing; nothing when there is no more."""

    @abstractmethod
    def is_done(self) -> bool:
        """Whether everything was taken, or the stream was closed."""

    @abstractmethod
    @member(waits=True)
    def collect(self) -> Waiting[Sequence[Item]]:
        """Wait for all that is left, as a list."""

    @abstractmethod
    def close(self) -> None:
        """End the stream early: the producer is told, and nothing more comes."""


class Streaming(Global):
    """Makes streams of what a function produces."""

    name = "Streaming"

    @abstractmethod
    @example(
        lua="local numbers = Streaming.create(function(emit)\n"
        "  for number = 1, 3 do emit(number) end\n"
        "end)\n"
        "for number in numbers do print(number) end",
        javascript="const numbers = Streaming.create(async (emit) => {\n"
        "  for (let number = 1; number <= 3; number++) await emit(number);\n"
        "});\n"
        "for await (const number of numbers) console.log(number);",
    )
    def create(
        self, producer: Callable[[Callable[[Any], None]], Any], options: StreamOptions | None = None
    ) -> Stream:
        """A stream of what a function gives out. It starts when the first thing is asked for.

        Args:
            producer: gets a function that gives out one thing and waits while the buffer is full.
            options: how far it may be ahead.
        """
