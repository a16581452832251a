"""Where control may go in a Lua script: which loop a ``break`` leaves, which label a ``goto`` finds.

What is kept here is what the grammar alone does not tell: the functions and blocks around a token, the
labels that can be seen there, and the jumps still in search of theirs. The rules are Lua's own: a label
is visible in its block and in those inside it, not in functions inside it; a jump must not enter the
scope of a local, unless the label stands at the end of the block, where that scope is over.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Jump:
    """A ``goto`` whose label has not come yet."""

    label: str
    position: int
    """The position of the label's name among the tokens."""
    locals: int
    """How many locals its block had declared by then."""


@dataclass(slots=True)
class _Block:
    labels: set[str] = field(default_factory=set)
    jumps: list[Jump] = field(default_factory=list)
    locals: int = 0


@dataclass(slots=True)
class _Function:
    is_variadic: bool
    loops: int = 0
    blocks: list[_Block] = field(default_factory=list)


class LuaFlow:
    """The functions, blocks and loops around the token at which a check has arrived."""

    def __init__(self) -> None:
        self._functions = [_Function(is_variadic=True)]

    @property
    def is_variadic(self) -> bool:
        """Whether ``...`` has a meaning here."""
        return self._functions[-1].is_variadic

    @property
    def is_in_loop(self) -> bool:
        """Whether there is a loop to leave."""
        return self._functions[-1].loops > 0

    def enter_function(self, *, is_variadic: bool) -> None:
        """A function's body begins."""
        self._functions.append(_Function(is_variadic))

    def leave_function(self) -> None:
        """A function's body has ended."""
        self._functions.pop()

    def enter_loop(self) -> None:
        """What ``break`` leaves begins."""
        self._functions[-1].loops += 1

    def leave_loop(self) -> None:
        """A loop has ended."""
        self._functions[-1].loops -= 1

    def enter_block(self) -> None:
        """A block begins."""
        self._functions[-1].blocks.append(_Block())

    def leave_block(self) -> Jump | None:
        """A block has ended; its jumps go on searching around it. The result is one that has nowhere to."""
        blocks = self._functions[-1].blocks
        ended = blocks.pop()
        if not blocks:
            return ended.jumps[0] if ended.jumps else None
        for jump in ended.jumps:
            jump.locals = blocks[-1].locals
        blocks[-1].jumps += ended.jumps
        return None

    def declare(self, number: int = 1) -> None:
        """Locals are declared in the block."""
        self._functions[-1].blocks[-1].locals += number

    def jump(self, label: str, position: int) -> None:
        """A ``goto``: back to a label that is there, or on to one that has to come."""
        if not self.sees(label):
            block = self._functions[-1].blocks[-1]
            block.jumps.append(Jump(label, position, block.locals))

    def sees(self, label: str) -> bool:
        """Whether a label of that name is visible here."""
        return any(label in block.labels for block in self._functions[-1].blocks)

    def label(self, name: str) -> None:
        """A label, from which on jumps go back to it."""
        self._functions[-1].blocks[-1].labels.add(name)

    def arrive(self, label: str, *, is_last: bool) -> Jump | None:
        """Jumps on to a label have found it; the result is one that would enter the scope of a local."""
        block = self._functions[-1].blocks[-1]
        arrived = [jump for jump in block.jumps if jump.label == label]
        block.jumps = [jump for jump in block.jumps if jump.label != label]
        return next((jump for jump in arrived if not is_last and jump.locals < block.locals), None)
