"""Views over all lists of a person: today, the days to come, and what is assigned to them."""
