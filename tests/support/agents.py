"""Agents on scripted models in tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llmspell_engine.globals.services import Services
from llmspell_engine.providers import standard_providers

ANSWERS = """
tool:
  - tool_calls: [{ name: double, arguments: { n: 4 } }, { name: nope, arguments: {} }]
  - { when: nope, text: done }
endless:
  - tool_calls: [{ name: double, arguments: { n: 1 } }]
  - tool_calls: [{ name: double, arguments: { n: 1 } }]
a:
  - tool_calls: [{ name: transfer_to_b, arguments: { message: help } }]
b:
  - { when: help, text: I am b. }
broken:
  - error: it is overloaded
  - text: well again
plain:
  - text: first
  - text: second
  - text: third
sender:
  - text: I have begun.
  - tool_calls: [{ name: transfer_to_target, arguments: { message: please } }]
  - { when: Somebody else takes over, text: It was about rivers. }
mute:
  - tool_calls: [{ name: transfer_to_target, arguments: {} }]
lead:
  - tool_calls: [{ name: middle, arguments: { text: the plan } }]
  - { when: made of parts, text: all is done }
middle:
  - tool_calls: [{ name: left, arguments: { text: one } }, { name: right, arguments: { text: two } }]
  - { when: two, text: made of parts }
asks:
  - tool_calls: [{ name: helper, arguments: { text: how are you } }]
  - text: asked
itself:
  - tool_calls: [{ name: again, arguments: {} }]
  - { when: it would wait for itself, text: refused }
"""
"""What the scripted models answer."""


def scripted(folder: Path, **around: Any) -> Services:
    """Services whose scripted models give those answers."""
    path = folder / "answers.yaml"
    path.write_text(ANSWERS)
    return Services(providers=standard_providers(path), **around)
