"""From escalations to the people who are told: the agreement says which side, and whether its leader.

The step that fired is the one of `pathways.tick`, its notice the one in the outbox: here it reaches people.
"""

import re
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from naer.events.instant import DAY, Instant
from naer.site.access import rules
from naer.site.access.table import WORKS_AT
from naer.site.accounts.models import User
from naer.site.messaging.models import OutgoingMessage
from naer.site.messaging.outbox import ESCALATION
from naer.site.notifications import actions
from naer.site.notifications.models import Gathered, Preference
from naer.site.pathways.models import EscalationStep

_ID = re.compile(r"escalation-(\d+)-(\d+)\Z")
_AGAIN = 200
"""Rows read again each time: a transaction that began earlier may end later."""
_MOST = 2_000
"""Escalations in one turn."""
_OLDEST = DAY
"""An escalation older than this is no news: the list of notices has it."""


def gather(now: Instant) -> int:
    """Tell of the escalations since the last turn; how many were read."""
    with transaction.atomic():
        mark, _ = Gathered.objects.select_for_update().get_or_create(source=ESCALATION)
        new = OutgoingMessage.objects.filter(
            kind=ESCALATION, pk__gt=mark.upto - _AGAIN, created__gte=now - _OLDEST
        )
        page = list(new.select_related("citizen").defer("content", "letter").order_by("pk")[:_MOST])
        people = _People({one.receiver for one in page})
        steps = _steps(page)
        for one in page:
            step = steps.get(one.message_id)
            if step is not None and one.state == OutgoingMessage.State.WAITING:
                _tell(one, step, people, now)
        newest = max((one.pk for one in page), default=mark.upto)
        if newest > mark.upto:
            mark.upto = newest
            mark.save(update_fields=["upto"])
    return len(page)


class _People:
    """Who is told at some organisations, asked once."""

    def __init__(self, organisations: set[str]) -> None:
        here = Q(organisation__in=organisations, is_active=True, role__in=list(WORKS_AT))
        self.of: dict[str, list[User]] = {}
        for user in User.objects.filter(here).select_related("organisation").order_by("pk"):
            if user.organisation is not None and WORKS_AT[user.role] == user.organisation.role:
                self.of.setdefault(user.organisation.key, []).append(user)
        everybody = [user.pk for users in self.of.values() for user in users]
        leading = Preference.objects.filter(user__in=everybody, leads=True)
        self.leads = set(leading.values_list("user", flat=True))

    def told(self, organisation: str, leader: bool) -> list[User]:
        """The leaders when it is for them and there are some; else everybody at work there."""
        here = self.of.get(organisation, [])
        leaders = [user for user in here if user.pk in self.leads]
        return leaders if leader and leaders else here


def _tell(one: OutgoingMessage, step: EscalationStep, people: _People, now: Instant) -> None:
    citizen = one.citizen
    if citizen is None or step.obligation.outcome or step.obligation.withdrawn:
        return
    side, _, leader = step.to.partition(".")
    users = [user for user in people.told(one.receiver, bool(leader)) if rules.may_see(user, citizen, now)]
    kind = "escalation-leader" if leader else "escalation-owed" if side == "owed_to" else "escalation"
    actions.tell(users, kind, one.message_id, now=now, citizen=citizen, obligation=step.obligation)


def _steps(page: Iterable[OutgoingMessage]) -> dict[str, EscalationStep]:
    """Message id → the step that fired, with its obligation."""
    named = {one.message_id: found for one in page if (found := _ID.match(one.message_id))}
    owed = {int(found[1]) for found in named.values()}
    known = {
        (step.obligation_id, step.step): step
        for step in EscalationStep.objects.filter(obligation__in=owed).select_related("obligation")
    }
    return {
        name: known[int(found[1]), int(found[2])]
        for name, found in named.items()
        if (int(found[1]), int(found[2])) in known
    }
