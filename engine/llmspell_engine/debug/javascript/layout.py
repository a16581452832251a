"""How quickjs-ng lays its memory out on 64-bit machines: tags, values, offsets.

Nothing here is trusted unseen: ``memory.py`` compares it with a known script before it is used.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

TAG_OBJECT, TAG_FUNCTION_BYTECODE = -1, -2
TAG_INT, TAG_BOOL, TAG_NULL, TAG_UNDEFINED, TAG_UNINITIALIZED, TAG_EXCEPTION = 0, 1, 2, 3, 4, 6
VALUE_SIZE = 16


class Value(ctypes.Structure):
    """A ``JSValue``: a payload and a tag."""

    _fields_ = (("payload", ctypes.c_uint64), ("tag", ctypes.c_int64))
    payload: int
    tag: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Offsets in bytes."""

    python_runtime: int = 16
    python_context: int = 24
    python_value: int = 24
    runtime_frame: int = 1264
    object_class: int = 18
    object_code: int = 48
    object_references: int = 56
    object_data: int = 48
    async_resolve: int = 16
    async_frame: int = 80
    promise_rejections: int = 24
    reaction_resolve: int = 16
    reaction_handler: int = 48


LAYOUT = Layout()

REFERENCE_VALUE = 24
"""Where a variable reference keeps the address of its value."""
