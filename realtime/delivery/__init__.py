"""From the log to this process's sockets."""
