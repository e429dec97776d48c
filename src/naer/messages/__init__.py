"""Messages other systems send, read into values: one package for each family of standards."""

from naer.messages.reading import read

__all__ = ["read"]
