"""Following the operational log: a count at most once a minute, by one process at a time.

`naer serve` and `naer demo` start a process of its own for it, with low priority, so that it takes
neither the interpreter nor the processor from the intake. Several servers on one machine share the lock
file; whoever holds it counts, the others look again later.
"""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EVERY_S = 45.0
"""Between two looks; with the time a count takes, the pages are less than a minute behind."""
_PARENT_S = 2.0
"""How often it looks whether its parent still runs."""


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether this process may count now; another one that counts is not waited for."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def follow(parent: int, every: float = EVERY_S) -> None:
    """Count now and again until left alone by `parent`.

    It may be ended at any moment: what is half done is begun anew, and the last whole count stays in force.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.nice(10)
    from naer.site import boot

    boot.setup()
    from django.conf import settings

    from naer.site import clock
    from naer.site.governance.count import count
    from naer.site.trouble import Trouble

    trouble = Trouble("naer.results", "the results were not counted; tried again soon")
    next_look = time.monotonic()
    while os.getppid() == parent:
        if time.monotonic() >= next_look:
            with trouble.caught(), alone(settings.LOG_STORE) as mine:
                if mine:
                    count(settings.LOG_STORE, clock.now(), time.time_ns() // 1000)
            next_look = time.monotonic() + every
        time.sleep(_PARENT_S)


if __name__ == "__main__":
    follow(int(sys.argv[1]))
