"""Streams of events that reach every connected client, in order and without loss. Begin with `realtime.events`."""
