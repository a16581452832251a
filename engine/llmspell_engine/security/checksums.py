"""Checksums of files that may be loaded as code, in the form that ``sha256sum`` writes and checks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"(?P<digest>[0-9a-fA-F]{64}) [ *](?P<path>.+)")


class ChecksumsError(ValueError):
    """A file of checksums cannot be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Checksums:
    """What the contents of files have to be."""

    file: Path
    """Where they stand."""
    digests: Mapping[Path, str]
    """SHA-256 in small hexadecimal digits, by the path that is left when links are followed."""

    def verdict(self, path: Path, content: bytes) -> bool | None:
        """Whether a file's content is what it has to be; None where the file is not listed."""
        wanted = self.digests.get(path.resolve())
        return None if wanted is None else hashlib.sha256(content).hexdigest() == wanted


def read_checksums(file: Path) -> Checksums:
    """The checksums of a file; its paths start at its own folder. Raises ChecksumsError."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise ChecksumsError(f"the checksums '{file}' cannot be read: {why}") from None
    digests: dict[Path, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise ChecksumsError(
                f"{file}:{number}: this is no line of sha256sum: 64 digits, two blanks, a path"
            )
        digests[(file.parent / found["path"]).resolve()] = found["digest"].lower()
    return Checksums(file, digests)
