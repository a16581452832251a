"""A server of names on the loopback interface: answers over UDP from a zone that the test writes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.zone


@contextmanager
def dns_server(zone: str, origin: str) -> Iterator[int]:
    """Serve a zone, and give the port. Names with ``silent`` are not answered, with ``broken`` refused."""
    records = dns.zone.from_text(zone, origin=origin, relativize=False, check_origin=False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.05)
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, records, over))
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join(10)


def _serve(server: socket.socket, records: dns.zone.Zone, over: threading.Event) -> None:
    while not over.is_set():
        try:
            data, sender = server.recvfrom(4096)
        except TimeoutError:
            continue
        if (answer := _answer(dns.message.from_wire(data), records)) is not None:
            server.sendto(answer.to_wire(), sender)


def _answer(query: dns.message.Message, records: dns.zone.Zone) -> dns.message.Message | None:
    asked = query.question[0]
    name = asked.name.to_text()
    if name.startswith("silent"):
        return None
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.RA
    if name.startswith("broken"):
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif asked.name not in records:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    else:
        _fill(answer, asked, records)
    return answer


def _fill(answer: dns.message.Message, asked: dns.rrset.RRset, records: dns.zone.Zone) -> None:
    found = records.get_rrset(asked.name, asked.rdtype)
    alias = records.get_rrset(asked.name, dns.rdatatype.CNAME)
    if found is None and alias is not None:
        answer.answer.append(alias)
        found = records.get_rrset(alias[0].target, asked.rdtype)
    if found is not None:
        answer.answer.append(found)
