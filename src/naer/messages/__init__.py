"""Messages other systems send, read into values: one package for each family of standards."""
