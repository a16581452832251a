"""Tools for files and folders. ``TOOLS`` says in which module each is, by its name."""

TOOLS: dict[str, str] = {
    "archive-handler": "archive_handler.ArchiveHandler",
    "file-converter": "file_converter.FileConverter",
    "file-operations": "file_operations.FileOperations",
    "file-search": "file_search.FileSearch",
    "file-watcher": "file_watcher.FileWatcher",
}
