"""Tools for files and folders. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {
    "file-operations": "file_operations.FileOperations",
}
