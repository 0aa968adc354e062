"""Bounds of a task, and of what belongs to it."""

MAX_LABELS_OF_TASK = 50

MAX_SUBTASKS = 500
"""Of one task, besides the completed occurrences of recurring ones. They are shown, completed, moved and copied
together."""
