"""Bounds of a task, and of what belongs to it."""

MAX_TITLE = 500
"""Characters; also of a text to search for, and of a line for quick add."""

MAX_NOTES = 20_000

MAX_LABELS_OF_TASK = 50

MAX_SUBTASKS = 500
"""Of one task, besides the completed occurrences of recurring ones. They are shown, completed, moved and copied
together."""
