"""Moves the demo's day while the site is served: a process of its own, started by `naer demo`.

It ends when its parent does. It takes the time from the site's clock, so that pages and feed agree.
"""

import os
import signal
import sys
import threading

import structlog

SECONDS = 3.0
"""How often it looks."""
_log = structlog.get_logger("naer.demo")


def move(parent: int) -> None:
    """Play what is due, every few seconds, until stopped or left alone by `parent`."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    from naer.site import boot

    boot.setup()
    from naer.demo import load, record
    from naer.demo.day import Schedule
    from naer.site import clock
    from naer.site.pathways.tick import tick

    region = load.region()
    if region is None:
        return
    schedule = Schedule(region)
    while not stop.wait(SECONDS) and os.getppid() == parent:
        now = clock.now()
        try:
            schedule.play(now)
            record.answer(now)
            tick(now)
        except Exception as error:
            _log.exception("the demo stumbled; it goes on", error=type(error).__name__)
            schedule = Schedule(region)


if __name__ == "__main__":
    move(int(sys.argv[1]))
