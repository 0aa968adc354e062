"""Reminders: each belongs to one person and one task, and is told to that person alone."""
