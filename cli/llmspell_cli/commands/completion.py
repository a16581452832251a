"""``llmspell completion``: print what makes a shell complete llmspell's words.

::

    eval "$(llmspell completion bash)"          # in ~/.bashrc
    eval "$(llmspell completion zsh)"           # in ~/.zshrc, behind compinit
    llmspell completion fish | source           # in ~/.config/fish/config.fish
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

SHELLS = ("bash", "zsh", "fish")

EXAMPLES = (
    'eval "$(llmspell completion bash)"',
    "llmspell completion fish | source",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=f"the shell: {', '.join(SHELLS)}")


def main(arguments: argparse.Namespace) -> int:
    """Print the shell's code."""
    from argcomplete.shell_integration import shellcode

    sys.stdout.write(shellcode(["llmspell"], shell=arguments.shell))
    return 0
