"""The debug adapter: DAP at the edge of the engine."""
