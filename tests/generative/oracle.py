"""A second reading of docs/reference/agreement-language.md, written from the text alone.

It shares no code with `naer.agreement`: it reads the agreement as plain mappings, does its own
calendar arithmetic day by day, and walks each log once, event by event, keeping the obligations
that still live. Its only purpose is to disagree with the reference evaluator when one of the two
has misread the page. It is slow and knows neither parties, overlays nor escalation.
"""

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from naer.events.event import Event
from naer.events.log import content as as_text

ZONE = {"DK": ZoneInfo("Europe/Copenhagen"), "NO": ZoneInfo("Europe/Oslo")}
MICRO = dt.timedelta(microseconds=1)
ZERO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MINUTE = 60_000_000
Test = Callable[[Event], bool]
Length = tuple[int, str]


# Local time


def clock(instant: int, zone: ZoneInfo) -> dt.datetime:
    return (ZERO + instant * MICRO).astimezone(zone).replace(tzinfo=None, fold=0)


def both(naive: dt.datetime, zone: ZoneInfo) -> list[int]:
    """S16: the two readings of a clock time; the same twice but for two nights a year."""
    return sorted((naive.replace(tzinfo=zone, fold=fold) - ZERO) // MICRO for fold in (0, 1))


def at_clock(day: dt.date, text: str, zone: ZoneInfo) -> int:
    """S13 and S16: a due at a clock time; 24:00 is the day's last microsecond."""
    hour, minute = (int(part) for part in text.split(":"))
    if hour == 24:
        return both(dt.datetime.combine(day + dt.timedelta(1), dt.time()), zone)[1] - 1
    return both(dt.datetime.combine(day, dt.time(hour, minute)), zone)[1]


def read_time(value: Any, zone: ZoneInfo) -> int | None:
    """S1, S11: an attribute as a time; None when it is none, or outside the years 1800 to 2300 (UTC)."""
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    # Differences between aware times, for near the years 1 and 9999 no UTC time may exist.
    first, after = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (1800, 2301))
    return (moment - ZERO) // MICRO if first <= moment < after else None


# Calendars


WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@lru_cache
def _public(country: str, year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays(country, years=year))


class Calendar:
    def __init__(self, country: str, spec: Mapping[str, Any] | None) -> None:
        spec = spec or {}
        self.country, self.zone = country, ZONE[country]
        first, _, last = str(spec.get("days", "mon-fri")).partition("-")
        self.days = set(range(WEEK.index(first), WEEK.index(last or first) + 1))
        self.hours = str(spec.get("hours", "00:00-24:00")).split("-")
        self.public = spec.get("holidays", "public") == "public"
        self.add, self.remove = set(spec.get("add", ())), set(spec.get("remove", ()))

    def works(self, day: dt.date) -> bool:
        names = {day.isoformat(), day.strftime("%m-%d")}
        if day.weekday() not in self.days or names & self.add:
            return False
        return not self.public or bool(names & self.remove) or day not in _public(self.country, day.year)

    def nth(self, day: dt.date, count: int, skip: Iterable[dt.date] = ()) -> dt.date:
        step = dt.timedelta(1 if count > 0 else -1)
        left, skip = abs(count), set(skip)
        while left:
            day += step
            left -= self.works(day) and day not in skip
        return day

    def span(self, day: dt.date) -> tuple[int, int] | None:
        if not self.works(day):
            return None
        opens, closes = self.hours
        start = both(self._naive(day, opens), self.zone)[0]
        return start, both(self._naive(day, closes), self.zone)[1]

    @staticmethod
    def _naive(day: dt.date, text: str) -> dt.datetime:
        hour, minute = (int(part) for part in text.split(":"))
        return dt.datetime.combine(day, dt.time()) + dt.timedelta(hours=hour, minutes=minute)

    def spans(self, start: int) -> Iterable[tuple[int, int]]:
        day = clock(start, self.zone).date() - dt.timedelta(1)
        while True:
            if span := self.span(day):
                yield span
            day += dt.timedelta(1)

    def open_at(self, instant: int) -> bool:
        span = self.span(clock(instant, self.zone).date())
        return span is not None and span[0] <= instant < span[1]

    def opening(self, instant: int) -> int:
        if self.open_at(instant):
            return instant
        return next(opens for opens, _ in self.spans(instant) if opens >= instant)

    def worked(self, start: int, end: int) -> int:
        total = 0
        for opens, closes in self.spans(start):
            if opens >= end:
                return total
            total += max(0, min(closes, end) - max(opens, start))
        raise AssertionError

    def after_work(self, start: int, amount: int) -> int:
        if amount == 0:
            return start
        for opens, closes in self.spans(start):
            room = max(0, closes - max(opens, start))
            if room >= amount:
                return max(opens, start) + amount
            amount -= room
        raise AssertionError


