"""One module a topic of requests."""
