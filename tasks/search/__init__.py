"""Full text search of tasks, with the same results on SQLite and PostgreSQL."""
