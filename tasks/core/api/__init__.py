"""What every address of the API has in common: errors, pages, filters, conditional requests."""
