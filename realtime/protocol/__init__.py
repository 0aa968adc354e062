"""What is said on the socket."""
