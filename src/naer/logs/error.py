"""What can be wrong with a log as a whole; a broken row is counted instead (S35)."""


class LogError(Exception):
    """The log cannot be read. The message says what is wrong, where, and what would be right."""
