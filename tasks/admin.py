"""Everything by hand, for the people who run the place. What is changed here reaches the clients like any change."""

from tasks.capabilities import modules_named

registered = list(modules_named("admin"))
"""Each registers its models when it is imported."""
