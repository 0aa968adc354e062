"""Who changed what, the trash, and undo."""
