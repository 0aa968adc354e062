"""Where a person has their lists in the navigation: each their own order, and their own favourites."""
