"""The municipalities' record systems, as far as the demo needs one: they answer requests for a report.

Requests of the demo's own hospitals are answered by the schedule. Those that somebody sends in (upload,
HTTP, command) are answered here: most of them, a few minutes later, as if a system had done it. The rest
wait for a person.
"""

import hashlib
import uuid

from naer.events.instant import DAY, MINUTE, Instant
from naer.site.messaging.models import Message
from naer.site.pathways import actions
from naer.site.pathways.actor import Process
from naer.site.pathways.models import Obligation

CLAUSE = "admission-report"
CHANNELS = ("http", "upload", "command")
SHARE = 0.7
"""Of the requests that are answered without a person."""
SOONEST = 2 * MINUTE
LATEST = 6 * MINUTE


def answer(now: Instant) -> int:
    """Send the reports whose time has come; how many."""
    asked = dict(
        Message.objects.filter(
            channel__in=CHANNELS, stored=True, received__gt=now - DAY, received__lte=now - SOONEST
        ).values_list("event", "received")
    )
    waiting = Obligation.objects.filter(clause=CLAUSE, outcome="", withdrawn=False, trigger__in=asked)
    sent = 0
    for owed in waiting:
        delay = wait(owed.trigger)
        if delay is None or asked[owed.trigger] + delay > now:
            continue
        system = Process("record system", owed.owed_by)
        attributes = {"channel": "message", "by": "EOJ"}
        try:
            actions.fulfil(system, owed.pk, now=now, new_id=_new_id, attributes=attributes)
        except actions.ActionRefusedError:  # somebody was faster
            continue
        sent += 1
    return sent


def wait(request: str) -> Instant | None:
    """How long a request waits for its answer, the same each time; None when a person must answer."""
    digest = hashlib.sha256(request.encode()).digest()
    if digest[0] >= SHARE * 256:
        return None
    return SOONEST + (LATEST - SOONEST) * digest[1] // 255


def _new_id() -> str:
    return str(uuid.uuid4())
