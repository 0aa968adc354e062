"""Who connects."""
