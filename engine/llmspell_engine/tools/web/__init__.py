"""Tools for the web. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {}
