"""The tools that scripts run by name: one file each, on the base class in ``base``."""
