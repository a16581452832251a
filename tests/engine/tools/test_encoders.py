"""Digests, Base64 and identifiers."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tools import Case, check_case, check_raises, check_refused, check_tool, each_case, payload

HASH, BASE64, UUID = "hash-calculator", "base64-encoder", "uuid-generator"


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_digests_of_texts_and_files(tmp_path: Path, algorithm: str) -> None:
    (tmp_path / "f").write_text("abc")
    expected = hashlib.new(algorithm, b"abc").hexdigest()
    parameters = {"operation": "hash", "input": "abc", "algorithm": algorithm}
    check_tool(HASH, parameters, hash=expected, algorithm=algorithm, format="hex", text=expected)
    of_file = {"operation": "hash", "input_type": "file", "file": "f", "algorithm": algorithm}
    check_tool(HASH, of_file, root=tmp_path, hash=expected)


def test_verify() -> None:
    digest = payload(HASH, {"operation": "hash", "data": "abc", "format": "base64"})["hash"]
    verify = {"operation": "verify", "input": "abc", "expected_hash": digest, "expected_format": "base64"}
    check_tool(HASH, verify, verified=True, algorithm="sha256", expected=None)
    check_tool(HASH, {**verify, "input": "abd"}, verified=False, expected=digest)
    check_raises(HASH, {**verify, "expected_format": "hex"}, "invalid_input", "is no digest in hex")


def test_wrong_calls_of_the_hash_calculator(tmp_path: Path) -> None:
    check_refused(HASH, {"operation": "hash"}, "'input' or 'file' is missing; the operation 'hash' needs it")
    check_refused(
        HASH,
        {"operation": "verify", "input": "x"},
        "'expectedHash' is missing; the operation 'verify' needs it",
        language="javascript",
    )
    check_refused(
        HASH,
        {"operation": "hash", "input": "x", "algorithm": "sha265"},
        '\'algorithm\' must be one of "md5", "sha1", "sha256", "sha512", but "sha265" was given; '
        'did you mean "sha256"?',
    )
    check_raises(HASH, {"operation": "hash", "file": "x"}, "invalid_input", "'input' is missing")
    check_raises(
        HASH, {"operation": "hash", "input": "x", "input_type": "file"}, "invalid_input", "'file' is missing"
    )
    of_file = {"operation": "hash", "input_type": "file", "file": "nope"}
    check_raises(HASH, of_file, "not_found", "'nope' does not exist", root=tmp_path)
    check_raises(HASH, {**of_file, "file": "../x"}, "forbidden", "does not allow reading", root=tmp_path)


@pytest.mark.parametrize("variant", ["standard", "url-safe"])
@given(data=st.binary(max_size=50))
def test_base64_there_and_back(variant: str, data: bytes) -> None:
    encode = {"operation": "encode", "input": data.hex(), "binary_input": True, "variant": variant}
    coded = payload(BASE64, encode)["output"]
    found = payload(BASE64, {"operation": "decode", "input": coded, "variant": variant})
    assert (bytes.fromhex(found["output"]) if found["binary"] else found["output"].encode()) == data
    assert found["size"] == len(data)


BASE64_CALLS = [
    Case(
        "text is encoded",
        {"operation": "encode", "input": "héllo?>"},
        {"output": "aMOpbGxvPz4=", "binary": False},
    ),
    Case("url-safe", {"operation": "encode", "input": "?>", "variant": "url-safe"}, {"output": "Pz4="}),
    Case("blanks are passed over", {"operation": "decode", "input": " aGk \n"}, {"output": "hi"}, text="hi"),
    Case(
        "bytes are hexadecimal", {"operation": "decode", "input": "_-8"}, {"output": "ffef", "binary": True}
    ),
    Case(
        "a file is encoded into a file",
        {"operation": "encode", "input_file": "in", "output_file": "coded"},
        {"output": None, "output_file": "coded", "size": 4},
        files={"in": b"\x00\xff"},
        leaves={"coded": "AP8="},
    ),
    Case(
        "a file is decoded into a file",
        {"operation": "decode", "input_file": "coded", "output_file": "out"},
        {"size": 2},
        files={"coded": "AP8="},
        leaves={"out": b"\x00\xff"},
    ),
    Case(
        "nothing to encode",
        {"operation": "encode"},
        refused="'input' or 'input_file' is missing; the operation 'encode' needs it",
    ),
    Case(
        "no Base64", {"operation": "decode", "input": "*"}, fails=("invalid_input", "'input' is not Base64")
    ),
    Case(
        "a digit too many",
        {"operation": "decode", "input": "abcde"},
        fails=("invalid_input", "is not Base64"),
    ),
    Case(
        "no bytes",
        {"operation": "encode", "input": "zz", "binary_input": True},
        fails=("invalid_input", "is not hexadecimal"),
    ),
    Case(
        "a file outside",
        {"operation": "encode", "input": "x", "output_file": "../x"},
        fails=("forbidden", "does not allow"),
        leaves={"../x": None},
    ),
    Case(
        "no such file, and none is made",
        {"operation": "encode", "input_file": "nope", "output_file": "made"},
        fails=("not_found", "'nope' does not exist"),
        leaves={"made": None},
    ),
]


@each_case(BASE64_CALLS)
def test_calls_of_the_base64_encoder(case: Case, tmp_path: Path) -> None:
    check_case(BASE64, case, tmp_path)


def test_older_scripts_find_it_by_its_older_name() -> None:
    check_tool("base64_encoder", {"operation": "decode", "input": "aGk"}, output="hi")


@pytest.mark.parametrize(
    ("notation", "length"), [("standard", 36), ("simple", 32), ("urn", 45), ("braced", 38)]
)
def test_uuids_in_every_notation_are_valid(notation: str, length: int) -> None:
    for version in ("v1", "v4"):
        made = payload(UUID, {"version": version, "format": notation})
        assert len(made["uuid"]) == length
        check_tool(UUID, {"operation": "validate", "uuid": made["uuid"]}, valid=True, version=version)


def test_uuids_of_names() -> None:
    of_name = {"namespace": "dns", "name": "example.org"}
    expected = str(uuid.uuid5(uuid.NAMESPACE_DNS, "example.org"))
    check_tool(UUID, {"version": "v5", **of_name}, uuid=expected, text=expected)
    check_tool(
        UUID, {"operation": "deterministic", **of_name}, id=expected, namespace="dns", name="example.org"
    )
    own = {**of_name, "namespace": str(uuid.NAMESPACE_URL)}
    check_tool(UUID, {"version": "v5", **own}, uuid=str(uuid.uuid5(uuid.NAMESPACE_URL, "example.org")))


@pytest.mark.parametrize(
    ("parameters", "pattern"),
    [
        ({"operation": "component_id", "prefix": "agent", "short": True}, r"agent_[0-9a-f]{8}"),
        ({"operation": "component_id", "prefix": "agent"}, r"agent_[0-9a-f-]{36}"),
        (
            {"operation": "custom", "prefix": "a", "suffix": "z", "short": True, "timestamp": True},
            r"a_\d{10}_[0-9a-f]{8}_z",
        ),
        ({"operation": "custom"}, r"[0-9a-f-]{36}"),
    ],
)
def test_readable_identifiers(parameters: dict[str, Any], pattern: str) -> None:
    import re

    assert re.fullmatch(pattern, payload(UUID, parameters)["id"])


def test_wrong_calls_of_the_uuid_generator() -> None:
    check_refused(UUID, {"operation": "validate"}, "'uuid' is missing; the operation 'validate' needs it")
    check_refused(UUID, {"short": 1}, "'short' must be true or false, but 1 was given")
    check_refused(UUID, {"formt": "urn"}, "there is no 'formt'; did you mean 'format'?")
    check_raises(UUID, {"version": "v5"}, "invalid_input", "needs a 'name'")
    check_raises(
        UUID, {"version": "v5", "namespace": "x", "name": "y"}, "invalid_input", "'x' is no namespace"
    )
    check_tool(UUID, {"operation": "validate", "uuid": "{not-one}"}, valid=False, version=None)


@given(st.text(max_size=50))
def test_what_is_valid_can_be_read(text: str) -> None:
    if payload(UUID, {"operation": "validate", "uuid": text})["valid"]:
        uuid.UUID(text.strip())
