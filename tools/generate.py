"""Writes what is made from the declarations: the catalog, the stubs, the reference, editor settings.

``--check`` writes nothing and fails when a file is not what it would be.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from llmspell_dap.protocol.launch import launch_schema
from llmspell_engine.api.compile import compile_catalog
from llmspell_engine.api.lua_stubs import lua_stubs
from llmspell_engine.api.reference import reference
from llmspell_engine.api.standard import compile_standard
from llmspell_engine.api.typescript import typescript
from llmspell_engine.catalog.loader import catalog_of
from llmspell_engine.catalog.members import in_short
from llmspell_engine.config.reference import config_reference
from llmspell_engine.config.schema import config_schema
from llmspell_engine.language import LANGUAGES
from llmspell_engine.lint.reference import lint_reference
from llmspell_engine.providers.services import SERVICES
from llmspell_engine.tools.registry import all_tools

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ROOT / "engine" / "llmspell_engine"
EXTENSION = ROOT / "vscode-extension"
COMMAND = "make generate"
SCHEMA = "llmspell.schema.json"


def main() -> int:
    """Write the files, or check them with ``--check``: 1 when one is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare and write nothing")
    check = parser.parse_args().check
    stale = [(path, text) for path, text in generated() if _read(path) != text]
    for path, text in stale:
        print(f"{path.relative_to(ROOT)} {'is stale' if check else 'written'}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    if stale and check:
        print(f"Run `{COMMAND}` and commit the result.", file=sys.stderr)
    return int(bool(stale) and check)


def generated() -> Iterator[tuple[Path, str]]:
    """Each generated file with the text it must have."""
    data = compile_catalog(all_tools(), ("echo", "scripted", *SERVICES))
    catalog = catalog_of(data, {})
    yield ENGINE / "catalog" / "catalog.json", _json(data)
    yield ENGINE / "catalog" / "members.json", _json(in_short(catalog))
    for language in LANGUAGES:
        yield ENGINE / "catalog" / f"standard_{language}.json", _json(compile_standard(language))
    yield ENGINE / "stubs" / "llmspell.lua", lua_stubs(catalog)
    yield ENGINE / "stubs" / "llmspell.d.ts", typescript(catalog)
    for name, text in reference(catalog):
        yield ROOT / "docs" / "reference" / name, text
    yield ROOT / "docs" / "reference" / "lint-rules.md", lint_reference()
    yield ROOT / "docs" / "reference" / "configuration.md", config_reference()
    schema = json.dumps(config_schema(), indent=2, ensure_ascii=False) + "\n"
    yield ENGINE / "config" / SCHEMA, schema
    yield EXTENSION / "schemas" / SCHEMA, schema
    yield EXTENSION / "package.json", _manifest(EXTENSION / "package.json")


def _manifest(path: Path) -> str:
    """The extension's manifest with the launch configuration as the debug adapter declares it."""
    manifest = json.loads(path.read_text("utf-8"))
    (debugger,) = manifest["contributes"]["debuggers"]
    launch = {key: value for key, value in launch_schema().items() if key != "type"}
    debugger["configurationAttributes"]["launch"] = launch
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def _json(data: Mapping[Any, Any]) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
