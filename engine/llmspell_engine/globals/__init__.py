"""What the declared API does: one module a global, each implementing its declaration in ``api/``."""
