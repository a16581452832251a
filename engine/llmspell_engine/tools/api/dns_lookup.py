"""What the domain name system knows of a name."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.security.addresses import allowed_name
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.parameters import ToolParameters

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver
    from dns.resolver import Answer

_PORT = 53
RecordType = Literal["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"]


class DnsParameters(ToolParameters):
    """What is asked."""

    only_operation: ClassVar[str] = "lookup"
    older_names: ClassVar[dict[str, str]] = {"name": "input", "domain": "input"}

    input: str = Field(
        min_length=1,
        max_length=253,
        description="The name; an address with `PTR`.",
        json_schema_extra={"x-example": "example.com"},
    )
    record_type: RecordType = Field("A", description="What to ask for.")
    timeout: float = Field(5, gt=0, le=60, description="How long it may take, in seconds.")


class DnsRecord(Result):
    """One record."""

    value: str = Field(description="What it says, as the address, or the name of a host.")
    priority: int | None = Field(None, description="Which comes first, the smallest, of MX and SRV.")
    weight: int | None = Field(None, description="How much of the load is for it, of SRV.")
    port: int | None = Field(None, description="The port, of SRV.")


class DnsRecords(Result):
    """What is known of a name."""

    name: str = Field(description="The name that was asked for.")
    canonical_name: str = Field(description="The name that the records are of, after aliases.")
    record_type: RecordType = Field(description="What was asked for.")
    records: list[DnsRecord] = Field(description="The records; none where the name has none of this kind.")
    ttl: int | None = Field(None, description="How many seconds they hold.")


class DnsLookup(Tool[DnsParameters]):
    """Looks a name up in the domain name system.

    The servers of the system are asked, or those of ``nameservers`` in its settings.
    """

    name = "dns-lookup"
    category = "api"
    security = "restricted"
    aliases = ("dns_lookup",)
    Parameters = DnsParameters
    returns = DnsRecords

    async def run(self, parameters: DnsParameters, context: ToolContext) -> Outcome:
        """Look up. A name without such records has none; a name that is not there is an error."""
        import dns.exception
        import dns.resolver

        name = _name(parameters, context)
        try:
            answer = await _resolver(context).resolve(
                name, parameters.record_type, lifetime=parameters.timeout, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN:
            raise ToolError(f"there is no name '{parameters.input}'", code="not_found") from None
        except dns.resolver.LifetimeTimeout:
            told = f"no server of names answered within {parameters.timeout:g} s"
            raise ToolError(told, code="timeout") from None
        except dns.resolver.NoNameservers as error:
            raise ToolError(f"the servers of names refused it: {error}", code="lookup_failed") from None
        except dns.exception.DNSException as error:
            raise ToolError(
                f"'{parameters.input}' cannot be looked up: {error}", code="invalid_input"
            ) from None
        return _outcome(parameters, answer)


def _name(parameters: DnsParameters, context: ToolContext) -> str:
    """The name that goes over the wire. Raises SecurityError: look-ups tell others what was asked."""
    if parameters.record_type != "PTR":
        return allowed_name(context.permissions, parameters.input, _PORT)
    from dns.reversename import from_address

    try:
        address = ip_address(parameters.input.strip())
    except ValueError:
        raise ToolError(
            f"'{parameters.input}' is no address; PTR asks for one", code="invalid_input"
        ) from None
    allowed_name(context.permissions, str(address), _PORT)
    return from_address(str(address)).to_text()


def _resolver(context: ToolContext) -> Resolver:
    from dns.asyncresolver import Resolver
    from dns.resolver import NoResolverConfiguration

    settings = context.settings.get("dns-lookup", {})
    servers = settings.get("nameservers")
    try:
        resolver = Resolver(configure=not servers)
        if servers:
            resolver.nameservers = servers
            resolver.port = settings.get("port", _PORT)
    except (NoResolverConfiguration, ValueError) as error:
        raise ToolError(
            f"there is no server of names to ask: {error}; set 'nameservers' in [tools.settings.dns-lookup]",
            code="needs_configuration",
        ) from None
    return resolver


def _outcome(parameters: DnsParameters, answer: Answer) -> Outcome:
    records = [_record(one) for one in answer.rrset or ()]
    result = DnsRecords(
        name=parameters.input,
        canonical_name=answer.canonical_name.to_text(omit_final_dot=True),
        record_type=parameters.record_type,
        records=sorted(records, key=lambda one: (one.priority or 0, one.value)),
        ttl=answer.rrset.ttl if answer.rrset else None,
    )
    text = "\n".join(one.value for one in result.records)
    found = counted(len(records), f"{parameters.record_type} record")
    return Outcome("lookup", result, text, f"'{parameters.input}' has {found}")


def _record(data: Any) -> DnsRecord:
    match data.rdtype.name:
        case "MX":
            return DnsRecord(value=_plain(data.exchange), priority=data.preference)
        case "SRV":
            return DnsRecord(
                value=_plain(data.target), priority=data.priority, weight=data.weight, port=data.port
            )
        case "TXT":
            return DnsRecord(value=b"".join(data.strings).decode("utf-8", "replace"))
        case "CNAME" | "NS" | "PTR":
            return DnsRecord(value=_plain(data.target))
        case _:
            return DnsRecord(value=data.to_text())


def _plain(name: Any) -> str:
    return str(name.to_text(omit_final_dot=True))
