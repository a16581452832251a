"""The tools that scripts run by name: a folder a category, a file each, on the base class in ``base``."""
