"""Escalations as people read them: who was told of what, and that somebody has noted it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from naer.events.instant import Instant
from naer.site import bulk
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.messaging import outgoing
from naer.site.messaging.models import Delivery, OutgoingMessage
from naer.site.notifications import actions as notifications
from naer.site.pathways.actor import ENTRY, entry
from naer.site.pathways.models import Obligation
from naer.site.pathways.obligations import Row, rows

_ID = re.compile(r"escalation-(\d+)-(\d+)\Z")
_AT_ONCE = 200
"""Notices that are noted with one press."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One escalation with the obligation it is about."""

    message: OutgoingMessage
    row: Row
    new: bool


def read(messages: Iterable[OutgoingMessage], now: Instant) -> list[Notice]:
    """Notices for a page of messages; one about an obligation that was withdrawn is left out."""
    page = {_obligation(one): one for one in messages}
    owed = Obligation.objects.filter(pk__in=page, withdrawn=False)
    found = {row.obligation.pk: row for row in rows(owed, now)}
    return [
        Notice(one, found[pk], one.state == OutgoingMessage.State.WAITING)
        for pk, one in page.items()
        if pk in found
    ]


def note(user: User, chosen: Iterable[int], now: Instant) -> int:
    """Note escalations told to the user's organisation; how many were new.

    Those about citizens whom `user` may not see, and those somebody noted before, are left as they are.
    """
    with transaction.atomic():
        new = outgoing.new_notices(user, now).filter(pk__in=list(chosen)[:_AT_ONCE]).order_by("pk")
        held = list(new.select_for_update(of=("self",)).select_related("citizen"))
        traces = []
        for one in held:
            assert one.citizen is not None
            relation = rules.require(user, one.citizen, "look", now)
            traces.append(entry(user, one.citizen.key, "noted", one.message_id, relation, now))
        OutgoingMessage.objects.filter(pk__in=[one.pk for one in held]).update(
            state=OutgoingMessage.State.ACKNOWLEDGED,
            answered=now,
            closed=now,
            closed_by=user.get_username()[:64],
        )
        Delivery.objects.bulk_create(
            Delivery(message=one, at=now, outcome="delivered", detail="noted", by=user.get_username()[:64])
            for one in held
        )
        notifications.noted([one.message_id for one in held], now)
        writes = bulk.Writes()
        writes.insert("access_accessentry", ENTRY, traces)
        writes.flush()
    return len(held)


def _obligation(message: OutgoingMessage) -> int:
    found = _ID.match(message.message_id)
    return int(found[1]) if found else 0
