"""What all capabilities share: stamped rows, time zones, names of streams, and the API's conventions."""
