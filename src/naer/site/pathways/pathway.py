"""One citizen's page: the thread, what is owed, what was said, who has looked."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max
from django.utils.text import Truncator

from naer.events.calendar import public_holidays
from naer.events.event import Event
from naer.events.instant import DAY, HOUR, Instant, from_local, local
from naer.events.kinds import senders
from naer.site.access import rules
from naer.site.access.models import AccessEntry
from naer.site.accounts.models import Organisation, User
from naer.site.deviations.queries import Listed as Deviated
from naer.site.deviations.queries import of_citizen as deviations_of
from naer.site.messaging import conversation_list, outgoing, outgoing_words
from naer.site.messaging.can_receive import may_say
from naer.site.messaging.models import Message, OutgoingMessage
from naer.site.pathways import obligations
from naer.site.pathways.actions import PERSON
from naer.site.pathways.courses import pathways_of, titles
from naer.site.pathways.history import Entry, history
from naer.site.pathways.met_on import by_hand
from naer.site.pathways.models import Case, Citizen, LoggedEvent
from naer.site.pathways.obligations import Row
from naer.site.pathways.said import said
from naer.site.plans.queries import Coordination, coordinators
from naer.site.ui import thread, words
from naer.site.ui.state import State
from naer.site.ui.times import ZONE, when

_MOST = 60
"""Rows shown of each list; the heading says how many there are."""
_STAY = {"acute_ambulant", "admitted", "leave_started", "leave_ended", "discharged", "died"}
_UNDRAWN = {"message_sent", "message_acknowledged"}
"""What the thread leaves out: how a message travelled stands with the message."""
_STARTS = {"acute_ambulant", "admitted", "leave_ended"}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the thread as a list: done, here or ahead."""

    step: str
    at: Instant
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Logged:
    """One row of the log with the names people read."""

    entry: Entry
    who: str
    undo: bool
    """Whether the reader may take it back."""
    said: list[str]
    """What it says besides that it happened."""


@dataclass(frozen=True, slots=True)
class Look:
    entry: AccessEntry
    at: Instant
    name: str


@dataclass(frozen=True, slots=True)
class Pathway:
    """Everything on the page of one citizen, for the pathway chosen."""

    citizen: Citizen
    cases: list[Case]
    pathways: list[tuple[int, str, bool]]
    """(number in the address, words, whether it is this one), newest first."""
    hospital: str
    ready: Instant | None
    rows: list[Row]
    log: list[Logged]
    messages: list[Message]
    out: list[tuple[OutgoingMessage, State]]
    """Messages that the reader's organisation sent, but those in conversations, with how far each got."""
    looks: list[Look]
    drawing: thread.Drawing | None
    steps: list[Step]
    conversations: list[conversation_list.Row]
    deviations: list[Deviated]
    """Those about the citizen that the reader's organisation is a party to."""
    may_deviate: bool
    may_record: bool
    may_write: bool
    coordinators: list[Coordination]
    may_ask: bool
    may_answer: bool
    """Whether the reader's municipality can say if it can receive the citizen."""

    @property
    def running(self) -> list[Row]:
        return [row for row in self.rows if row.running]

    @property
    def overdue(self) -> int:
        return sum(row.state.name == "over" for row in self.running)

    @property
    def closed(self) -> int:
        return len(self.rows) - len(self.running)


def written(citizen: Citizen) -> str:
    """Changes when anything is written about `citizen`: cheap, so that an open page may ask often."""
    event = LoggedEvent.objects.filter(citizen=citizen.key).aggregate(end=Max("seq"))["end"]
    message = Message.objects.filter(citizen=citizen).aggregate(end=Max("pk"))["end"]
    return f"{event or 0}.{message or 0}"


