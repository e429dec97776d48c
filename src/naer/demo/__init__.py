"""A synthetic region for demonstrations: nothing in it is a real person, hospital or practice."""
