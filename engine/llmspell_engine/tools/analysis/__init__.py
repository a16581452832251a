"""Tools for analysing texts and numbers. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {}
