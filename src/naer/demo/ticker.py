"""Moves the demo's day while the site is served: a process of its own, started by `naer demo`.

It ends when its parent does. It takes the time from the site's clock, so that pages and feed agree.
"""

import os
import signal
import sys
import threading

SECONDS = 3.0
"""How often it looks."""


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
    from naer.site.trouble import Trouble

    region = load.region()
    if region is None:
        return
    schedule, trouble = Schedule(region), Trouble("naer.demo", "the demo stumbled; it goes on")
    while not stop.wait(SECONDS) and os.getppid() == parent:
        now = clock.now()
        with trouble.caught():
            schedule.play(now)
            record.answer(now)
            tick(now)
        if trouble.now:
            schedule = Schedule(region)


if __name__ == "__main__":
    move(int(sys.argv[1]))
