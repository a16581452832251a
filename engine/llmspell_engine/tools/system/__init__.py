"""Tools for the system. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {}
