"""One module a command: ``configure`` states its arguments, ``main`` runs it and gives the exit code."""
