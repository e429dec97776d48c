"""The site's clock: what pages and commands pass on as `now`. Only the demo can set it.

`NAER_CLOCK` is "real:shown:speed": at the real instant `real` (microseconds) the clock shows `shown`, and
from there it runs `speed` times as fast. It is read in demo mode only; elsewhere a clock that lies
would falsify the trace.
"""

import os
import time

from naer.events.instant import Instant

VARIABLE = "NAER_CLOCK"


def now() -> Instant:
    """The present instant, as the site shows it."""
    real = time.time_ns() // 1000
    setting = os.environ.get(VARIABLE)
    if not setting or os.environ.get("NAER_MODE", "demo") != "demo":
        return real
    start, shown, speed = setting.split(":")
    return int(shown) + int((real - int(start)) * float(speed))


def real() -> Instant:
    """The present instant outside the demo's world too: for sessions, lock-outs and what providers sign."""
    return time.time_ns() // 1000


def start(shown: Instant, speed: float = 1.0) -> None:
    """Let the clock show `shown` from now on and run at `speed`, in this process and those it starts."""
    os.environ[VARIABLE] = f"{time.time_ns() // 1000}:{shown}:{speed}"
