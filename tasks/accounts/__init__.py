"""People and their sign-ins: users, tokens, passwords, limits on guessing."""
