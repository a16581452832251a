"""Tools for interfaces of others. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {}
