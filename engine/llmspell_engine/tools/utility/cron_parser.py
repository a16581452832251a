"""Schedules of cron: whether they are right, what they mean, and when they come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.parameters import Needs, ToolParameters

if TYPE_CHECKING:
    from cronsim import CronSim

_NAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


class CronParameters(ToolParameters):
    """What is asked of which schedule."""

    needs: ClassVar[Needs] = {"matches": ("at",)}

    operation: Literal["next", "previous", "matches", "explain", "validate"] = Field(
        "next", description="Tell the next or the last times, whether a time is one, or what it means."
    )
    input: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="The schedule, in five or six fields, or `@daily` and the like.",
        json_schema_extra={"x-example": "*/15 9-17 * * MON-FRI"},
    )
    at: str | None = Field(
        None, description="The time to start from, or to look at; now where left out. `2024-05-17T12:00:00`"
    )
    count: Annotated[int, Field(ge=1, le=1000)] = Field(5, description="How many times to tell.")
    timezone: Annotated[str, Field(min_length=1)] = Field("UTC", description="The zone of the times.")


class CronResult(Result):
    """What a schedule says; what was not asked for is absent."""

    expression: str = Field(description="The schedule.")
    valid: bool = Field(description="Whether it is one.")
    times: list[str] | None = Field(None, description="The times, as RFC 3339.")
    matches: bool | None = Field(None, description="Whether the time is one of its times.")
    explanation: str | None = Field(None, description="What it means, in words.")
    error: str | None = Field(None, description="Why it is no schedule.")


class CronParser(Tool[CronParameters]):
    """Reads schedules of cron: tells their times, explains and checks them."""

    name = "cron-parser"
    category = "utility"
    aliases = ("cron_parser",)
    Parameters = CronParameters
    returns = CronResult
    blocks = True

    def run(self, parameters: CronParameters, context: ToolContext) -> Outcome:
        """Read the schedule."""
        operation, text = parameters.operation, parameters.input
        if operation == "validate":
            return _validate(text)
        if operation == "explain":
            told = _schedule(text, datetime.now(UTC)).explain()
            return Outcome(operation, CronResult(expression=text, valid=True, explanation=told), told, told)
        moment = _moment(parameters.at, parameters.timezone)
        if operation == "matches":
            return _matches(text, moment)
        schedule = _schedule(text, moment, backwards=operation == "previous")
        times = [time.isoformat() for time in islice(schedule, parameters.count)]
        result = CronResult(expression=text, valid=True, times=times)
        return Outcome(operation, result, "\n".join(times), f"Found {counted(len(times), 'time')}")


def _schedule(text: str, moment: datetime, *, backwards: bool = False) -> CronSim:
    from cronsim import CronSim, CronSimError

    try:
        return CronSim(_NAMES.get(text.strip().lower(), text.strip()), moment, reverse=backwards)
    except CronSimError as error:
        raise ToolError(f"'{text}' is no schedule of cron: {error}", code="invalid_cron") from None


def _validate(text: str) -> Outcome:
    try:
        told = _schedule(text, datetime.now(UTC)).explain()
    except ToolError as error:
        result = CronResult(expression=text, valid=False, error=str(error))
        return Outcome("validate", result, str(error), "It is no schedule")
    return Outcome("validate", CronResult(expression=text, valid=True, explanation=told), "valid", told)


def _matches(text: str, moment: datetime) -> Outcome:
    """Whether a time is one of a schedule's: the next one after the minute, or second, before it."""
    seconds = len(text.split()) == 6
    whole = moment.replace(microsecond=0) if seconds else moment.replace(second=0, microsecond=0)
    before = whole - timedelta(seconds=1) if seconds else whole - timedelta(minutes=1)
    found = next(iter(_schedule(text, before)), None) == whole
    result = CronResult(expression=text, valid=True, matches=found)
    told = f"{moment.isoformat()} is {'one' if found else 'none'} of its times"
    return Outcome("matches", result, str(found).lower(), told)


def _moment(given: str | None, zone: str) -> datetime:
    from dateutil import parser

    try:
        place = ZoneInfo(zone)
    except (OSError, ValueError, KeyError):
        raise ToolError(f"there is no time zone '{zone}'; Europe/Rome is one", code="invalid_input") from None
    if given is None:
        return datetime.now(place)
    try:
        moment = parser.parse(given)
    except (ValueError, OverflowError):
        raise ToolError(
            f"'{given}' is no time; write it as 2024-05-17T12:00:00", code="invalid_input"
        ) from None
    return moment.astimezone(place) if moment.tzinfo else moment.replace(tzinfo=place)
