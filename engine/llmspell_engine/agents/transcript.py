"""What was said, as agents pass it on: cut, told as plain data, and read back from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, cast, get_args

from llmspell_engine.agents.errors import AgentError
from llmspell_engine.providers.base import Message, Role

Filter = Callable[[list[dict[str, Any]]], Awaitable[Any]]
"""Makes of what was said, as plain data, what another is to know of it: a list, or a text."""
History = Literal["full", "last", "summary", "none"] | int | Filter
"""How much of a conversation another agent gets; a number is one of turns."""
SUMMARISE = (
    "Somebody else takes over from you. Sum up for them what was said so far: what is asked for, what is"
    " known and was done, and what is still open. Answer with the summary only."
)
_ROLES = get_args(Role)


def last_turns(messages: Sequence[Message], count: int) -> list[Message]:
    """The last turns, each beginning with what a user said: no tool's answer stands without its call."""
    begins = [index for index, message in enumerate(messages) if message.role == "user"]
    return list(messages[begins[-count] :]) if len(begins) > count else list(messages)


async def cut(
    messages: Sequence[Message],
    history: History,
    summarise: Callable[[Sequence[Message]], Awaitable[str]],
) -> list[Message]:
    """What another agent gets of what was said. Raises what a filter raises."""
    match history:
        case "full":
            return list(messages)
        case "last":
            return last_turns(messages, 1)
        case "none":
            return []
        case "summary":
            if not messages:
                return []
            return [Message("user", f"What was said before you took over:\n{await summarise(messages)}")]
        case int():
            return last_turns(messages, history) if history else []
        case _:
            return paired(read(messages, await history(data(messages))))


def data(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """What was said as plain data."""
    return [
        {
            "role": one.role,
            "text": one.text,
            **({"tool_name": one.tool_name} if one.tool_name else {}),
            **({"tool_calls": [call.name for call in one.tool_calls]} if one.tool_calls else {}),
        }
        for one in messages
    ]


def read(messages: Sequence[Message], given: Any) -> list[Message]:
    """What was said, after somebody changed it as plain data: what plain data leave out is kept.

    Raises AgentError where it is no list of what was said.
    """
    if isinstance(given, str):
        return [Message("user", given)]
    if given and not isinstance(given, list):
        raise AgentError("a conversation is a list of tables of role and text, or a text")
    parts, left = list(given or ()), list(messages)
    keeps_places = len(parts) == len(messages)
    return [_read(one, left, messages[index] if keeps_places else None) for index, one in enumerate(parts)]


def paired(messages: Sequence[Message]) -> list[Message]:
    """The same without calls of tools whose answers are missing, and answers whose calls are."""
    answered = {one.tool_call_id for one in messages if one.role == "tool"}
    kept: list[Message] = []
    called: set[str | None] = set()
    for said in messages:
        calls = [call for call in said.tool_calls if call.id in answered]
        called |= {call.id for call in calls}
        one = said if len(calls) == len(said.tool_calls) else replace(said, tool_calls=calls)
        if (one.role != "tool" or one.tool_call_id in called) and (one.text or one.media or one.tool_calls):
            kept.append(one)
    return kept


def _read(given: Any, left: list[Message], same_place: Message | None) -> Message:
    if not isinstance(given, Mapping) or given.get("role") not in _ROLES:
        raise AgentError(f"each part of a conversation has a role, one of {', '.join(_ROLES)}, and a text")
    role, text = cast("Role", given["role"]), str(given.get("text", ""))
    meant = next((one for one in left if (one.role, one.text) == (role, text)), None)
    if meant is not None:
        left.remove(meant)
        return meant
    if same_place is not None and same_place.role == role:
        return replace(same_place, text=text)
    return Message(role, text)
