"""Looking names up, at a server of names of the test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from llmspell_engine.security.permissions import Permissions
from llmspell_engine.security.profiles import PROFILES
from llmspell_engine.tools.base import ToolContext
from support.dns_server import dns_server
from support.tools import Case, check_case, each_case

TOOL = "dns-lookup"
ZONE = """
$TTL 300
@ IN SOA ns.fig.test. admin.fig.test. 1 2 3 4 5
@ IN NS ns.fig.test.
@ IN MX 20 later.fig.test.
@ IN MX 10 mail.fig.test.
@ IN TXT "v=spf1 " "-all"
@ IN CAA 0 issue "ca.test"
www IN CNAME host.fig.test.
host IN A 192.0.2.2
host IN A 192.0.2.1
host IN AAAA 2001:db8::1
_sip._tcp IN SRV 1 2 5060 host.fig.test.
xn--bcher-kva IN A 192.0.2.3
"""
REVERSE = "1.2.0.192.in-addr.arpa. 60 IN PTR host.fig.test.\n"
CASES = [
    Case(
        "addresses",
        {"input": "host.fig.test"},
        gives={
            "name": "host.fig.test",
            "canonical_name": "host.fig.test",
            "record_type": "A",
            "records": [{"value": "192.0.2.1"}, {"value": "192.0.2.2"}],
            "ttl": 300,
        },
        text="192.0.2.1\n192.0.2.2",
    ),
    Case("its older name", {"domain": "HOST.fig.test."}, gives={"ttl": 300}, text="192.0.2.1\n192.0.2.2"),
    Case("of the new kind", {"input": "host.fig.test", "record_type": "AAAA"}, gives={}, text="2001:db8::1"),
    Case("an alias", {"input": "www.fig.test"}, gives={"canonical_name": "host.fig.test"}),
    Case(
        "the alias itself", {"input": "www.fig.test", "record_type": "CNAME"}, gives={}, text="host.fig.test"
    ),
    Case(
        "mail",
        {"input": "fig.test", "record_type": "MX"},
        gives={
            "records": [
                {"value": "mail.fig.test", "priority": 10},
                {"value": "later.fig.test", "priority": 20},
            ]
        },
    ),
    Case("texts", {"input": "fig.test", "record_type": "TXT"}, gives={}, text="v=spf1 -all"),
    Case("servers of names", {"input": "fig.test", "record_type": "NS"}, gives={}, text="ns.fig.test"),
    Case("who may sign", {"input": "fig.test", "record_type": "CAA"}, gives={}, text='0 issue "ca.test"'),
    Case(
        "authority",
        {"input": "fig.test", "record_type": "SOA"},
        gives={},
        text="ns.fig.test. admin.fig.test. 1 2 3 4 5",
    ),
    Case(
        "a service",
        {"input": "_sip._tcp.fig.test", "record_type": "SRV"},
        gives={"records": [{"value": "host.fig.test", "priority": 1, "weight": 2, "port": 5060}]},
    ),
    Case("in Unicode", {"input": "bücher.fig.test"}, gives={}, text="192.0.2.3"),
    Case("none of the kind", {"input": "fig.test"}, gives={"records": [], "ttl": None}, text=""),
    Case("no such name", {"input": "no.fig.test"}, fails=("not_found", "there is no name 'no.fig.test'")),
    Case("refused", {"input": "broken.fig.test"}, fails=("lookup_failed", "refused it")),
    Case(
        "silent",
        {"input": "silent.fig.test", "timeout": 0.3},
        fails=("timeout", "no server of names answered within 0.3 s"),
    ),
    Case("a label too long", {"input": "x" * 64 + ".test"}, fails=("invalid_input", "cannot be looked up")),
    Case(
        "no address", {"input": "fig.test", "record_type": "PTR"}, fails=("invalid_input", "PTR asks for one")
    ),
    Case("an address in an odd form", {"input": "0x7f000001"}, forbids="hosts"),
    Case("nothing", {"input": ""}, refused="'input' must be at least 1 character long, but \"\" was given"),
    Case(
        "no such kind",
        {"input": "x", "record_type": "ANY"},
        refused='\'record_type\' must be one of "A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", '
        '"SRV", "TXT", but "ANY" was given',
    ),
    Case("too long", {"input": "x", "timeout": 61}, refused="'timeout' must be at most 60, but 61 was given"),
]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with dns_server(ZONE, "fig.test.") as port:
        yield port


def _context(root: Path, port: int) -> ToolContext:
    settings = {TOOL: {"nameservers": ["127.0.0.1"], "port": port}}
    return ToolContext(root, settings=settings, permissions=Permissions(root=root))


@each_case(CASES)
def test_looking_up(case: Case, port: int, tmp_path: Path) -> None:
    check_case(TOOL, case, tmp_path, _context(tmp_path, port))


def test_the_name_of_an_address(tmp_path: Path) -> None:
    with dns_server(REVERSE, "2.0.192.in-addr.arpa.") as port:
        case = Case("", {"input": "192.0.2.1", "record_type": "PTR"}, gives={}, text="host.fig.test")
        check_case(TOOL, case, tmp_path, _context(tmp_path, port))


def test_only_listed_names_are_told_to_others(port: int, tmp_path: Path) -> None:
    given = _context(tmp_path, port)
    strict = replace(
        given, permissions=Permissions(rules=PROFILES["high"], root=tmp_path, hosts=("*.fig.test",))
    )
    check_case(TOOL, Case("", {"input": "host.fig.test"}, gives={}), tmp_path, strict)
    check_case(TOOL, Case("", {"input": "secret.other.test"}, forbids="hosts"), tmp_path, strict)


def test_a_server_of_names_that_is_none(tmp_path: Path) -> None:
    context = ToolContext(tmp_path, settings={TOOL: {"nameservers": ["nowhere"]}})
    check_case(
        TOOL, Case("", {"input": "x"}, fails=("needs_configuration", "'nameservers'")), tmp_path, context
    )
