"""The process beside a server that delivers the outbox and empties the inboxes of the file drop.

`naer serve` and `naer demo` start one for themselves. Several may run: a message is claimed before it
leaves. It may be ended at any moment; what it had claimed is tried again when the claim runs out.
"""

import os
import signal
import sys
import time

import structlog

EVERY_S = 1.0
"""Between two rounds."""
NAME = "outbox"
_log = structlog.get_logger("naer.outbox")


def work(parent: int, every: float = EVERY_S) -> None:
    """Round after round until left alone by `parent`; trouble is logged once until it changes."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from naer.site import boot

    boot.setup()
    boot.settle()
    from django.db import close_old_connections

    from naer.site.fhir import work as fhir_work
    from naer.site.messaging.exchange import once
    from naer.site.notifications import work as told_work

    boot.before_threads()
    fhir_work.beside()
    told_work.beside()
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
