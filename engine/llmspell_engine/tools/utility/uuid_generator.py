"""Identifiers: UUIDs of several versions, and readable ones with a prefix."""

from __future__ import annotations

import re
import time
import uuid
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.parameters import Needs, ToolParameters

Notation = Literal["standard", "simple", "urn", "braced"]
Part = Annotated[str, Field(min_length=1, max_length=64)]

_NAMESPACES = {
    "dns": uuid.NAMESPACE_DNS,
    "url": uuid.NAMESPACE_URL,
    "oid": uuid.NAMESPACE_OID,
    "x500": uuid.NAMESPACE_X500,
    **{word: uuid.uuid5(uuid.NAMESPACE_URL, f"llmspell:{word}") for word in ("agent", "tool", "workflow")},
}
_SHORT_LENGTH = 8


class UuidParameters(ToolParameters):
    """What identifier is wanted."""

    needs: ClassVar[Needs] = {
        "deterministic": ("name",),
        "validate": ("uuid",),
    }

    operation: Literal["generate", "component_id", "deterministic", "custom", "validate"] = Field(
        "generate", description="What to do."
    )
    version: Literal["v1", "v4", "v5"] = Field(
        "v4", description="By time (`v1`), at random (`v4`) or from a namespace and a name (`v5`)."
    )
    format: Notation | Literal["hyphenated"] = Field(
        "standard", description="How the UUID is written; `hyphenated` is another word for `standard`."
    )
    namespace: Part | None = Field(
        None,
        description="What names are unique in: `dns` (the default of `v5`), `url`, `oid`, `x500`, `agent`"
        " (the default of `deterministic`), `tool`, `workflow`, or a UUID.",
    )
    name: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="What a `v5` or deterministic UUID is made from."
    )
    prefix: Part | None = Field(
        None, description="What an identifier begins with; that of a component with `component` otherwise."
    )
    short: bool = Field(False, description="Write eight digits in place of a whole UUID.")
    timestamp: bool = Field(False, description="Add the time in seconds to a custom identifier.")
    suffix: Part | None = Field(None, description="What a custom identifier ends with.")
    uuid: str | None = Field(None, description="What to validate.")

    @property
    def within(self) -> str:
        """The namespace, by name."""
        return self.namespace or ("agent" if self.operation == "deterministic" else "dns")


class GeneratedUuid(Result):
    """A UUID that was made."""

    uuid: str = Field(description="The UUID.")
    version: str = Field(description="Its version.")
    format: Notation = Field(description="How it is written.")


class GeneratedId(Result):
    """An identifier that was made."""

    id: str = Field(description="The identifier.")
    prefix: str | None = Field(None, description="What it begins with.")
    suffix: str | None = Field(None, description="What it ends with.")
    short: bool | None = Field(None, description="Whether it has eight digits in place of a UUID.")
    timestamp: bool | None = Field(None, description="Whether it holds the time.")
    namespace: str | None = Field(None, description="What its name is unique in.")
    name: str | None = Field(None, description="What it is made from.")


class UuidCheck(Result):
    """What is known of a UUID."""

    valid: bool = Field(description="Whether it is a UUID.")
    uuid: str = Field(description="What was checked.")
    version: str | None = Field(None, description="Its version.")
    variant: str | None = Field(None, description="Its variant.")


class UuidGenerator(Tool[UuidParameters]):
    """Makes and checks unique identifiers."""

    name = "uuid-generator"
    category = "utility"
    aliases = ("uuid_generator",)
    Parameters = UuidParameters
    returns = GeneratedUuid | GeneratedId | UuidCheck

    def run(self, parameters: UuidParameters, context: ToolContext) -> Outcome:
        """Make or check an identifier."""
        match parameters.operation:
            case "generate":
                return _generate(parameters)
            case "validate":
                return _validate(parameters.uuid or "")
            case "deterministic":
                return _deterministic(parameters)
            case _:
                return _readable(parameters)


def _generate(parameters: UuidParameters) -> Outcome:
    notation = _notation(parameters)
    made = _written(_uuid(parameters), notation)
    result = GeneratedUuid(uuid=made, version=parameters.version, format=notation)
    return Outcome("generate", result, made, f"Generated a UUID of version {parameters.version[1]}")


def _uuid(parameters: UuidParameters) -> uuid.UUID:
    match parameters.version:
        case "v1":
            return uuid.uuid1()
        case "v4":
            return uuid.uuid4()
        case _:
            return _named(parameters)


def _named(parameters: UuidParameters) -> uuid.UUID:
    if parameters.name is None:
        raise ToolError("a UUID of version v5 needs a 'name'", code="invalid_input")
    return uuid.uuid5(_namespace(parameters.within), parameters.name)


def _namespace(given: str) -> uuid.UUID:
    known = _NAMESPACES.get(given.lower())
    if known:
        return known
    try:
        return uuid.UUID(given)
    except ValueError:
        raise ToolError(
            f"'{given}' is no namespace: give {', '.join(_NAMESPACES)} or a UUID", code="invalid_input"
        ) from None


def _deterministic(parameters: UuidParameters) -> Outcome:
    made = _written(_named(parameters), _notation(parameters))
    result = GeneratedId(id=made, namespace=parameters.within, name=parameters.name)
    return Outcome("deterministic", result, made, f"Generated the UUID of '{parameters.name}'")


def _readable(parameters: UuidParameters) -> Outcome:
    """``prefix_<digits>`` for a component, and prefix, time, digits and suffix for a custom one."""
    component = parameters.operation == "component_id"
    prefix = parameters.prefix or ("component" if component else None)
    made = uuid.uuid4()
    digits = made.hex[:_SHORT_LENGTH] if parameters.short else str(made)
    moment = str(int(time.time())) if parameters.timestamp and not component else None
    suffix = None if component else parameters.suffix
    identifier = "_".join(part for part in (prefix, moment, digits, suffix) if part)
    result = GeneratedId(
        id=identifier,
        prefix=prefix,
        suffix=suffix,
        short=parameters.short,
        timestamp=None if component else parameters.timestamp,
    )
    return Outcome(parameters.operation, result, identifier, f"Generated the identifier {identifier}")


def _notation(parameters: UuidParameters) -> Notation:
    return "standard" if parameters.format == "hyphenated" else parameters.format


def _written(value: uuid.UUID, notation: Notation) -> str:
    match notation:
        case "simple":
            return value.hex
        case "urn":
            return value.urn
        case "braced":
            return f"{{{value}}}"
        case _:
            return str(value)


_ANY_NOTATION = re.compile(
    r"(?:urn:uuid:)?(\{)?([0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})(?(1)\})", re.IGNORECASE
)


def _validate(given: str) -> Outcome:
    found = _ANY_NOTATION.fullmatch(given.strip())
    if not found:
        return Outcome("validate", UuidCheck(valid=False, uuid=given), "invalid", f"'{given}' is no UUID")
    value = uuid.UUID(found[2])
    version = f"v{value.version}" if value.version else None
    result = UuidCheck(valid=True, uuid=given, version=version, variant=value.variant)
    return Outcome("validate", result, "valid", f"'{given}' is a UUID")
