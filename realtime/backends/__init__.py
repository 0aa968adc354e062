"""Django's database backends, with the event log numbered as the last step before each commit."""
