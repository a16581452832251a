"""Every parameter of a tool that names a file is held to what may be read and written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from llmspell_engine.catalog.loader import load
from llmspell_engine.security.permissions import SecurityError
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.registry import tool_named
from support.security import permissions
from support.tool_uses import files

NAMES = frozenset(
    [
        "path",
        "file",
        "file_path",
        "source_path",
        "target_path",
        "old_file",
        "new_file",
        "input_file",
        "output_file",
        "working_directory",
        "attachments",
        "database",
    ]
)
"""What parameters are called that name files."""
OTHERWISE = {("pdf-processor", "input"), ("archive-handler", "input"), ("file-watcher", "input")}
"""Those that do so by another name."""
NO_FILES = {("webhook-listener", "path")}
"""Those that are called so and name none."""
TABLE = "a,b\n1,2\n"
CALLS: dict[tuple[str, str], dict[str, Any]] = {
    ("archive-handler", "path"): {"operation": "list", "path": "{it}"},
    ("archive-handler", "target_path"): {"operation": "extract", "path": "a.zip", "target_path": "{it}"},
    ("archive-handler", "input"): {"operation": "create", "path": "b.zip", "input": ["{it}"]},
    ("audio-processor", "file_path"): {"operation": "detect", "file_path": "{it}"},
    ("audio-processor", "source_path"): {
        "operation": "convert",
        "source_path": "{it}",
        "target_path": "b.wav",
        "target_format": "wav",
    },
    ("audio-processor", "target_path"): {
        "operation": "convert",
        "source_path": "a.wav",
        "target_path": "{it}",
        "target_format": "wav",
    },
    ("base64-encoder", "input_file"): {"operation": "encode", "input_file": "{it}"},
    ("base64-encoder", "output_file"): {"operation": "encode", "input": "a", "output_file": "{it}"},
    ("csv-analyzer", "path"): {"operation": "analyze", "path": "{it}"},
    ("csv-analyzer", "target_path"): {"operation": "convert", "input": TABLE, "target_path": "{it}"},
    ("database-connector", "database"): {"operation": "query", "query": "SELECT 1", "database": "{it}"},
    ("diff-calculator", "old_file"): {"old_file": "{it}", "new_file": "a.txt"},
    ("diff-calculator", "new_file"): {"old_file": "a.txt", "new_file": "{it}"},
    ("email-sender", "attachments"): {
        "to": "a@example.com",
        "from": "b@example.com",
        "subject": "s",
        "body": "b",
        "attachments": ["{it}"],
    },
    ("file-converter", "path"): {
        "operation": "encoding",
        "to_encoding": "utf-8",
        "path": "{it}",
        "target_path": "o.txt",
    },
    ("file-converter", "target_path"): {
        "operation": "encoding",
        "to_encoding": "utf-8",
        "path": "a.txt",
        "target_path": "{it}",
    },
    ("file-operations", "path"): {"operation": "read", "path": "{it}"},
    ("file-operations", "source_path"): {
        "operation": "copy",
        "source_path": "{it}",
        "target_path": "b.txt",
    },
    ("file-operations", "target_path"): {
        "operation": "copy",
        "source_path": "a.txt",
        "target_path": "{it}",
    },
    ("file-search", "path"): {"pattern": "secret", "path": "{it}"},
    ("file-watcher", "input"): {"operation": "watch", "input": ["{it}"], "timeout_ms": 500},
    ("hash-calculator", "file"): {"operation": "hash", "input_type": "file", "file": "{it}"},
    ("image-processor", "file_path"): {"operation": "detect", "file_path": "{it}"},
    ("image-processor", "source_path"): {
        "operation": "convert",
        "source_path": "{it}",
        "target_path": "b.png",
    },
    ("image-processor", "target_path"): {
        "operation": "convert",
        "source_path": "a.png",
        "target_path": "{it}",
        "target_format": "png",
    },
    ("log-analyzer", "file"): {"file": "{it}"},
    ("markdown-processor", "path"): {"operation": "to_text", "path": "{it}"},
    ("pdf-processor", "input"): {"operation": "extract_text", "input": "{it}"},
    ("process-executor", "working_directory"): {"executable": "true", "working_directory": "{it}"},
    ("qr-code", "target_path"): {"input": "a", "target_path": "{it}"},
    ("toml-processor", "path"): {"operation": "parse", "path": "{it}"},
    ("toml-processor", "target_path"): {
        "operation": "generate",
        "value": {"a": 1},
        "target_path": "{it}",
    },
    ("video-processor", "file_path"): {"operation": "detect", "file_path": "{it}"},
    ("video-processor", "target_path"): {
        "operation": "thumbnail",
        "file_path": "a.mp4",
        "target_path": "{it}",
    },
    ("xml-processor", "path"): {"operation": "parse", "path": "{it}"},
    ("xml-processor", "target_path"): {
        "operation": "generate",
        "value": {"a": {"b": "1"}},
        "target_path": "{it}",
    },
    ("yaml-processor", "path"): {"operation": "parse", "path": "{it}"},
    ("yaml-processor", "target_path"): {
        "operation": "generate",
        "value": {"a": 1},
        "target_path": "{it}",
    },
}
PLACES = {
    "a path": "{outside}/secret.txt",
    "a way up": "../outside/secret.txt",
    "a link": "link.txt",
    "a folder that is a link": "linked/secret.txt",
    "a link that leads nowhere yet": "dangling.txt",
    "another root": "/proc/self/root{outside}/secret.txt",
}


CONTENTS = {
    "a.txt": "a.txt",
    "a.zip": "x.zip",
    "a.wav": "s.wav",
    "a.png": "p.png",
    "a.mp4": "f.mp4",
}
"""Files that are there, by those of the other tests of tools."""


def failure(name: str, given: dict[str, Any], root: Path) -> str:
    tool = tool_named(name)
    assert tool is not None
    held = permissions(root=root, processes=("true",))
    try:
        done = anyio.run(tool.completed, given, ToolContext(root, permissions=held, seconds=10))
    except (SecurityError, ToolError) as error:
        return str(error)
    return done.error.message if done.error else str(done.model_dump(exclude_none=True))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_a_path_outside_is_refused(call: tuple[str, str], place: str, tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    for name, content in CONTENTS.items():
        (root / name).write_bytes(files()[content])
    (root / "link.txt").symlink_to(outside / "secret.txt")
    (root / "linked").symlink_to(outside)
    (root / "dangling.txt").symlink_to(outside / "new.txt")
    it = PLACES[place].replace("{outside}", str(outside))
    given = {
        key: it if value == "{it}" else [it] if value == ["{it}"] else value
        for key, value in CALLS[call].items()
    }
    told = failure(call[0], given, root)
    assert "the profile 'medium' does not allow " in told, told
    assert [(one.name, one.read_text()) for one in outside.iterdir()] == [("secret.txt", "secret")]


def test_every_parameter_that_names_a_file_is_tried() -> None:
    named = {
        (tool.name, name)
        for tool in load().tools.values()
        for name, schema in tool.parameters["properties"].items()
        if name in NAMES and schema and not schema.get("deprecated")
    }
    assert named - NO_FILES | OTHERWISE == set(CALLS)
