"""Tools for structured data. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {
    "json-processor": "json_processor.JsonProcessor",
}