def pathway(user: User, citizen: Citizen, number: int, now: Instant) -> Pathway:
    """The page of `citizen` as `user` sees it; `number` 0 is the newest pathway."""
    told = history(citizen.key, now)
    ids = pathways_of(told)
    number = number if 0 <= number < len(ids) else 0
    chosen = ids[number] if ids else ""
    owed = obligations.visible(user, now).filter(citizen=citizen, pathway=chosen)
    rows = sorted(obligations.rows(owed, now), key=_urgency)
    entries = [entry for entry in told.entries if entry.event.pathway == chosen]
    senders_known = _organisations(entries)
    names = {o.key: o.name for o in senders_known}
    roles = {o.key: o.role for o in senders_known}
    stay = next((s for s in reversed(told.stays) if s.pathway == chosen), None)
    messages = Message.objects.filter(citizen=citizen, pathway=chosen).exclude(duplicate_of__isnull=False)
    messages = messages.exclude(letters__thread__isnull=False)  # those stand in their conversations
    return Pathway(
        citizen=citizen,
        cases=list(citizen.cases.filter(closed=None).order_by("opened")),
        pathways=[(i, name, i == number) for i, name in enumerate(titles(told, ids, now))],
        hospital=names.get(stay.hospital or "", "") if stay else "",
        ready=told.ready(stay) if stay is not None and stay.end is None else None,
        rows=rows,
        log=[
            Logged(
                entry,
                names.get(entry.event.organisation or "", ""),
                _may_undo(user, entry),
                said(entry.event, now),
            )
            for entry in entries[:_MOST]
        ],
        messages=list(messages.defer("content", "answer").order_by("-received", "-pk")[:_MOST]),
        out=[
            (one, outgoing_words.state(one))
            for one in outgoing.of_pathway(user, citizen, chosen, now)[:_MOST]
        ],
        looks=_looks(citizen),
        drawing=_draw(told.of(chosen), rows, roles, now) if chosen else None,
        steps=_steps(told.of(chosen), rows, citizen, now),
        conversations=conversation_list.rows(
            conversation_list.of_citizen(user, citizen, now)[:_MOST], user.organisation_id or ""
        ),
        deviations=deviations_of(user, citizen, now),
        may_deviate=bool(rules.relation(user, citizen, now, "raise-deviation")),
        coordinators=coordinators(citizen),
        may_record=bool(rules.relation(user, citizen, now, "record")),
        may_write=bool(rules.relation(user, citizen, now, "send")),
        may_answer=may_say(user, citizen, now),
        may_ask=bool(rules.relation(user, citizen, now, "ask-help")),
    )


def _urgency(row: Row) -> tuple[int, Instant]:
    """Running ones first, soonest due first; then closed ones, latest first."""
    o = row.obligation
    if row.running:
        return (0, o.due) if o.due is not None else (1, o.start)
    return (2, -(o.closed_at or o.due or o.start))


def _organisations(entries: Sequence[Entry]) -> list[Organisation]:
    keys = {entry.event.organisation or "" for entry in entries}
    return list(Organisation.objects.filter(pk__in=keys))


def _may_undo(user: User, entry: Entry) -> bool:
    """What a person of the same organisation recorded, and still counts, can be taken back."""
    event = entry.event
    return (
        entry.standing in {"counts", "corrected", "later"}
        and event.source == PERSON
        and bool(by_hand([event.kind]))
        and event.organisation == user.organisation_id
    )


def _looks(citizen: Citizen) -> list[Look]:
    entries = list(AccessEntry.objects.filter(citizen=citizen.key).order_by("-at", "-pk")[:_MOST])
    people = {
        user.username: user.name
        for user in User.objects.filter(username__in={entry.user for entry in entries})
    }
    return [Look(entry, int(entry.at.timestamp() * 1_000_000), _who(entry, people)) for entry in entries]


def _who(entry: AccessEntry, people: dict[str, str]) -> str:
    """The name of a person, or of what looked by itself."""
    return people.get(entry.user) or words.process(entry.user)


# ------------------------------------------------------------------ the thread


def _lane(role: str) -> str:
    return role if role in thread.LANES else "citizen"


def _sender_lane(event: Event, roles: dict[str, str]) -> str:
    """The lane an event is drawn in: that of the one who said it, else of the one who can."""
    if event.kind in _STAY:
        return "hospital"
    if roles.get(event.organisation or "") in thread.LANES:
        return roles[event.organisation or ""]
    said = [role for role in senders(event.kind) if role in thread.LANES]
    return said[0] if len(said) == 1 else "municipality" if "municipality" in said else "citizen"


