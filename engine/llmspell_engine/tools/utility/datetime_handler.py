"""Dates and times: reading, writing, zones and arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.parameters import Needs, ToolParameters
from llmspell_engine.tools.utility import moments

Operation = Literal["parse", "now", "convert_timezone", "add", "subtract", "difference", "info", "formats"]
Unit = Literal["seconds", "minutes", "hours", "days", "weeks"]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Zone = Annotated[str, Field(min_length=1, max_length=64)]


class DatetimeParameters(ToolParameters):
    """What is asked of which time."""

    needs: ClassVar[Needs] = {
        "parse": ("input",),
        "convert_timezone": ("input", "target_timezone"),
        "add": ("input", "amount", "unit"),
        "subtract": ("input", "amount", "unit"),
        "difference": ("start", "end"),
        "info": ("input",),
    }

    operation: Operation = Field(description="What to do.")
    input: Text | None = Field(
        None,
        description="A date or time; UTC where it names no zone.",
        json_schema_extra={"x-example": "2026-02-28"},
    )
    timezone: Zone | None = Field(None, description="`now`: an IANA zone such as `Europe/Berlin`.")
    target_timezone: Zone | None = Field(None, description="`convert_timezone`: the IANA zone to convert to.")
    amount: float | None = Field(None, description="`add` and `subtract`: how much.")
    unit: Unit | None = Field(None, description="`add` and `subtract`: of what.")
    start: Text | None = Field(None, description="`difference`: the earlier time.")
    end: Text | None = Field(None, description="`difference`: the later time.")
    format: Text = Field(
        moments.DEFAULT_PATTERN,
        description="How times are written, as `strftime` reads it; a final `Z` is the offset.",
    )


class ParsedTime(Result):
    """A time that was read."""

    input: str = Field(description="What was read.")
    parsed: str = Field(description="The time.")
    format_used: str = Field(description="The form in which it was given.")


class CurrentTime(Result):
    """The current time."""

    timezone: str = Field(description="The zone.")
    datetime: str = Field(description="The time.")
    format: str = Field(description="The pattern that it is written by.")


class ConvertedTime(Result):
    """A time in another zone."""

    input: str = Field(description="What was read.")
    target_timezone: str = Field(description="The zone.")
    original: str = Field(description="The time as it was.")
    converted: str = Field(description="The time in the zone.")


class ShiftedTime(Result):
    """An earlier or later time."""

    input: str = Field(description="What was read.")
    amount: float = Field(description="How much was added or subtracted.")
    unit: Unit = Field(description="Of what.")
    original: str = Field(description="The time as it was.")
    result: str = Field(description="The new time.")


class Duration(Result):
    """The time between two times, in one unit each; negative when the end is earlier."""

    seconds: float = Field(description="In seconds.")
    minutes: float = Field(description="In minutes.")
    hours: float = Field(description="In hours.")
    days: float = Field(description="In days.")
    weeks: float = Field(description="In weeks.")
    text: str = Field(description="In words, such as `2 days, 3:00:00`.")


class TimeDifference(Result):
    """The time between two times."""

    start: str = Field(description="The earlier time.")
    end: str = Field(description="The later time.")
    difference: Duration = Field(description="What lies between.")


class TimeFacts(Result):
    """The parts of a time."""

    year: int = Field(description="The year.")
    month: int = Field(description="The month, from 1.")
    day: int = Field(description="The day of the month.")
    hour: int = Field(description="The hour.")
    minute: int = Field(description="The minute.")
    second: int = Field(description="The second.")
    weekday: str = Field(description="The day of the week, in English.")
    day_of_year: int = Field(description="The day of the year, from 1.")
    week: int = Field(description="The week of the year, as ISO 8601 counts.")
    quarter: int = Field(description="The quarter, from 1.")
    is_leap_year: bool = Field(description="Whether the year has 366 days.")
    timezone: str = Field(description="The zone or offset.")
    unix_timestamp: int = Field(description="The seconds since 1970.")


class TimeInfo(Result):
    """What is known of a time."""

    input: str = Field(description="What was read.")
    info: TimeFacts = Field(description="Its parts.")


class TimeFormats(Result):
    """The forms of times that can be read."""

    available_formats: list[str] = Field(description="Their names.")
    example_formats: dict[str, str] = Field(description="An example of each.")


class DatetimeHandler(Tool[DatetimeParameters]):
    """Reads, writes and computes dates and times."""

    name = "datetime-handler"
    category = "utility"
    aliases = ("datetime_handler", "date_time_handler")
    Parameters = DatetimeParameters
    returns = ParsedTime | CurrentTime | ConvertedTime | ShiftedTime | TimeDifference | TimeInfo | TimeFormats

    def run(self, parameters: DatetimeParameters, context: ToolContext) -> Outcome:
        """Do the operation."""
        return _OPERATIONS[parameters.operation](parameters)


def _parse(parameters: DatetimeParameters) -> Outcome:
    given = parameters.input or ""
    moment, form = moments.read(given)
    text = moments.write(moment, parameters.format)
    return Outcome("parse", ParsedTime(input=given, parsed=text, format_used=form), text, f"Read {given}")


def _now(parameters: DatetimeParameters) -> Outcome:
    name = parameters.timezone or "UTC"
    text = moments.write(datetime.now(moments.zone(name)), parameters.format)
    result = CurrentTime(timezone=name, datetime=text, format=parameters.format)
    return Outcome("now", result, text, f"It is {text}")


def _convert(parameters: DatetimeParameters) -> Outcome:
    given, name = parameters.input or "", parameters.target_timezone or "UTC"
    moment, _ = moments.read(given)
    original = moments.write(moment, parameters.format)
    converted = moments.write(moment.astimezone(moments.zone(name)), parameters.format)
    result = ConvertedTime(input=given, target_timezone=name, original=original, converted=converted)
    return Outcome("convert_timezone", result, converted, f"{original} is {converted} in {name}")


def _shift(parameters: DatetimeParameters) -> Outcome:
    given, amount, unit = parameters.input or "", parameters.amount or 0, parameters.unit or "seconds"
    moment, _ = moments.read(given)
    sign = 1 if parameters.operation == "add" else -1
    try:
        shifted = moment + sign * timedelta(**{unit: amount})
    except (OverflowError, ValueError):
        raise ToolError("the result is outside of the years 1 to 9999", code="overflow") from None
    text = moments.write(shifted, parameters.format)
    result = ShiftedTime(
        input=given,
        amount=amount,
        unit=unit,
        original=moments.write(moment, parameters.format),
        result=text,
    )
    return Outcome(parameters.operation, result, text, f"{given} becomes {text}")


def _difference(parameters: DatetimeParameters) -> Outcome:
    start, end = parameters.start or "", parameters.end or ""
    between = moments.read(end)[0] - moments.read(start)[0]
    seconds = between.total_seconds()
    duration = Duration(
        seconds=seconds,
        minutes=seconds / 60,
        hours=seconds / 3600,
        days=seconds / 86400,
        weeks=seconds / 604800,
        text=str(between),
    )
    result = TimeDifference(start=start, end=end, difference=duration)
    return Outcome("difference", result, str(between), f"From {start} to {end}: {between}")


def _info(parameters: DatetimeParameters) -> Outcome:
    given = parameters.input or ""
    moment, _ = moments.read(given)
    facts = TimeFacts(
        year=moment.year,
        month=moment.month,
        day=moment.day,
        hour=moment.hour,
        minute=moment.minute,
        second=moment.second,
        weekday=_WEEKDAYS[moment.weekday()],
        day_of_year=moment.timetuple().tm_yday,
        week=moment.isocalendar().week,
        quarter=(moment.month + 2) // 3,
        is_leap_year=_is_leap(moment.year),
        timezone=moment.tzname() or "UTC",
        unix_timestamp=int(moment.astimezone(UTC).timestamp()),
    )
    text = moments.write(moment, parameters.format)
    return Outcome("info", TimeInfo(input=given, info=facts), text, f"{text} is a {facts.weekday}")


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _formats(_: DatetimeParameters) -> Outcome:
    result = TimeFormats(available_formats=list(moments.FORMATS), example_formats=moments.FORMATS)
    text = "\n".join(f"{name}: {example}" for name, example in moments.FORMATS.items())
    return Outcome("formats", result, text, f"{len(moments.FORMATS)} forms are read, and many more")


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OPERATIONS: dict[Operation, Callable[[DatetimeParameters], Outcome]] = {
    "parse": _parse,
    "now": _now,
    "convert_timezone": _convert,
    "add": _shift,
    "subtract": _shift,
    "difference": _difference,
    "info": _info,
    "formats": _formats,
}
