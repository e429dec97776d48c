"""The present day: what was to happen is sent when its time comes, through the same doors as real feeds."""

import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched

from django.db import transaction
from django.db.models import Max

from naer.demo.facts import Fact
from naer.demo.feed import SOURCE, Feed, form
from naer.demo.load import PROCESS, RECENT, Region, Told
from naer.demo.timeline import timeline
from naer.events.instant import DAY, HOUR, MINUTE, Instant
from naer.site import bulk
from naer.site.messaging import intake
from naer.site.messaging.answer import Raw
from naer.site.messaging.models import Message
from naer.site.pathways import live, store
from naer.site.pathways.actor import AUTOMATIC, ENTRY, Process, entry
from naer.site.pathways.models import LoggedEvent
from naer.site.pathways.register import Register
from naer.site.pathways.tick import tick

CHANNEL = "demo"
AHEAD = DAY
"""How far the schedule is made in advance."""
STEP = 30 * MINUTE
"""Length of a step when days are caught up with."""
_MARGIN = 2 * HOUR
"""So far back the schedule is compared with the log when a demo is opened again."""
_TOGETHER = 200


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be sent at `when`: a fact, or a copy of its message."""

    when: Instant
    feed: Feed
    fact: Fact
    copy: bool = False


class Schedule:
    """What is still to come in the region; deterministic, whatever was played before."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.played = played(region)
        self._residents = region.residents()
        self._horizon = since = self.played - _MARGIN
        recent = LoggedEvent.objects.filter(received__gt=since - _MARGIN)
        self._known = set(recent.values_list("id", flat=True))
        self._waiting: deque[Item] = deque()

    def play(self, until: Instant) -> int:
        """Send everything that is due up to `until`; how much it was."""
        if until <= self.played:
            return 0
        due = self._take(until)
        for some in batched((item for item in due if item.fact.notice is None), _TOGETHER, strict=False):
            _record(some, until)
        for some in batched((item for item in due if item.fact.notice is not None), _TOGETHER, strict=False):
            _send(some, until)
        self.played = until
        return len(due)

    def behind(self, now: Instant) -> bool:
        """Whether more than one step is missing; that one `naer.demo.ticker` plays as soon as it runs."""
        return now - self.played > STEP

    def catch_up(self, now: Instant, told: Told) -> int:
        """Play what lies between the last time and `now`, step by step, as if nobody had been away."""
        sent = self._leap(now - RECENT, told) if now - self.played > RECENT + DAY else 0
        gap = now - self.played
        if gap <= 0:
            return sent
        steps = gap // STEP + 1
        begin = self.played
        for number in range(1, steps + 1):
            at = begin + gap * number // steps
            sent += self.play(at)
            tick(at)
            told("The last days", number, steps)
        return sent

    def _leap(self, until: Instant, told: Told) -> int:
        """After a long absence: what happened up to `until` becomes history, a citizen at a time."""
        of_citizen: dict[str, list[Item]] = {}
        for item in self._take(until):
            if not item.copy:
                of_citizen.setdefault(item.feed.person.key, []).append(item)
        done = 0
        for some in batched(of_citizen.values(), _TOGETHER, strict=False):
            _record([item for items in some for item in items], until)
            done += len(some)
            told("The time since", done, len(of_citizen))
        self.played = until
        tick(until)
        return sum(map(len, of_citizen.values()))

    def _take(self, until: Instant) -> list[Item]:
        if until > self._horizon:
            self._plan(self._horizon, until + AHEAD)
        due = []
        while self._waiting and self._waiting[0].when <= until:
            due.append(self._waiting.popleft())
        return due

    def _plan(self, after: Instant, until: Instant) -> None:
        """Add what is to be sent after `after` and up to `until`."""
        items = []
        for person in self._residents:
            feed = Feed(person, timeline(person, self.region.calendar, until))
            for fact in feed.facts:
                if after < fact.received <= until and fact.id not in self._known:
                    items.append(Item(fact.received, feed, fact))
                if fact.copied is not None and max(after, self.played) < fact.copied <= until:
                    items.append(Item(fact.copied, feed, fact, copy=True))
        self._waiting.extend(sorted(items, key=lambda item: (item.when, item.fact.id)))
        self._horizon = until
        self._known = set()


def played(region: Region) -> Instant:
    """Up to when the demo has been played in this database."""
    recorded = LoggedEvent.objects.filter(source=SOURCE).aggregate(at=Max("received"))["at"]
    received = Message.objects.filter(channel=CHANNEL).aggregate(at=Max("received"))["at"]
    return max(region.history, recorded or 0, received or 0)


def _send(items: Sequence[Item], now: Instant) -> None:
    batch = [
        Raw(item.feed.message(item.fact, copy=item.copy), f"application/fhir+{form(item.fact)}", CHANNEL)
        for item in items
    ]
    intake.receive(batch, now=now, new_id=lambda: str(uuid.uuid4()), actor=Process(PROCESS))


def _record(items: Sequence[Item], now: Instant) -> None:
    """What people and record systems wrote: appended, judged and traced in one transaction."""
    with transaction.atomic():
        states = store.load(item.feed.person.key for item in items)
        traces = []
        for item in items:
            event = item.feed.event(item.fact)
            states[item.feed.person.key].append(event)
            actor = Process(PROCESS, item.fact.organisation)
            traces.append(entry(actor, item.feed.person.key, "record", event.kind, AUTOMATIC, now))
        register = Register()
        register.know(states.values())
        for state in states.values():
            live.judge(state, register, now)
        writes = bulk.Writes()
        store.save(list(states.values()), writes)
        writes.insert("access_accessentry", ENTRY, traces)
        writes.flush()
