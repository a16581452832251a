"""Tools for images, audio and video. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {}
