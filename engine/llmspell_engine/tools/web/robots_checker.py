"""What a site wants robots to leave alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext
from llmspell_engine.tools.http import Ask, Fetched, checked_url, fetch
from llmspell_engine.tools.parameters import ToolParameters

if TYPE_CHECKING:
    from protego import Protego

_LARGEST = 500 * 1024
"""Bytes of a ``robots.txt`` that have to be read, as RFC 9309 says."""


class RobotsParameters(ToolParameters):
    """Which page, and who would fetch it."""

    only_operation: ClassVar[str] = "check"
    older_names: ClassVar[dict[str, str]] = {"url": "input"}

    input: str = Field(min_length=1, description="The URL that would be fetched.")
    user_agent: str = Field("llmspell", min_length=1, description="The name of the robot.")
    timeout: float = Field(30, gt=0, le=600, description="How long it may take, in seconds.")


class RobotsAnswer(Result):
    """What a site allows a robot."""

    url: str = Field(description="The URL that was asked about.")
    allowed: bool = Field(description="Whether it may be fetched.")
    reason: str = Field(description="Why, in a sentence.")
    robots_url: str = Field(description="Where the rules are.")
    found: bool = Field(description="Whether the site has rules.")
    crawl_delay: float | None = Field(None, description="How many seconds are wanted between two requests.")
    sitemaps: list[str] = Field(description="The sitemaps that the rules name.")


class RobotsChecker(Tool[RobotsParameters]):
    """Tells whether the robots.txt of a site allows a page to be fetched."""

    name = "robots-checker"
    category = "web"
    security = "restricted"
    aliases = ("robots_checker",)
    Parameters = RobotsParameters
    returns = RobotsAnswer

    async def run(self, parameters: RobotsParameters, context: ToolContext) -> Outcome:
        """Fetch the rules and read them. No rules allow all; rules that cannot be read allow nothing."""
        url = checked_url(parameters.input)
        robots_url = str(url.copy_with(raw_path=b"/robots.txt", fragment=None))
        answer = await fetch(context, Ask(robots_url, seconds=parameters.timeout), largest=_LARGEST)
        result = _answered(parameters, answer, robots_url)
        return Outcome("check", result, "allowed" if result.allowed else "not allowed", result.reason)


def _answered(parameters: RobotsParameters, answer: Fetched, robots_url: str) -> RobotsAnswer:
    if not answer.ok:
        refused = answer.status >= 500
        told = "so nothing may be fetched for now" if refused else "so there are no rules"
        return RobotsAnswer(
            url=parameters.input,
            allowed=not refused,
            reason=f"'{robots_url}' answered {answer.status}, {told}",
            robots_url=robots_url,
            found=False,
            sitemaps=[],
        )
    from protego import Protego

    return _by_rules(parameters, Protego.parse(answer.text), robots_url)


def _by_rules(parameters: RobotsParameters, rules: Protego, robots_url: str) -> RobotsAnswer:
    allowed = bool(rules.can_fetch(parameters.input, parameters.user_agent))
    verb = "allows" if allowed else "does not allow"
    return RobotsAnswer(
        url=parameters.input,
        allowed=allowed,
        reason=f"'{robots_url}' {verb} '{parameters.user_agent}' to fetch it",
        robots_url=robots_url,
        found=True,
        crawl_delay=rules.crawl_delay(parameters.user_agent),
        sitemaps=list(rules.sitemaps),
    )
