"""One module a request: convert in, one engine call, convert out."""
