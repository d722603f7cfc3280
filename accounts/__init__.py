"""Users, sign-in, API keys and the one change log. Knows no station."""