# Lengths


def length(text: str) -> Length:
    number, unit = str(text).split(" ", 1)
    return int(number), {"mins": "min", "hs": "h"}.get(unit, unit.rstrip("s") if unit != "h" else unit)


def months(naive: dt.datetime, count: int) -> dt.datetime:
    year, month = divmod(naive.year * 12 + naive.month - 1 + count, 12)
    for day in range(naive.day, 27, -1):
        try:
            return naive.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return naive.replace(year=year, month=month + 1)


def shifted(instant: int, by: Length, calendar: Calendar, sign: int = 1) -> int:
    """An instant plus or minus a length; calendar days and months keep the local clock time."""
    number, unit = by
    zone = calendar.zone
    if unit in ("min", "h"):
        return instant + sign * number * MINUTE * (60 if unit == "h" else 1)
    if unit == "working hour":
        assert sign == 1
        return calendar.after_work(instant, number * 60 * MINUTE)
    here = clock(instant, zone)
    if unit == "working day":
        return at_clock(calendar.nth(here.date(), sign * number), "24:00", zone)
    if unit == "month":
        return both(months(here, sign * number), zone)[1]
    return both(here + sign * dt.timedelta(number * (7 if unit == "week" else 1)), zone)[1]


# Events and conditions


def typed(found: Any, wanted: Any) -> Any:
    """S20: text in a file is read as the type the clause writes."""
    if isinstance(wanted, str):
        return found if isinstance(found, str) else None
    if isinstance(found, str):
        if isinstance(wanted, bool):
            return {"true": True, "false": False}.get(found.lower())
        try:
            return int(found)
        except ValueError:
            try:
                return float(found)
            except ValueError:
                return None
    return found if isinstance(found, bool) == isinstance(wanted, bool) else None


def has(event: Event, name: str) -> Any:
    if name in ("organisation", "municipality"):
        return getattr(event, name)
    return event.attributes.get(name)


def holds(event: Event, name: str, test: Any) -> bool:
    found = has(event, name)
    if isinstance(test, Mapping):
        ((operator, wanted),) = test.items()
    else:
        operator, wanted = ("in" if isinstance(test, list) else "=="), test
    if operator == "exists":
        return (found is not None) == wanted
    if found is None:
        return False
    if operator == "in":
        return any(typed(found, one) == one for one in wanted)
    read = typed(found, wanted)
    if read is None:
        return False
    return bool(
        {
            "==": lambda: read == wanted,
            "!=": lambda: read != wanted,
            "<": lambda: read < wanted,
            "<=": lambda: read <= wanted,
            ">": lambda: read > wanted,
            ">=": lambda: read >= wanted,
        }[operator]()
    )


def conditions(spec: Mapping[str, Any] | None) -> Test:
    return lambda event: all(holds(event, name, test) for name, test in (spec or {}).items())


def test_of(spec: Any, own: Mapping[str, Any]) -> Test:
    """EVENT or a list of EVENT, as a question to ask of an event."""
    if spec is None:
        return lambda event: False
    if isinstance(spec, list):
        tests = [test_of(one, own) for one in spec]
        return lambda event: any(test(event) for test in tests)
    if isinstance(spec, Mapping):
        kind, where = test_of(spec["kind"], own), conditions(spec.get("where"))
        return lambda event: kind(event) and where(event)
    names = own.get(spec, spec)
    names = names if isinstance(names, list) else [names]
    return lambda event: event.kind in names


# The effective log


def place(event: Event) -> tuple[Any, ...]:
    sent = event.at if event.sent is None else event.sent
    return (event.at, sent, isinstance(event.id, str), event.id)


