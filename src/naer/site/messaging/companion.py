"""The process beside a server that delivers the outbox and empties the inboxes of the file drop.

`naer serve` and `naer demo` start one for themselves. Several may run: a message is claimed before it
leaves. It may be ended at any moment; what it had claimed is tried again when the claim runs out.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

EVERY_S = 1.0
"""Between two rounds."""
NAME = "outbox"
_log = structlog.get_logger("naer.outbox")


@contextmanager
def running() -> Iterator[None]:
    """A process that delivers runs as long as this is entered."""
    child = subprocess.Popen([sys.executable, "-m", "naer.site.messaging.companion", str(os.getpid())])  # noqa: S603
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()


def work(parent: int, every: float = EVERY_S) -> None:
    """Round after round until left alone by `parent`; trouble is logged once until it changes."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from naer.site import boot

    boot.setup()
    boot.settle()
    from django.db import close_old_connections

    from naer.site.fhir import work as fhir_work
    from naer.site.messaging.exchange import once

    fhir_work.beside()
    trouble = ""
    while os.getppid() == parent:
        try:
            once(NAME)
            trouble = ""
        except Exception as error:
            if trouble != type(error).__name__:
                trouble = type(error).__name__
                _log.exception("the outbox is in trouble; tried again", error=trouble)
            close_old_connections()
        time.sleep(every)


if __name__ == "__main__":
    work(int(sys.argv[1]))
