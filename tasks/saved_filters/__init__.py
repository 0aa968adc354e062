"""Filters of tasks that a person keeps under a name."""
