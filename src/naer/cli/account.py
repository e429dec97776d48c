"""The account of the machine a command runs under: named in the trace it leaves."""

import getpass


def account() -> str:
    """Its name, or "unknown" when the machine knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
