"""All that a person may see, in one response, with the position from which the events continue."""