def content(event: Event) -> str:
    shown = {name: getattr(event, name) for name in event.__struct_fields__ if name != "received"}
    shown["attributes"] = sorted((name, repr(value)) for name, value in event.attributes.items())
    return repr(shown)


def effective(raw: Sequence[Event], now: int | None) -> tuple[list[Event], Counter[str]]:
    """S2 to S5: the log as it stands, and what was left out of it."""
    ledger: Counter[str] = Counter()
    same: dict[Any, dict[str, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in raw:
        same[event.id][content(event)].append(event)
    log: dict[Any, Event] = {}
    for name, versions in same.items():
        merged = []
        for copies in versions.values():
            times = [copy.received for copy in copies if copy.received is not None]
            ledger["duplicate"] += len(copies) - 1
            fields = {field: getattr(copies[0], field) for field in copies[0].__struct_fields__}
            merged.append(Event(**fields | {"received": min(times, default=None)}))
        first = min(merged, key=lambda one: (one.at, one.at if one.sent is None else one.sent, as_text(one)))
        ledger["id reused"] += len(merged) - 1
        log[name] = first
    changes: dict[Any, list[Event]] = defaultdict(list)
    for event in log.values():
        if event.changes is None and event.kind != "cancelled":
            continue
        root, passed = event, {event.id}
        while root.changes in log and root.changes not in passed:
            root = log[root.changes]
            passed.add(root.id)
        if root.changes is not None or root.kind == "cancelled":
            ledger["original unknown"] += 1
        else:
            changes[root.id].append(event)
    kept = []
    for name, event in log.items():
        if event.changes is not None or event.kind == "cancelled":
            continue
        if changes[name]:
            last = max(changes[name], key=lambda one: place(one)[1:])
            if last.kind == "cancelled":
                ledger["cancelled"] += 1
                continue
            fields = {field: getattr(last, field) for field in last.__struct_fields__}
            event = Event(**fields | {"id": name, "changes": None})
        if now is not None and event.at > now:
            ledger["after now"] += 1
            continue
        kept.append(event)
    return sorted(kept, key=place), +ledger


# One version of one clause


class Rule:
    """A clause as one version of its agreement has it."""

    def __init__(self, agreement: Mapping[str, Any], clause: Mapping[str, Any]) -> None:
        own = agreement.get("events", {})
        calendars = agreement.get("calendars", {})
        named = clause.get("calendar") or (next(iter(calendars)) if len(calendars) == 1 else None)
        self.id = clause["id"]
        self.agreement, self.clause = agreement, clause
        self.calendar = Calendar(agreement["country"], calendars.get(named))
        self.own = own
        self.after, self.before = test_of(clause.get("after"), own), test_of(clause.get("before"), own)
        self.on_before = "before" in clause and "after" not in clause
        self.deliver = test_of(clause.get("deliver"), own)
        survives = clause.get("survives", [])
        general = [kind for kind in _list(agreement.get("unless")) if kind not in _list(survives)]
        self.unless = test_of(_list(clause.get("unless")) + general, own)
        self.where = conditions(clause.get("where"))
        pause = clause.get("pause", {})
        self.pause_from, self.pause_until = (test_of(pause.get(key), own) for key in ("from", "until"))
        self.repeat, self.matched = clause.get("repeat", "each"), clause.get("match")

    def waives(self, event: Event) -> bool:
        return event.kind == "waived" and event.attributes.get("clause") == self.id

    def triggered_by(self, event: Event, earlier: Sequence[Event]) -> bool:
        """S19: `after`, `where`, `when`, and `since` where it is measured to the trigger."""
        clause = self.clause
        if not (self.before if self.on_before else self.after)(event) or not self.where(event):
            return False
        if "when" in clause and self.calendar.open_at(event.at) != (clause["when"] == "open"):
            return False
        return (
            "since" not in clause or ("before" in clause and not self.on_before) or self.since(event, earlier)
        )

    def since(self, end: Event, earlier: Sequence[Event]) -> bool:
        """S21."""
        spec = dict(self.clause["since"])
        if "last" in spec:
            found = [event for event in earlier if test_of(spec["last"], self.own)(event)]
            begin = found[-1] if found else None
        else:
            begin = None
            for event in earlier:
                if test_of(spec.get("reset"), self.own)(event):
                    begin = None
                elif begin is None and test_of(spec["first"], self.own)(event):
                    begin = event
        if begin is None:
            return False
        ((operator, text),) = [
            (key, spec[key]) for key in ("over", "at least", "under", "at most") if key in spec
        ]
        by = length(text)
        if by[1] == "working hour":
            measured, limit = self.calendar.worked(begin.at, end.at), by[0] * 60 * MINUTE
        else:
            measured, limit = end.at, shifted(begin.at, by, self.calendar)
        return {
            "over": measured > limit,
            "at least": measured >= limit,
            "under": measured < limit,
            "at most": measured <= limit,
        }[operator]

    def start(self, event: Event, earlier: Sequence[Event]) -> int | None:
        """S11."""
        known = []
        anchor = self.clause.get("anchor", "at")
        for one in anchor if isinstance(anchor, list) else [anchor]:
            source: Event | None = event
            if isinstance(one, Mapping) and "last" in one:
                found = [before for before in earlier if test_of(one["last"], self.own)(before)]
                source = found[-1] if found else None
            if source is None:
                continue
            if isinstance(one, str):
                time = source.at if one == "sent" and source.sent is None else getattr(source, one)
            elif "attribute" in one:
                value = source.attributes.get(one["attribute"])
                time = None if value is None else read_time(value, self.calendar.zone)
            else:
                time = source.at
            if time is not None:
                known.append(time)
        if not known:
            return None
        start = max(known)
        return self.calendar.opening(start) if self.clause.get("start") == "next opening" else start

    def window(self, end: int) -> int:
        """The earliest instant of `accept_earlier`; a working day counts from its first moment."""
        by = length(self.clause["accept_earlier"])
        if by[1] == "working day":
            day = self.calendar.nth(clock(end, self.calendar.zone).date(), -by[0])
            return at_clock(day, "00:00", self.calendar.zone)
        return shifted(end, by, self.calendar, -1)

    def due(self, trigger: Event, start: int, pauses: Sequence[list[int | None]]) -> int | None:
        """The due of `within`, moved by the pauses seen so far (S18)."""
        text, calendar = self.clause["within"], self.calendar
        if text == "at once":
            return None
        if clocked := re.fullmatch(r"by (\d\d:\d\d) (.+)", text):
            day = clock(start, calendar.zone).date()
            when = clocked[2]
            if when in ("next day", "next working day"):
                when = {"next day": "1 days later", "next working day": "1 working days later"}[when]
            if numbered := re.fullmatch(r"(\d+) (working )?days? later", when):
                count = int(numbered[1])
                day = calendar.nth(day, count) if numbered[2] else day + dt.timedelta(count)
            return at_clock(day, clocked[1], calendar.zone)
        by = length(text)
        due = shifted(start, by, calendar)
        skip: set[dt.date] = set()
        floor = max(trigger.at, start)
        for begin, end in pauses:
            assert begin is not None
            if begin >= due:
                break
            if end is None:
                return None
            begin = max(begin, floor)
            if begin >= end:
                continue
            if by[1] == "working day":
                skip |= _days(begin, end, calendar.zone)
                due = at_clock(
                    calendar.nth(clock(start, calendar.zone).date(), by[0], skip), "24:00", calendar.zone
                )
            elif by[1] == "working hour":
                due = calendar.after_work(due, calendar.worked(begin, end))
            else:
                due += end - begin
        return due

    def due_before(self, event: Event) -> int:
        """S17: less `ahead`, never later than the event."""
        text, calendar = self.clause.get("ahead"), self.calendar
        if text is None:
            return event.at
        if clocked := re.fullmatch(r"by (\d\d:\d\d) (.+)", text):
            day = clock(event.at, calendar.zone).date()
            if clocked[2] == "day before":
                day -= dt.timedelta(1)
            elif clocked[2] == "working day before":
                day = calendar.nth(day, -1)
            return min(event.at, at_clock(day, clocked[1], calendar.zone))
        return min(event.at, shifted(event.at, length(text), calendar, -1))


def _list(spec: Any) -> list[Any]:
    return [] if spec is None else spec if isinstance(spec, list) else [spec]


def _days(begin: int, end: int, zone: ZoneInfo) -> set[dt.date]:
    day, last = clock(begin, zone).date(), clock(end - 1, zone).date()
    return {day + dt.timedelta(number) for number in range((last - day).days + 1)}


# The machine


@dataclass
class Case:
    """An obligation while the log is walked."""

    rule: Rule
    version: str | None
    trigger: Event
    start: int
    due: int | None = None
    state: str = "open"  # open, delivered, released, superseded, ended
    closer: Event | None = None
    closed_at: int | None = None
    judged: bool = False
    paused: list[list[int | None]] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    clause: str
    version: str | None
    trigger: Any
    start: int
    due: int | None
    outcome: str
    ended: bool
    closed_by: Any
    elapsed: int | None
    working: int | None


class Machine:
    """One clause, all its versions, over one log (a pathway, or a citizen)."""

    def __init__(self, rules: Sequence[tuple[Mapping[str, Any], Rule | None]], ledger: "Ledger") -> None:
        self.rules = rules
        self.running = [rule for _, rule in rules if rule is not None]
        self.ledger = ledger
        self.cases: list[Case] = []
        self.log: list[Event] = []
        self.pauses: dict[int, list[list[int | None]]] = {id(rule): [] for rule in self.running}
        self.first_seen = False

    def walk(self, log: Sequence[Event]) -> None:
        for event in log:
            self.pause(event)
            self.close(event)
            self.judge(event)
            self.open(event)
            self.log.append(event)

    def pause(self, event: Event) -> None:
        for rule in self.running:
            pauses = self.pauses[id(rule)]
            inside = bool(pauses) and pauses[-1][1] is None
            if not inside and rule.pause_from(event):
                pauses.append([event.at, None])
            elif inside and rule.pause_until(event):
                pauses[-1][1] = event.at

    def stands(self, case: Case) -> int | None:
        """Due as it stands now."""
        if "before" in case.rule.clause:
            return case.due
        return case.rule.due(case.trigger, case.start, self.pauses[id(case.rule)])

    def end(self, case: Case, state: str, event: Event) -> None:
        case.due = self.stands(case)
        case.state, case.closer, case.closed_at = state, event, event.at
        case.paused = [list(pause) for pause in self.pauses[id(case.rule)]]

    def close(self, event: Event) -> None:
        for case in self.cases:
            if case.state != "open":
                continue
            due = self.stands(case)
            if case.rule.deliver(event) and self.matches(case, event):
                self.end(case, "delivered", event)
            elif case.rule.unless(event):
                self.end(case, "released" if due is None or event.at <= due else "ended", event)
            elif case.rule.waives(event):
                self.end(case, "released", event)

    @staticmethod
    def matches(case: Case, event: Event) -> bool:
        name = case.rule.matched
        return name is None or str(has(event, name)) == str(has(case.trigger, name))

    def judge(self, event: Event) -> None:
        for case in self.cases:
            rule = case.rule
            if "before" not in rule.clause or rule.on_before or case.judged or not rule.before(event):
                continue
            case.judged = True
            if case.state in ("open", "delivered"):
                case.due = rule.due_before(event)
                if "since" in rule.clause and not rule.since(event, self.log):
                    case.state, case.closer = "released", event

    def open(self, event: Event) -> None:
        found = [(agreement, rule) for agreement, rule in self.rules if in_force(agreement, event)]
        if not found:
            if any(rule.triggered_by(event, self.log) for rule in self.running):
                self.ledger.leave_out("no version in force", event)
            return
        agreement, rule = found[0]
        if rule is None or not rule.triggered_by(event, self.log):
            return
        if not conditions(agreement.get("applies"))(event):
            self.ledger.leave_out("outside the agreement", event)
            return
        if rule.repeat == "first" and self.first_seen:
            return
        self.first_seen = True
        if rule.matched is not None and has(event, rule.matched) is None:
            self.ledger.leave_out("no match value", event)
            return
        start = rule.start(event, self.log)
        if start is None:
            self.ledger.leave_out("start unknown", event)
            return
        if rule.repeat == "restart":
            for old in self.cases:
                if old.state == "open":
                    due = self.stands(old)
                    self.end(old, "superseded" if due is None or event.at <= due else "ended", event)
        case = Case(rule, agreement.get("valid", {}).get("from"), event, start)
        self.cases.append(case)
        if rule.on_before:
            self.look_back(case)
            return
        floor = event.at
        if "accept_earlier" in rule.clause:
            floor = rule.window(event.at)
        for earlier in reversed(self.log):
            if earlier.at < floor:
                break
            if rule.deliver(earlier) and self.matches(case, earlier):
                self.end(case, "delivered", earlier)
                break

    def look_back(self, case: Case) -> None:
        """S17: the window since the previous `before` event."""
        case.due = case.rule.due_before(case.trigger)
        window: list[Event] = []
        for earlier in reversed(self.log):
            if case.rule.before(earlier):
                break
            window.append(earlier)
        for earlier in self.log[: len(self.log) - len(window)]:
            if earlier.at == case.trigger.at and case.rule.deliver(earlier):
                return self.end(case, "delivered", earlier)
        for earlier in reversed(window):
            if case.rule.deliver(earlier):
                return self.end(case, "delivered", earlier)
            if case.rule.unless(earlier) or case.rule.waives(earlier):
                return self.end(case, "released", earlier)
        return None

    def verdicts(self, now: int | None) -> Iterable[Verdict]:
        for case in self.cases:
            due = self.stands(case) if case.state == "open" else case.due
            late = due is not None and case.closer is not None and case.closer.at > due
            outcome = {
                "delivered": "late" if late else "kept",
                "ended": "missing",
                "open": "missing" if due is not None and (now is None or due < now) else "open",
            }.get(case.state, case.state)
            elapsed = working = None
            if case.state == "delivered":
                assert case.closer is not None
                elapsed, working = self.spent(case, case.closer.at)
            closed_by = case.closer.id if case.closer else None
            trigger = (case.rule.id, case.version, case.trigger.id, case.start, due, outcome)
            yield Verdict(*trigger, case.state == "ended", closed_by, elapsed, working)

    @staticmethod
    def spent(case: Case, end: int) -> tuple[int, int]:
        """S30."""
        calendar, floor = case.rule.calendar, max(case.trigger.at, case.start)
        if end <= case.start:
            return 0, 0
        elapsed, working = end - case.start, calendar.worked(case.start, end)
        for begin, until in case.paused:
            assert begin is not None
            low, high = max(begin, floor), min(end, end if until is None else until)
            if low < high:
                elapsed -= high - low
                working -= calendar.worked(low, high)
        return max(0, elapsed), working


def in_force(agreement: Mapping[str, Any], event: Event) -> bool:
    day = clock(event.at, ZONE[agreement["country"]]).date().isoformat()
    valid = agreement.get("valid", {})
    return (valid.get("from") or "0000") <= day <= (valid.get("to") or "9999")


class Ledger:
    """Reasons and events; an event counts once for each reason (S35)."""

    def __init__(self) -> None:
        self.left_out: set[tuple[str, Any]] = set()

    def leave_out(self, reason: str, event: Event) -> None:
        self.left_out.add((reason, event.id))

    def counts(self) -> Counter[str]:
        return Counter(reason for reason, _ in self.left_out)


def judge(
    versions: Sequence[Mapping[str, Any]], raw: Sequence[Event], now: int | None
) -> tuple[set[Verdict], Counter[str]]:
    """Every obligation of one agreement (its versions, without overlap) over a raw log."""
    log, counted = effective(raw, now)
    ledger, found = Ledger(), set()
    names = dict.fromkeys(clause["id"] for version in versions for clause in version["clauses"])
    for name in names:
        rules: list[tuple[Mapping[str, Any], Rule | None]] = []
        citizen = False
        for version in versions:
            clause = next((one for one in version["clauses"] if one["id"] == name), None)
            rules.append((version, None if clause is None else Rule(version, clause)))
            citizen = citizen or (clause or {}).get("scope") == "citizen"
        logs: dict[Any, list[Event]] = defaultdict(list)
        for event in log:
            alone = event.citizen is None or not citizen
            logs[("pathway", event.pathway) if alone else ("citizen", event.citizen)].append(event)
        for events in logs.values():
            machine = Machine(rules, ledger)
            machine.walk(events)
            found |= set(machine.verdicts(now))
    return found, counted + ledger.counts()
