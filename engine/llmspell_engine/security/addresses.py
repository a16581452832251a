"""Which hosts may be reached, by what their names lead to.

A host is allowed by its name or by its address. What is not listed and is public is allowed by most
profiles; addresses of private networks, of the machine itself and of services of a cloud are not, however
they are written and whatever name leads there. All addresses of a name have to be allowed: one of them
that is not refuses it.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

    from llmspell_engine.security.permissions import Permissions

Address = IPv4Address | IPv6Address
_LONGEST_URL = 8192
_PORTS = {"http": 80, "https": 443}
_UNWRITTEN = re.compile(r"[\x00-\x20\x7f\\]")
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}\.?", re.IGNORECASE)
"""What systems take for an IPv4 address: ``127.1``, ``0x7f000001``, ``017700000001`` among them."""
_NAT64 = ip_network("64:ff9b::/96")
_CLOUD = tuple(map(ip_network, ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32")))
"""Where clouds answer with the credentials of the machine that asks."""


@dataclass(frozen=True, slots=True)
class CheckedUrl:
    """A URL that may be fetched, and the addresses to fetch it from, the best one first."""

    url: httpx.URL
    addresses: tuple[str, ...]

    def __str__(self) -> str:
        """For the audit: who is asked, and where."""
        return f"{self.url.scheme}://{self.url.host} at {self.addresses[0]}"


async def check_url(permissions: Permissions, url: str | httpx.URL) -> CheckedUrl:
    """A URL of the web, checked by all that it may hide. Raises SecurityError, and OSError."""
    parsed = parsed_url(permissions, url)
    port = parsed.port or _PORTS[parsed.scheme]
    return CheckedUrl(parsed, await checked_addresses(permissions, parsed.host, port))


def parsed_url(permissions: Permissions, url: str | httpx.URL) -> httpx.URL:
    """A URL by the same parser that will fetch it, where its form is allowed. Raises SecurityError."""
    import httpx

    text = str(url)
    if len(text) > _LONGEST_URL:
        raise permissions.refuse(f"a URL of {len(text)} characters", "urls", "shorten it")
    if _UNWRITTEN.search(text):
        remedy = "write it with percent signs, as %20 and %5C"
        raise permissions.refuse(
            f"the URL {text!r} with blanks, control characters or backslashes", "urls", remedy
        )
    try:
        parsed = httpx.URL(text)
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise permissions.refuse(f"the URL {text!r}, which is malformed: {error}", "urls") from None
    if parsed.scheme not in _PORTS or not parsed.host:
        raise permissions.refuse(f"the URL '{text}'", "urls", "use http:// or https:// and a host")
    if parsed.userinfo:
        remedy = "send credentials in a header"
        raise permissions.refuse(f"credentials in the URL of '{parsed.host}'", "urls", remedy)
    for held in permissions.all:
        if held.rules.https and parsed.scheme != "https" and not _is_listed(held, parsed.host, None):
            raise held.refuse(f"'{text}', which is not encrypted", "hosts", "use https://")
    return parsed


async def checked_addresses(permissions: Permissions, host: str, port: int) -> tuple[str, ...]:
    """The addresses of a host to connect to. Raises SecurityError, and OSError where there is none."""
    name = canonical_host(permissions, host)
    literal = _literal(name)
    if literal is None:
        _check_name(permissions, name, port)
    found = [literal] if literal is not None else await _looked_up(name, port)
    for held in permissions.all:
        for address in found:
            _check_address(held, name, address, port)
    return tuple(map(str, found))


def allowed_name(permissions: Permissions, host: str, port: int) -> str:
    """A host's name that may be looked up, as it goes over the wire. Raises SecurityError."""
    name = canonical_host(permissions, host)
    _check_name(permissions, name, port)
    return name


