"""Providers written by users: a class of a package, of a file, or of an installed plug-in.

A class needs ``complete`` alone; :class:`OwnProvider` gives what it lacks. It is made with its name and its
settings, of which ``options`` are for it to read.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from llmspell_engine.providers.base import (
    Capabilities,
    Chunk,
    ModelAnswer,
    ModelRequest,
    Provider,
    ProviderError,
)

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from pathlib import Path
    from types import ModuleType

    from llmspell_engine.providers.settings import ProviderSettings

GROUP = "llmspell.providers"
"""The group of entry points under which packages offer providers."""

_WORD = re.compile(r"\S+\s*|\s+")


class SimpleProvider:
    """A start for a provider of one's own: what is not :meth:`complete` is done.

    Attributes:
        name: the name under which scripts find it.
        settings: what is set for it; ``settings.options`` are its own.
    """

    models: Sequence[str] = ()
    capabilities = Capabilities(tools=False, structured=False)

    def __init__(self, name: str, settings: ProviderSettings) -> None:
        self.name = name
        self.settings = settings

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """Answer a request. Raises ProviderError."""
        raise NotImplementedError(f"the provider '{self.name}' answers nothing yet: write its complete()")

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        """Answer a request piece by piece: here, the whole answer word by word."""
        answer = await self.complete(request)
        for word in _WORD.findall(answer.text):
            yield Chunk(word)
        yield Chunk(answer=answer)

    async def close(self) -> None:
        """Let go of connections."""


@dataclass(slots=True)
class OwnProvider:
    """Stands before a user's object: gives what it lacks, and tells what it does wrong."""

    name: str
    inner: Any
    where: str
    """Where the object comes from, for messages."""

    @property
    def models(self) -> Sequence[str]:
        """See the protocol."""
        return tuple(getattr(self.inner, "models", ()))

    @property
    def capabilities(self) -> Capabilities:
        """See the protocol."""
        found: Capabilities = getattr(self.inner, "capabilities", SimpleProvider.capabilities)
        return found

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """See the protocol."""
        try:
            answer = await self.inner.complete(request)
        except ProviderError:
            raise
        except Exception as error:
            raise self._failed(error) from error
        return self._checked(answer)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        """See the protocol."""
        if not hasattr(self.inner, "stream"):
            answer = await self.complete(request)
            for word in _WORD.findall(answer.text):
                yield Chunk(word)
            yield Chunk(answer=answer)
            return
        is_whole = False
        try:
            async with aclosing(self.inner.stream(request)) as chunks:
                async for chunk in chunks:
                    is_whole = is_whole or chunk.answer is not None
                    yield chunk
        except ProviderError:
            raise
        except Exception as error:
            raise self._failed(error) from error
        if not is_whole:
            raise ProviderError(
                f"{self._who}: its stream must end with a Chunk that carries the whole answer"
            )

    async def close(self) -> None:
        """See the protocol."""
        if hasattr(self.inner, "close"):
            await self.inner.close()

    @property
    def _who(self) -> str:
        return f"the provider '{self.name}' ({self.where})"

    def _failed(self, error: Exception) -> ProviderError:
        return ProviderError(f"{self._who} failed: {type(error).__name__}: {error}")

    def _checked(self, answer: Any) -> ModelAnswer:
        if isinstance(answer, str):
            return ModelAnswer(answer)
        if not isinstance(answer, ModelAnswer):
            raise ProviderError(
                f"{self._who}: its complete() gave a {type(answer).__name__};"
                " it must give a ModelAnswer, or the text alone"
            )
        return answer


def own_provider(name: str, settings: ProviderSettings) -> Provider:
    """The provider that ``class`` and ``file`` of the settings name. Raises ProviderError."""
    if settings.file is not None:
        where = str(settings.file)
        module = _module_of_file(name, settings.file)
        make = _of_module(name, module, settings.class_, where)
    else:
        where = settings.class_ or ""
        module_name, colon, class_name = where.partition(":")
        if not colon or not module_name or not class_name:
            raise ProviderError(
                f"the class '{where}' of the provider '{name}' must be written as 'package.module:Class'"
            )
        make = _of_module(name, _module(name, module_name), class_name, where)
    return _made(name, settings, make, where)


