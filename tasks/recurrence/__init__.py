"""Rules of recurrence (RFC 5545): read, refused where they can't be used, followed from date to date, said in words.

Pure functions: no database, no model, no settings. `tasks.items` applies them to tasks.
"""
