"""What the commands that run scripts have in common."""
