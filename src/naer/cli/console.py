"""Where tables for people go."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_ROOM = 10_000
"""Letters in a line, more than any table has."""


def for_tables() -> "Console":
    """Standard output, bold and coloured on a terminal; a table takes the width that it needs.

    A narrower terminal wraps its lines. Fitted to the terminal, names would be cut until they read the
    same, and figures until they are wrong.
    """
    from rich.console import Console

    return Console(width=_ROOM) if sys.stdout.isatty() else Console(width=_ROOM, color_system=None)