def _stretches(events: Sequence[Event], start: Instant) -> list[thread.Stretch]:
    """Who has the citizen when: the hospital during a stay, else the municipality once it is over."""
    found = [thread.Stretch(start, "citizen")]
    for event in events:
        if event.kind in _STARTS:
            found.append(thread.Stretch(event.at, "hospital"))
        elif event.kind in {"leave_started", "died"}:
            found.append(thread.Stretch(event.at, "citizen"))
        elif event.kind == "discharged":
            found.append(thread.Stretch(event.at, "municipality"))
    return found


def _span(events: Sequence[Event], rows: Sequence[Row], now: Instant) -> tuple[Instant, Instant]:
    """From when to when the thread is drawn: everything that happened, and what is due within ten days."""
    first = min([e.at for e in events] + [row.obligation.start for row in rows], default=now)
    ends = [e.at for e in events]
    for row in rows:
        ends += [
            t for t in (row.obligation.closed_at, row.obligation.due) if t is not None and t < now + 10 * DAY
        ]
    last = max(ends, default=now)
    over = any(e.kind in {"discharged", "died"} for e in events) and not any(row.running for row in rows)
    if not over or now - last < 2 * DAY:
        last = max(last, now)
    margin = max((last - first) // 14, 2 * HOUR)
    return first - margin, last + margin


def _draw(
    events: Sequence[Event], rows: Sequence[Row], roles: dict[str, str], now: Instant
) -> thread.Drawing | None:
    if not events and not rows:
        return None
    start, end = _span(events, rows, now)
    days = _days(start, end)
    return thread.draw(
        [
            thread.Mark(e.at, _sender_lane(e, roles), f"{words.kind(e.kind)} {when(e.at, now)}")
            for e in events
            if e.kind not in _UNDRAWN
        ],
        [_bar(row, end, now) for row in rows],
        _stretches(events, start),
        start=start,
        end=end,
        now=now,
        midnights=[midnight for midnight, _ in days],
        rests=[(midnight, midnight + DAY) for midnight, day in days if _rest(day)],
    )


def _bar(row: Row, end: Instant, now: Instant) -> thread.Bar:
    o = row.obligation
    until = o.closed_at if o.closed_at is not None else min(now, end)
    if row.state.name == "over" and not row.running and o.due is not None:
        until = o.due
    return thread.Bar(
        _lane(row.owed_by.role), o.start, o.due, max(until, o.start), row.state.name,
        f"{Truncator(row.clause.title).chars(52)} {row.state.words}",
    )  # fmt: skip


def _days(start: Instant, end: Instant) -> list[tuple[Instant, dt.date]]:
    """The local days that touch the span, each with its first instant."""
    first, last = local(start, ZONE).date(), local(end, ZONE).date()
    days = [first + dt.timedelta(n) for n in range((last - first).days + 1)]
    return [(from_local(dt.datetime.combine(day, dt.time()), ZONE), day) for day in days]


def _rest(day: dt.date) -> bool:
    return day.weekday() >= 5 or day in public_holidays("DK", day.year)


def _steps(events: Sequence[Event], rows: Sequence[Row], citizen: Citizen, now: Instant) -> list[Step]:
    """The thread as a list: what happened, where the citizen is now, what is due."""
    opened: dict[str, list[str]] = {}
    for row in rows:
        opened.setdefault(row.obligation.trigger, []).append(
            f"{row.clause.title} ({row.state.words.lower()})"
        )
    done = [
        Step("done", e.at, words.kind(e.kind), "; ".join(opened.get(str(e.id), [])))
        for e in events
        if e.kind not in _UNDRAWN
    ]
    here = Step("here", now, words.status(citizen.status))
    ahead = [
        Step("ahead", row.obligation.due, row.clause.title)
        for row in rows
        if row.running and row.obligation.due is not None and row.obligation.due > now
    ]
    return [*done, here, *ahead]
