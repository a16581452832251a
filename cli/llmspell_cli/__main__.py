"""``python -m llmspell_cli`` is the ``llmspell`` command."""

import sys

from llmspell_cli.main import main

sys.exit(main())
