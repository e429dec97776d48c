"""Conversations of the demo: its people wrote to one another this morning, so that there is some to read.

They are made once, when the demo is first served, through the same doors as everybody's: stored, sent by the
outbox within the installation, taken in, acknowledged. Some are unread, one crosses, one waits.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from naer.demo import facts
from naer.events.instant import HOUR, MINUTE, Instant
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.messaging import correspondence, delivery, thread_marks
from naer.site.messaging.correspondence import Subject
from naer.site.messaging.drafts import Written
from naer.site.messaging.models import Thread
from naer.site.pathways.actor import Process
from naer.site.pathways.models import Citizen

ACTOR = Process("naer demo")
_OLD_ENOUGH = 8 * HOUR
"""A stay is written about when it began so long ago."""
_PHONES = {"mette": "+45 12 34 56 01", "soren": "+45 12 34 56 02", "camilla": "+45 12 34 56 03"}
_MOBILITY = ("discharge", "Kan {name} gå på trapper hjemme? Soveværelset ligger vist ovenpå.")
_STAIRS = "Ja, med gelænder. Vi har en trappelift på vej, den er klar i næste uge."
_WHEN = "Tak, det giver vi videre til fysioterapien. Hvornår kan I modtage {name}?"
_MEDICINE = ("medicine", "{name} har fået doseret medicin hos os til og med fredag. Kan I tage over lørdag?")
_KEY = ("other", "Vi kan ikke finde nøglen til {name}s lejlighed. Er den på afdelingen?")


@dataclass(frozen=True, slots=True)
class _Pen:
    """Somebody who writes, at times before `now`."""

    user: User
    now: Instant
    new_id: Callable[[], str]

    def begin(self, citizen: Citizen, receiver: str, subject: Subject, text: str, ago: int) -> Thread:
        said = self._said(text, citizen)
        at = self.now - ago
        kept = correspondence.begin(self.user, citizen, receiver, said, subject, now=at, new_id=self.new_id)
        _deliver(at, self.new_id)
        return Thread.objects.get(pk=kept.thread_id)

    def reply(self, thread: Thread, text: str, ago: int) -> None:
        at = self.now - ago
        said = self._said(text, thread.citizen)
        correspondence.reply(self.user, thread, said, now=at, new_id=self.new_id)
        _deliver(at, self.new_id)

    def _said(self, text: str, citizen: Citizen) -> Written:
        first = citizen.name.split()[0] if citizen.name else "borgeren"
        return Written(text.format(name=first), phone=_PHONES.get(self.user.username, "+45 12 34 56 00"))


def begin(now: Instant) -> int:
    """Write the conversations, unless there are some; how many there are then."""
    if Thread.objects.exists():
        return Thread.objects.count()
    rng = random.Random("conversations of the demo")  # noqa: S311 - invented people
    people = {user.username: user for user in User.objects.filter(is_demo=True, username__in=_PHONES)}
    hospital = people.get("camilla")
    if hospital is None or hospital.organisation is None:
        return 0
    new_id = partial(facts.new_id, rng)

    for name in ("mette", "soren"):
        coordinator = people.get(name)
        if coordinator is None or coordinator.organisation is None:
            continue
        shared = _shared(coordinator, hospital, now)
        pens = _Pen(hospital, now, new_id), _Pen(coordinator, now, new_id)
        _write(shared, pens, hospital.organisation, coordinator.organisation)
    return Thread.objects.count()


def _shared(coordinator: User, nurse: User, now: Instant) -> list[Citizen]:
    """Citizens in hospital whom both may see, for long enough; the longest stay first."""
    seen = rules.visible_citizens(coordinator, now).filter(pk__in=rules.visible_citizens(nurse, now))
    here = seen.filter(status__in=rules.IN_HOSPITAL, status_since__lt=now - _OLD_ENOUGH)
    return list(here.order_by("status_since", "key")[:3])


def _write(
    citizens: list[Citizen], pens: tuple[_Pen, _Pen], hospital: Organisation, town: Organisation
) -> None:
    nurse, coordinator = pens
    if citizens:
        category, text = _MOBILITY
        thread = nurse.begin(citizens[0], town.key, Subject(category), text, 4 * HOUR)
        coordinator.reply(thread, _STAIRS, 3 * HOUR)
        thread_marks.mark_read(nurse.user, thread, now=nurse.now - 2 * HOUR)
        nurse.reply(thread, _WHEN, 80 * MINUTE)
    if len(citizens) > 1:
        category, text = _MEDICINE
        nurse.begin(citizens[1], town.key, Subject(category), text, 50 * MINUTE)
    if len(citizens) > 2:
        category, text = _KEY
        coordinator.begin(citizens[2], hospital.key, Subject(category, "Nøgle"), text, 25 * MINUTE)


def _deliver(at: Instant, new_id: Callable[[], str]) -> None:
    """What the companion of a server does, a moment after the time to take it back is over."""
    later = at + correspondence.HOLD + MINUTE
    delivery.deliver(lambda: later, new_id=new_id, actor=ACTOR)
