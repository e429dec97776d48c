"""The process beside a server that delivers the outbox and empties the inboxes of the file drop.

`naer serve` and `naer demo` start one for themselves. Several may run: a message is claimed before it
leaves. It may be ended at any moment; what it had claimed is tried again when the claim runs out.
"""

import os
import signal
import sys
import time

EVERY_S = 1.0
"""Between two rounds."""
NAME = "outbox"


def work(parent: int, every: float = EVERY_S) -> None:
    """Round after round until left alone by `parent`."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from naer.site import boot

    boot.setup()
    boot.settle()
    from naer.site.fhir import work as fhir_work
    from naer.site.messaging.exchange import once
    from naer.site.notifications import work as told_work
    from naer.site.trouble import Trouble

    boot.before_threads()
    fhir_work.beside()
    told_work.beside()
    trouble = Trouble("naer.outbox", "the outbox is in trouble; tried again")
    while os.getppid() == parent:
        with trouble.caught():
            once(NAME)
        time.sleep(every)


if __name__ == "__main__":
    work(int(sys.argv[1]))
