"""The Debug Adapter Protocol as typed values."""
