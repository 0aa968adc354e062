"""The web page, its sign-in, and the demo tasks."""
