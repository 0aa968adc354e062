"""Todo lists, their members and their tasks."""
