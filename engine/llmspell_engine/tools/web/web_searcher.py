"""Searching the web with one of several services.

A service is used where its key is configured; one that fails makes way for the next. The last one,
DuckDuckGo, needs no key but knows instant answers only. ``[tools.settings.web-searcher]`` has the keys, as
``brave_api_key``; ``api_key`` and ``base_url`` are those of the service that ``provider`` names there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Annotated, Any, ClassVar, cast

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.http import fetch
from llmspell_engine.tools.parameters import ToolParameters
from llmspell_engine.tools.requirements import Setting
from llmspell_engine.tools.web.search_providers import PROVIDERS, Hit, Kind, Provider, ProviderName, Search

_ENGINE = Setting(
    "web-searcher", "google_search_engine_id", "the search engine of Google", "GOOGLE_SEARCH_ENGINE_ID"
)
_COUNT = 10


class SearchParameters(ToolParameters):
    """What is searched for."""

    only_operation: ClassVar[str] = "search"
    older_names: ClassVar[dict[str, str]] = {"query": "input"}

    input: str = Field(min_length=1, max_length=2000, description="What to search for.")
    provider: ProviderName | None = Field(
        None, description="The service to ask; without it those that are configured, one after the other."
    )
    max_results: int | None = Field(None, ge=1, le=100, description="How many results at most.")
    search_type: Kind = Field("web", description="What to find: pages, news, images.")
    safe_search: bool | None = Field(None, description="Whether what is not for everybody is left out.")
    language: Annotated[str, Field(pattern="^[a-z]{2}$")] | None = Field(
        None, description="The two letters of a language, such as `en`, that results are wanted in."
    )
    timeout: float = Field(30, gt=0, le=600, description="How long each service may take, in seconds.")


class SearchHit(Result):
    """Something that was found."""

    title: str = Field(description="Its title.")
    url: str = Field(description="Where it is.")
    snippet: str = Field(description="A piece of it.")
    date: str | None = Field(None, description="When it was published, as the service writes it.")
    image: str | None = Field(None, description="Where the image itself is, of an image.")


class SearchHits(Result):
    """What was found."""

    query: str = Field(description="What was searched for.")
    provider: str = Field(description="The service that answered.")
    count: int = Field(description="How many results there are.")
    results: list[SearchHit] = Field(description="The results, the best first.")
    failed: dict[str, str] | None = Field(None, description="The services that failed before, and why.")


class WebSearcher(Tool[SearchParameters]):
    """Searches the web with one of several services."""

    name = "web-searcher"
    category = "web"
    aliases = ("web_searcher", "web-search", "web_search")
    Parameters = SearchParameters
    returns = SearchHits

    async def run(self, parameters: SearchParameters, context: ToolContext) -> Outcome:
        """Ask one service after the other."""
        failed: dict[str, str] = {}
        for name in _wanted(parameters, context):
            try:
                hits = await _found(name, parameters, context)
            except ToolError as error:
                failed[name] = str(error)
                last = error
            else:
                return _outcome(parameters, name, hits, failed)
        if len(failed) == 1:
            raise last
        told = "; ".join(f"{name}: {why}" for name, why in failed.items())
        raise ToolError(f"no service of web search answered: {told}", code="search_failed", details=failed)


def _outcome(
    parameters: SearchParameters, name: ProviderName, hits: Sequence[Hit], failed: dict[str, str]
) -> Outcome:
    results = [
        SearchHit(title=hit.title, url=hit.url, snippet=hit.snippet, date=hit.date, image=hit.image)
        for hit in hits
    ]
    result = SearchHits(
        query=parameters.input, provider=name, count=len(hits), results=results, failed=failed or None
    )
    text = "\n\n".join(f"{hit.title}\n{hit.url}\n{hit.snippet}".strip() for hit in hits)
    return Outcome("search", result, text, f"{PROVIDERS[name].title} found {counted(len(hits), 'result')}")


def _wanted(parameters: SearchParameters, context: ToolContext) -> Sequence[ProviderName]:
    """The services to ask: the one that is named, those that are configured, those with a key."""
    if parameters.provider is not None:
        return [parameters.provider]
    settings = context.settings.get("web-searcher", {})
    given = settings.get("providers") or ([settings["provider"]] if settings.get("provider") else None)
    if given is not None:
        if unknown := [name for name in given if name not in PROVIDERS]:
            raise ToolError(
                f"'providers' in [tools.settings.web-searcher] names '{unknown[0]}'; "
                f"there are {', '.join(PROVIDERS)}",
                code="needs_configuration",
            )
        return cast("Sequence[ProviderName]", given)
    able = [name for name, one in PROVIDERS.items() if parameters.search_type in one.kinds]
    keyed = [name for name in able if _lacks(name, context) is None]
    if not keyed:
        raise ToolError(
            f"no service that finds {parameters.search_type} is configured: set 'brave_api_key', or the key "
            "of another, in [tools.settings.web-searcher] of the configuration, or the environment variable "
            "BRAVE_API_KEY",
            code="needs_configuration",
        )
    return keyed


def _lacks(name: ProviderName, context: ToolContext) -> str | None:
    """What a service still needs, in a sentence."""
    provider = PROVIDERS[name]
    if provider.ended is not None and _place_of(name, context) is None:
        return (
            f"{provider.title} was closed {provider.ended}: name another service, or set '{name}_url' in "
            "[tools.settings.web-searcher] to one that answers in its form"
        )
    needed = [_key_of(name, context), *([_ENGINE] if name == "google" else [])]
    told = (one.missing(context) for one in needed if one is not None)
    return next((sentence for sentence in told if sentence is not None), None)


def _place_of(name: ProviderName, context: ToolContext) -> str | None:
    """Where a service is configured to be; None where it is at its own place."""
    settings = context.settings.get("web-searcher", {})
    base = settings.get("base_url") if settings.get("provider") == name else None
    return settings.get(f"{name}_url") or base


def _key_of(name: ProviderName, context: ToolContext) -> Setting | None:
    """Where the key of a service stands; None where it needs none."""
    provider, settings = PROVIDERS[name], context.settings.get("web-searcher", {})
    if provider.variable is None:
        return None
    own = f"{name}_api_key"
    key = "api_key" if settings.get("provider") == name and own not in settings else own
    return Setting("web-searcher", key, f"the key of {provider.title}", provider.variable)


async def _found(name: ProviderName, parameters: SearchParameters, context: ToolContext) -> list[Hit]:
    provider = PROVIDERS[name]
    if (lacking := _lacks(name, context)) is not None:
        raise ToolError(lacking, code="needs_configuration")
    if parameters.search_type not in provider.kinds:
        raise ToolError(f"{provider.title} does not find {parameters.search_type}", code="unsupported")
    search = _search(name, provider, parameters, context)
    ask = replace(
        provider.ask(search), seconds=parameters.timeout, follow_redirects=False, named=provider.title
    )
    answer = (await fetch(context, ask)).require_ok().json()
    try:
        return list(islice(provider.read(answer, search.kind), search.count))
    except (AttributeError, TypeError, KeyError):
        raise ToolError(
            f"{provider.title} answered in a form that is not known", code="broken_answer"
        ) from None


def _search(
    name: ProviderName, provider: Provider, parameters: SearchParameters, context: ToolContext
) -> Search:
    settings: dict[str, Any] = dict(context.settings.get("web-searcher", {}))
    key = _key_of(name, context)
    count = parameters.max_results or settings.get("max_results") or _COUNT
    safe = parameters.safe_search if parameters.safe_search is not None else settings.get("safe_search", True)
    return Search(
        words=parameters.input,
        kind=parameters.search_type,
        count=min(int(count), provider.most),
        safe=bool(safe),
        language=parameters.language,
        base_url=str(_place_of(name, context) or provider.base_url).rstrip("/"),
        key=str(key.value(context)) if key else "",
        engine=str(_ENGINE.value(context) or ""),
    )
