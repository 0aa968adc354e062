"""Quick add: one line of text becomes a task. The parser needs no database; docs/quick-add.md has the grammar."""
