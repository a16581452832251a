"""Running scripts: one ABC, two languages, one value bridge."""
