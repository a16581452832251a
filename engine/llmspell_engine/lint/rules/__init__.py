"""The rules, one a module. Modules whose name begins with ``_`` are shared by several rules."""
