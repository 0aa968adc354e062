"""Labels: what the tasks of a list are about."""
