"""Large synthetic regions: up to a million citizens, made in columns and written in bulk."""
