"""Several things at once, time, and ending what takes too long: the same in both languages."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import Field

from llmspell_engine.api.declare import Global, Handle, Options, Waiting, example, gives, member
from llmspell_engine.api.promise import PromiseObject, SettledPromise

Seconds = Annotated[float, Field(ge=0)]
Work = Any
"""A function without parameters, or a promise."""


class RetryOptions(Options):
    """How often and how soon something is tried again."""

    attempts: Annotated[int, Field(ge=1)] = Field(3, description="How often it is tried in all.")
    base_delay: Seconds = Field(
        0.5, description="The first pause, in seconds; each next one is twice as long."
    )
    max_delay: Seconds = Field(30.0, description="The longest pause, in seconds.")
    jitter: bool = Field(True, description="Whether pauses differ by chance, up to half of their length.")
    on_retry: Callable[[int, Any], Any] | None = Field(
        None, description="Called before each pause with the number of the attempt and its error."
    )


class Timer(Handle):
    """Something that is to happen later."""

    @abstractmethod
    def cancel(self) -> bool:
        """See to it that it does not happen any more; whether it would have."""


class Async(Global):
    """Lets things go on at the same time, without threads."""

    name = "Async"

    @abstractmethod
    @example(
        lua='local promise = Async.run(function() return "ready" end)\nprint(promise:await())',
        javascript='const promise = Async.run(async () => "ready");\nconsole.log(await promise);',
    )
    def run(
        self, function: Callable[..., Any], *arguments: Any
    ) -> Annotated[PromiseObject, gives("callback")]:
        """Start a function that may wait, and go on at once; a promise of its result.

        Args:
            function: what to start.
            arguments: what it gets.
        """

    @abstractmethod
    @member(waits=True)
    @example(lua="Async.sleep(0.01)", javascript="await Async.sleep(0.01);")
    def sleep(self, seconds: Seconds) -> Waiting[None]:
        """Wait for a time, while other things go on.

        Args:
            seconds: how long.
        """

    @abstractmethod
    @member(waits=True)
    def timeout(self, work: Work, seconds: Seconds) -> Waiting[Annotated[Any, gives("argument")]]:
        """Wait for something, but not for ever: when the time is over, it is cancelled, with a TimeoutError.

        Args:
            work: a function or a promise.
            seconds: how long it may take.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local text = Async.retry(function() return "ready" end, { attempts = 5 })\nprint(text)',
        javascript='const text = await Async.retry(() => "ready", { attempts: 5 });\nconsole.log(text);',
    )
    def retry(
        self, function: Callable[[int], Any], options: RetryOptions | None = None
    ) -> Waiting[Annotated[Any, gives("argument")]]:
        """Call a function until it succeeds; the last error is raised.

        Args:
            function: what to try; gets the number of the attempt.
            options: how often, and how long to pause.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua="local both = Async.all({ function() return 1 end, function() return 2 end })\n"
        "print(both[1] + both[2])",
        javascript="const [one, two] = await Async.all([() => 1, () => 2]);\nconsole.log(one + two);",
    )
    def all(self, work: Sequence[Work]) -> Waiting[Annotated[Sequence[Any], gives("each")]]:
        """Do things at the same time; their results, in their order. The first error cancels the others.

        Args:
            work: functions and promises.
        """

    @abstractmethod
    @member(waits=True)
    def race(self, work: Sequence[Work]) -> Waiting[Annotated[Any, gives("first")]]:
        """Do things at the same time until the first is done, whichever way; the others are cancelled.

        Args:
            work: functions and promises.
        """

    @abstractmethod
    @member(waits=True)
    def any(self, work: Sequence[Work]) -> Waiting[Annotated[Any, gives("first")]]:
        """Do things at the same time until the first succeeds; the others are cancelled.

        Args:
            work: functions and promises.
        """

    @abstractmethod
    @member(waits=True)
    def all_settled(self, work: Sequence[Work]) -> Waiting[Sequence[SettledPromise]]:
        """Do things at the same time until all have ended; how each did.

        Args:
            work: functions and promises.
        """

    @abstractmethod
    def cancel(self, promise: Any, reason: str | None = None) -> bool:
        """End the work behind a promise with an error of the kind `Cancelled`; whether it was under way.

        Args:
            promise: what a call that waits, or `Async.run`, gave.
            reason: what the error says.
        """

    @abstractmethod
    def after(self, seconds: Seconds, function: Callable[[], Any]) -> Timer:
        """Call a function later, once.

        Args:
            seconds: how much later.
            function: what to call.
        """

    @abstractmethod
    def every(self, seconds: Seconds, function: Callable[[], Any]) -> Timer:
        """Call a function again and again, until the timer is cancelled.

        Args:
            seconds: how long to pause before each call.
            function: what to call; while it waits, no other call is made.
        """

    @abstractmethod
    @member(name="yield", waits=True)
    def yield_(self) -> Waiting[None]:
        """Let other work go on before this goes on."""
