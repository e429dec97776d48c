"""Processes beside a server: started with it, and ended with it.

Each is a module that is run with the server's process id: it works in rounds as long as that is its parent,
and may be ended at any moment.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

OUTBOX, RESULTS, DAY = "naer.site.messaging.companion", "naer.site.governance.follow", "naer.demo.ticker"
"""Delivers the outbox; counts the results; moves the demo's day."""
_ENDS_WITHIN_S = 10.0


@contextmanager
def running(module: str) -> Iterator[None]:
    """A process that runs `module` lives as long as this is entered."""
    child = subprocess.Popen([sys.executable, "-m", module, str(os.getpid())])  # noqa: S603
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(timeout=_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