def canonical_host(permissions: Permissions, host: str) -> str:
    """A host's name as it goes over the wire: lower case, in ASCII, no last dot. Raises SecurityError."""
    name = host.strip("[]").rstrip(".").lower()
    if not name or "%" in name or _UNWRITTEN.search(name):
        raise permissions.refuse(f"the host {host!r}", "hosts", "write its plain name or address")
    if _literal(name) is None and _NUMERIC.fullmatch(name):
        remedy = "write the address as four numbers, as in 192.0.2.1"
        raise permissions.refuse(f"the host '{host}', an address in an unusual form", "hosts", remedy)
    if name.isascii():
        return name
    import idna

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise permissions.refuse(f"the host {host!r}, which is no name", "hosts") from None


def _literal(name: str) -> Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


async def _looked_up(name: str, port: int) -> list[Address]:
    from anyio import getaddrinfo

    found = await getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(entry[4][0].partition("%")[0]) for entry in found))


def _check_name(permissions: Permissions, name: str, port: int) -> None:
    """Refuse a name before it is looked up: the look-up itself would tell its server what was asked."""
    for held in permissions.all:
        if held.rules.hosts == "listed" and not _is_listed(held, name, port):
            raise _refused(held, f"the host '{name}'", name)


def _check_address(permissions: Permissions, name: str, address: Address, port: int) -> None:
    level = permissions.rules.hosts
    if level == "all" or _is_listed(permissions, str(address), port):
        return
    what = f"the host '{name}'" if name == str(address) else f"the host '{name}' at {address}"
    if _is_of_cloud(address):
        raise _refused(permissions, f"{what}, a service of the machine's own network", str(address))
    is_named = _is_listed(permissions, name, port, exactly=True)
    if level != "local" and not is_public(address) and not is_named:
        raise _refused(permissions, f"{what}, an address of a private network", name)
    if level == "listed" and not _is_listed(permissions, name, port):
        raise _refused(permissions, what, name)


def _refused(permissions: Permissions, what: str, name: str) -> Exception:
    remedy = f'allow it with --allow-host {name} or hosts = ["{name}"] in [security]'
    return permissions.refuse(what, "hosts", remedy)


def is_public(address: Address) -> bool:
    """Whether an address is one of the public network, with those that carry another inside looked into."""
    if isinstance(address, IPv6Address):
        return address.is_global and not address.is_multicast and all(map(is_public, _carried(address)))
    return address.is_global and not address.is_multicast


def _is_of_cloud(address: Address) -> bool:
    inside = _carried(address) if isinstance(address, IPv6Address) else ()
    return any(each in network for each in (address, *inside) for network in _CLOUD)


def _carried(address: IPv6Address) -> Sequence[Address]:
    """The IPv4 addresses that an IPv6 address leads to: mapped, translated, tunnelled."""
    found: list[Address | None] = [address.ipv4_mapped, address.sixtofour]
    if address.teredo:
        found += address.teredo
    if address in _NAT64:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in found if each is not None]


def _is_listed(permissions: Permissions, name: str, port: int | None, *, exactly: bool = False) -> bool:
    return any(_matches(entry, name, port, exactly) for entry in permissions.hosts)


def _matches(entry: str, name: str, port: int | None, exactly: bool) -> bool:
    """Whether an entry of the list means a host: ``name``, ``*.name``, ``*``, an address, a network.

    All may end with ``:port``. With ``exactly``, stars mean nothing.
    """
    pattern, listed_port = _split_port(entry.strip().lower())
    if listed_port is not None and port is not None and listed_port != port:
        return False
    if pattern == name:
        return True
    if (address := _literal(name)) is not None:
        return _holds(pattern, address)
    if exactly:
        return False
    return pattern == "*" or (pattern.startswith("*.") and name.endswith(pattern[1:]))


def _split_port(entry: str) -> tuple[str, int | None]:
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(\d+))?", entry)
    if bracketed:
        return bracketed[1], int(bracketed[2]) if bracketed[2] else None
    host, colon, port = entry.rpartition(":")
    if colon and ":" not in host and port.isdigit():
        return host, int(port)
    return entry, None


def _holds(pattern: str, address: Address) -> bool:
    try:
        return address in ip_network(pattern, strict=False)
    except ValueError:
        return False
