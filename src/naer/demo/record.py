"""The demo's municipal record: sends the admission report that a message asked for.

Only for messages that a visitor fed in; what the demo itself plays has its own answers. In demo mode only:
elsewhere nobody but the municipality's own system may say that a report was sent.
"""

import uuid
from collections.abc import Callable

from django.conf import settings

from naer.events.instant import MINUTE, Instant
from naer.site.messaging import telling
from naer.site.messaging.models import Message
from naer.site.pathways import actions, live
from naer.site.pathways.actor import Process
from naer.site.pathways.models import Obligation

NAME = "demo municipal record"
REPORT = "admission_report"
AFTER = MINUTE
"""How long it takes: enough to see that the report is owed."""

MOST = 50
"""Reports in one turn."""


def answer(now: Instant, new_id: Callable[[], str] = lambda: str(uuid.uuid4())) -> int:
    """Send the reports that were asked for at least `AFTER` ago; how many there were."""
    if settings.MODE != "demo":
        return 0
    asked = Message.objects.filter(
        received__lte=now - AFTER, stored=True, channel__in=("http", "upload", "command")
    )
    owed = Obligation.objects.filter(
        outcome="", withdrawn=False, owed_by_role="municipality", trigger__in=asked.values("event")
    )
    sent = 0
    for one in owed.order_by("id")[:MOST]:
        if REPORT not in live.deliveries(one.agreement, one.clause):
            continue
        try:
            _send(one, now, new_id)
        except actions.ActionRefusedError:
            continue
        sent += 1
    return sent


def _send(owed: Obligation, now: Instant, new_id: Callable[[], str]) -> None:
    """The report as the message that says it; where the parties have no addresses for one, as recorded."""
    actor, said = Process(NAME, owed.owed_by), {"channel": "message"}
    offered = telling.offer_for(actor, owed, {REPORT})
    if offered is None:
        actions.fulfil(actor, owed.pk, now=now, new_id=new_id, kind=REPORT, attributes=said)
        return
    telling.fulfil(actor, owed, offered, kind=REPORT, at=now, attributes=said, now=now, new_id=new_id, hold=0)