def entry_points_of(name: str) -> list[EntryPoint]:
    """The installed plug-ins that offer a provider of this name."""
    from importlib.metadata import entry_points

    return list(entry_points(group=GROUP, name=name))


def entry_point_names() -> list[str]:
    """The providers that installed plug-ins offer."""
    from importlib.metadata import entry_points

    return sorted({each.name for each in entry_points(group=GROUP)})


def plugged_provider(name: str, settings: ProviderSettings) -> Provider:
    """The provider of this name that an installed plug-in offers. Raises ProviderError."""
    offers = entry_points_of(name)
    values = sorted({each.value for each in offers})
    if len(values) > 1:
        raise ProviderError(
            f"several installed packages offer the provider '{name}': {', '.join(values)}; remove all but"
            f" one, or name one by class in [providers.{name}]"
        )
    where = f"{values[0]} of the package {offers[0].dist.name if offers[0].dist else 'unknown'}"
    try:
        make = offers[0].load()
    except Exception as error:
        raise ProviderError(
            f"the provider '{name}' ({where}) cannot be imported: {type(error).__name__}: {error}"
        ) from error
    return _made(name, settings, make, where)


def _made(name: str, settings: ProviderSettings, make: Any, where: str) -> Provider:
    who = f"the provider '{name}' ({where})"
    if not callable(make):
        raise ProviderError(
            f"{who} is a {type(make).__name__}; it must be a class, or a function that makes one"
        )
    try:
        inner = make(name, settings)
    except ProviderError:
        raise
    except Exception as error:
        raise ProviderError(
            f"{who} cannot be made: {type(error).__name__}: {error};"
            " it is called with its name and its settings"
        ) from error
    complete = getattr(inner, "complete", None)
    if complete is None or getattr(complete, "__func__", None) is SimpleProvider.complete:
        raise ProviderError(f"{who} lacks complete(): write 'async def complete(self, request)'")
    if not inspect.iscoroutinefunction(complete):
        raise ProviderError(f"{who}: its complete must be 'async def complete(self, request)'")
    return OwnProvider(name, inner, where)


def _module(name: str, module: str) -> ModuleType:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and (module == error.name or module.startswith(f"{error.name}.")):
            raise ProviderError(
                f"the provider '{name}' is in the module '{module}', which is not installed;"
                f" install its package, or name a file in [providers.{name}]"
            ) from None
        raise _unimportable(name, module, error) from error
    except Exception as error:
        raise _unimportable(name, module, error) from error


def _module_of_file(name: str, path: Path) -> ModuleType:
    from importlib.util import module_from_spec, spec_from_file_location

    if not path.is_file():
        raise ProviderError(
            f"there is no file '{path}' for the provider '{name}'; see file in [providers.{name}]"
        )
    spec = spec_from_file_location(f"llmspell_provider_{name}", path)
    if spec is None or spec.loader is None:
        raise ProviderError(
            f"the file '{path}' of the provider '{name}' is no Python file; it must end in .py"
        )
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[spec.name]
        raise _unimportable(name, str(path), error) from error
    return module


def _of_module(name: str, module: ModuleType, wanted: str | None, where: str) -> Callable[..., Any]:
    """What a module calls ``wanted``; without a word, its only class with ``complete``."""
    if wanted is not None:
        if not hasattr(module, wanted):
            raise ProviderError(
                f"there is no '{wanted}' in '{where}' for the provider '{name}'{_offer(module)}"
            )
        found: Callable[..., Any] = getattr(module, wanted)
        return found
    classes = _classes(module)
    if len(classes) != 1:
        count = "several classes" if classes else "no class"
        raise ProviderError(
            f"'{where}' has {count} with complete() for the provider '{name}'{_offer(module)};"
            f" name one by class in [providers.{name}]"
        )
    return classes[0]


def _classes(module: ModuleType) -> list[type]:
    return [
        each
        for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == module.__name__ and hasattr(each, "complete")
    ]


def _offer(module: ModuleType) -> str:
    names = [f"'{each.__name__}'" for each in _classes(module)]
    return f"; there is {', '.join(names)}" if names else ""


def _unimportable(name: str, module: str, error: Exception) -> ProviderError:
    return ProviderError(
        f"the provider '{name}' cannot be imported from '{module}': {type(error).__name__}: {error}"
    )
