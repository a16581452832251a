"""Contents of artifacts as what a store keeps: text as it is, bytes in Base64, what is long packed before."""

from __future__ import annotations

import base64
import binascii
import zlib
from hashlib import sha256
from typing import Any

from llmspell_engine.sessions.records import damaged

_LONG = 10 * 1024
"""From how many bytes on a content is packed, if that makes it smaller."""


def bytes_of(content: str | bytes) -> bytes:
    """The bytes of a content. Half of a surrogate pair, as JavaScript has them, is kept as well."""
    return content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")


def digest_of(data: bytes) -> str:
    """What a content is known by: its SHA-256 in hexadecimal digits."""
    return sha256(data).hexdigest()


def kept(content: str | bytes) -> dict[str, Any]:
    """A content in fields that JSON can write."""
    kind = "text" if isinstance(content, str) else "binary"
    data = bytes_of(content)
    packed = zlib.compress(data) if len(data) >= _LONG else data
    if len(packed) < len(data):
        return {"kind": kind, "coding": "zlib", "data": base64.b64encode(packed).decode()}
    if isinstance(content, str):
        return {"kind": kind, "coding": "plain", "data": content}
    return {"kind": kind, "coding": "base64", "data": base64.b64encode(data).decode()}


def content_of(fields: dict[str, Any], digest: str, what: str) -> str | bytes:
    """The content of fields, checked against its digest. Raises StateError where it is damaged."""
    try:
        coding, data, is_text = fields["coding"], fields["data"], fields["kind"] == "text"
        if coding != "plain":
            data = base64.b64decode(data, validate=True)
        if coding == "zlib":
            data = zlib.decompress(data)
        if digest_of(bytes_of(data)) != digest:
            raise damaged(what)
        return data.decode("utf-8", "surrogatepass") if is_text and isinstance(data, bytes) else data
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error, zlib.error):
        raise damaged(what) from None


def text_or_bytes(data: bytes) -> str | bytes:
    """The content of a file: text where it is some."""
    try:
        return data if b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return data
