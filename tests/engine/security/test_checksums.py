"""What is loaded as code holds what its checksum says, in both languages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest
from llmspell_engine.assembly import AssemblyError, Launch, assemble
from llmspell_engine.language import Language
from llmspell_engine.runtime.base import ScriptError, Streams
from llmspell_engine.runtime.create import create
from llmspell_engine.security.checksums import ChecksumsError, read_checksums
from support.runtime import SUFFIX, both

PROGRAM = {
    "lua": "print((require('lib.value')))",
    "javascript": "import value from './lib/value.js'; console.log(value)",
}
MODULE = {"lua": "return 7", "javascript": "export default 7"}
SECURITY = "[security]\nchecksums = 'modules.sha256'\n"


@dataclass(frozen=True)
class Case:
    """A profile, what the file of checksums says of the module, and how the script ends."""

    name: str
    profile: str
    line: str
    expect: str

    def __str__(self) -> str:
        """For the names of tests."""
        return self.name


RIGHT, OTHER, NONE = "{digest}  lib/value{suffix}", "0" * 64 + "  lib/value{suffix}", "# nothing yet"
CHANGED, UNKNOWN = (
    "which is not as its checksum says (rule `checksums`)",
    "which has no checksum (rule `checksums`)",
)
CASES = [
    Case("as it was", "medium", RIGHT, "7\n"),
    Case("as it was, read as bytes", "high", "{digest} *lib/value{suffix}", "7\n"),
    Case("changed", "medium", OTHER, CHANGED),
    Case("changed, low", "low", OTHER, CHANGED),
    Case("not listed", "medium", NONE, UNKNOWN),
    Case("not listed, high", "high", NONE, UNKNOWN),
    Case("not listed, low", "low", NONE, "7\n"),
    Case("changed, none", "none", OTHER, "7\n"),
]


def ran(language: Language, folder: Path, profile: str, program: str) -> str:
    """What a program prints, or what it fails with."""
    script = folder / f"main{SUFFIX[language]}"
    script.write_text(program)
    assembly = assemble(Launch(folder=folder, script=script, profile=profile))
    printed: list[str] = []
    streams = Streams(printed.append, printed.append)
    runtime = create(language, assembly.context(language, streams), assembly.services)
    try:
        runtime.run(str(script), script.read_text())
    except ScriptError as error:
        return str(error)
    finally:
        runtime.close()
        assembly.services.close()
    return "".join(printed)


@both
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_module_is_what_its_checksum_says(case: Case, language: Language, tmp_path: Path) -> None:
    suffix = SUFFIX[language]
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / f"value{suffix}").write_text(MODULE[language])
    digest = hashlib.sha256(MODULE[language].encode()).hexdigest()
    (tmp_path / "modules.sha256").write_text(case.line.format(digest=digest, suffix=suffix) + "\n")
    (tmp_path / "llmspell.toml").write_text(SECURITY)
    assert case.expect in ran(language, tmp_path, case.profile, PROGRAM[language])


@both
@pytest.mark.parametrize(
    ("profile", "expect"), [("low", "7\n"), ("medium", "(rule `modules`)"), ("none", "7\n")]
)
def test_configured_folders_are_the_white_list_of_low(
    profile: str, expect: str, language: Language, tmp_path: Path
) -> None:
    folder, shared = tmp_path / "project", tmp_path / "shared"
    (shared / "lib").mkdir(parents=True)
    folder.mkdir()
    (shared / "lib" / f"value{SUFFIX[language]}").write_text(MODULE[language])
    (folder / "llmspell.toml").write_text(f"[engine.{language}]\npath = ['../shared']\n")
    program = PROGRAM[language].replace("./lib", "lib")
    assert expect in ran(language, folder, profile, program)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("what is this", "modules.sha256:1: this is no line of sha256sum"),
        ("# first\n\nabc  x.lua", "modules.sha256:3: this is no line of sha256sum"),
        (None, "modules.sha256' cannot be read: no such file or directory"),
    ],
)
def test_what_cannot_be_read_is_told(text: str | None, told: str, tmp_path: Path) -> None:
    file = tmp_path / "modules.sha256"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ChecksumsError) as raised:
        read_checksums(file)
    assert told in str(raised.value)
    (tmp_path / "llmspell.toml").write_text(SECURITY)
    with pytest.raises(AssemblyError, match="sha256"):
        assemble(Launch(folder=tmp_path))
