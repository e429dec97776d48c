"""The `naer` command."""
