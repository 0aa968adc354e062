"""Lists, their members, and who may read and write what."""
