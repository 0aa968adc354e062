"""The command line: tasks, and a client that follows the events."""
