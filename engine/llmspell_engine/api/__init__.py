"""The script API, declared once: what ``tools/generate.py`` compiles into the catalog and the stubs."""
