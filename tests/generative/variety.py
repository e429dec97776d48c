"""Random agreements and logs as various as the language: on top of `cases`, what only whole logs have.

Several versions with gaps between them, overlays, parties and rights to waive, clauses that change their
scope; logs of many citizens, with pathways of several citizens and of none, ids that are numbers, events
at one instant told apart by `sent` and id, attributes of every type, and years nobody expects.
"""

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import msgspec

from naer.agreement import AgreementError, Register
from naer.agreement.opening import LATEST
from naer.agreement.portfolio import Portfolio
from naer.agreement.shelf import Shelf
from naer.events.event import Event
from naer.events.instant import DAY, HOUR, MINUTE, ZONES, Instant, parse
from tests.generative import cases
from tests.generative.cases import maybe

SPOKEN = {"START": "admitted", "REPORT": "admission_report", "PLAN": "care_plan", "EXIT": "discharged"}
"""Some kinds go by names of the vocabulary, so that their senders are known."""

EVENTS = {
    kind: [SPOKEN.get(name, name) for name in ([names] if isinstance(names, str) else names)]
    for kind, names in cases.EVENTS.items()
}

ENDING = ("deliver", "unless", "before")
"""The keys whose kinds must differ within a clause."""
SCOPES = ("pathway", "pathway", "citizen")
APPLIES = (
    {"municipality": ["851", "860"]}, {"municipality": "851"}, {"n": {"!=": 2}}, {"organisation": "H1"},
)  # fmt: skip
ELAPSED = ("0 h", "1 h", "90 min", "24 h", "48 h", "at once")
EASTER = ("2026-04-05", None)
_ONE_DAY = dt.timedelta(days=1)

PARTIES = {
    "hospital": {"is": "hospital"},
    "home": {"is": "municipality", "of": "residence"},
    "there": {"is": "municipality", "of": "event"},
    "self": {"is": "citizen"},
}
ORGANISATIONS = (None, None, "H1", "H2", "851", "860", "one", "unknown")
VALUES = (1, 2, 3, 1, 2, 1.0, 1.5, "1", "2", " 2", "x", "true", True, False, ["x"], {"a": 1}, "", None, -1, 0)
WRITTEN = (
    "2026-03-29T02:30", "2026-04-02", "2026-10-25T02:30", "2024-02-29T10:00:00.123456789Z", "soon",
    20260402, "1850-06-01T10:00", "2250-01-01", "9999-12-31", "0001-01-01", "2026-04-01T10:00+02:00", None,
)  # fmt: skip
EDGES = (
    "2020-01-01", "2023-12-31", "2024-02-29", "2026-03-28", "2026-03-29", "2026-03-31", "2026-04-01",
    "2026-04-05", "2026-04-06", "2026-10-24", "2026-10-25", "2026-10-26",
)  # fmt: skip
CALENDARS = (
    *cases.CALENDARS,
    {"office": {"days": "mon-thu", "hours": "12:00-12:01", "remove": ["2026-04-02"]}},
    {"office": {"days": "sat-sun", "hours": "00:00-24:00", "add": ["03-29"]}, "other": {"days": "mon-fri"}},
)
ODD = (
    "1850-01-01T00:10", "1850-06-01T12:00", "1893-04-01T00:00", "1916-05-15T10:00", "1975-07-01T10:00",
    "1980-04-06T02:30", "1981-03-29T02:30", "2099-12-31T23:59", "2250-02-28T10:00", "2299-12-31T10:00",
    "9999-12-30T10:00", "9999-12-31T12:00",
)  # fmt: skip


class Town:
    """A register that knows some organisations and where some citizens live."""

    def roles(self, organisation: str) -> frozenset[str]:
        return frozenset({"H1": ("hospital",), "851": ("municipality", "gp")}.get(organisation, ()))

    def municipality(self, code: str) -> str:
        return {"860": "M860"}.get(code, code)

    def resolve(self, role: str, of: str, citizen: str | None, at: Instant) -> str | None:
        if role == "hospital" or citizen is None:
            return None
        return "851" if (len(citizen) + at // DAY) % 2 else "860"


@dataclass(frozen=True)
class Case:
    """An agreement, what happened, and when it is judged."""

    portfolio: Portfolio
    events: list[Event]
    """Raw: with corrections and duplicates."""
    now: Instant | None
    register: Register | None = None
    documents: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What the portfolio was read from."""

    def of(self, events: Sequence[Event]) -> "Case":
        """The same with other events."""
        return replace(self, events=list(events))


def portfolio(documents: dict[str, list[dict[str, Any]]]) -> Portfolio:
    shelf = Shelf([])
    for name, versions in documents.items():
        shelf.documents[name] = [cases.node(version) for version in versions]
    return shelf.portfolio(list(documents))


def case(rng: Random, families: int = 1) -> Case:
    """One agreement, with an overlay or without, and the logs of some families of citizens."""
    days = cases.DAYS[rng.choice(list(cases.DAYS))]
    read = None
    while read is None:
        documents = {"generated": _versions(rng, days)}
        if maybe(rng, 0.25):
            documents["local"] = _overlays(rng, documents["generated"])
        with suppress(AgreementError):  # an overlay that gives `within` to a clause with `before`, and such
            read = portfolio(documents)
    numbered = maybe(rng, 0.2)
    odd = ODD if maybe(rng, 0.08) else ()
    events: list[Event] = []
    for number in range(families):
        events += _log(rng, days, odd, number, len(events), numbered)
    return Case(read, events, now(rng, events), Town() if maybe(rng, 0.3) else None, documents)


def now(rng: Random, events: Sequence[Event]) -> Instant | None:
    """A time among the events (mostly), before them all, or after every due.

    The year 9999 never comes: no calendar goes on after it, and an event in it stays ahead.
    """
    moments = [event.at for event in events if event.at < LATEST] or [LATEST - 1]
    if maybe(rng, 0.15) and len(moments) == len(events):
        return None
    return rng.choice(moments) + rng.choice((0, 0, -1, 1, HOUR, -HOUR, DAY, 9 * DAY, 40 * DAY))


# Agreements


def _versions(rng: Random, days: Sequence[str]) -> list[dict[str, Any]]:
    calendars = rng.choice(CALENDARS)
    base: dict[str, Any] = {
        "agreement": "generated",
        "country": rng.choice(("DK", "DK", "NO")),
        "events": EVENTS,
        "calendars": calendars,
        "parties": PARTIES,
    }
    clauses = [_clause(rng, f"c{number}", calendars) for number in range(rng.randint(1, 4))]
    free = sorted(set(cases.KINDS) - _named([one.get(key) for one in clauses for key in ENDING]))
    if free and maybe(rng, 0.3):
        base["unless"] = [rng.choice(free)]
        for one in clauses:
            if maybe(rng, 0.3):
                one["survives"] = list(base["unless"])
    if maybe(rng, 0.15):
        clauses.append({"id": "words", "source": "generated", "title": "Only said"})
    if maybe(rng, 0.5):
        return [base | {"clauses": clauses} | _applies(rng)]
    edges = sorted(rng.sample(days if maybe(rng, 0.7) else EDGES, rng.randint(2, 5)))
    found = []
    for number, edge in enumerate(edges):
        last = None if number + 1 == len(edges) else str(dt.date.fromisoformat(edges[number + 1]) - _ONE_DAY)
        if last and maybe(rng, 0.25):  # and a gap until the next
            last = edge
        begin = None if number == 0 and maybe(rng, 0.3) else edge
        changed = [_changed(rng, one, calendars) if "deliver" in one else one for one in clauses]
        if maybe(rng, 0.2):
            changed = rng.sample(changed, rng.randint(1, len(changed)))
        found.append(base | {"valid": {"from": begin, "to": last}, "clauses": changed} | _applies(rng))
    return found


def _overlays(rng: Random, versions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A local agreement on top of the base, in one or two versions."""
    calendars = versions[0]["calendars"]
    base = [one for version in versions for one in version["clauses"] if "within" in one]
    found = []
    for begin, end in rng.choice(([(None, None)], [("2026-03-29", None)], [(None, "2026-04-02"), EASTER])):
        clauses = [_clause(rng, "local", calendars)]
        if base:
            one = rng.choice(base)
            clauses.append({"id": one["id"], "source": "local", "verified": True, "within": one["within"]})
            clauses[-1] |= {"repeat": one.get("repeat", "each"), "scope": rng.choice(SCOPES)}
        head = {"agreement": "local", "extends": "generated", "country": versions[0]["country"]}
        found.append(head | {"valid": {"from": begin, "to": end}, "clauses": clauses} | _applies(rng, 0.8))
    return found


def _applies(rng: Random, share: float = 0.25) -> dict[str, Any]:
    choices = (
        {"municipality": ["851", "860"]},
        {"municipality": "851"},
        {"n": {"!=": 2}},
        {"organisation": "H1"},
    )
    return {"applies": rng.choice(choices)} if maybe(rng, share) else {}


def _clause(rng: Random, name: str, calendars: dict[str, Any]) -> dict[str, Any]:
    made = cases.clause(rng, name, list(calendars))
    if maybe(rng, 0.2):  # most real clauses are this plain
        plain = ("id", "source", "after", "deliver", "unless")
        made = {key: made[key] for key in plain if key in made} | {"within": rng.choice(ELAPSED)}
        return {"after": "start"} | made
    made["scope"] = rng.choice(SCOPES)
    if maybe(rng, 0.6):
        made["owed_by"], made["owed_to"] = rng.choice(list(PARTIES)), rng.choice(list(PARTIES))
    if maybe(rng, 0.5):
        made["waiver"] = rng.choice(("owed_by", "owed_to", "both"))
    if "match" in made and maybe(rng, 0.3):
        made["match"] = rng.choice(("m", "municipality", "flag"))
    if "where" not in made and maybe(rng, 0.1):
        made["where"] = {"n": {"in": [1, "x", True]}, "organisation": {"exists": rng.choice((True, False))}}
    for key in ("after", "deliver"):
        if key in made and maybe(rng, 0.2):
            more = made[key] if isinstance(made[key], list) else [made[key]]
            made[key] = [*more, cases.pattern(rng, sorted(_named(made[key])))]
            made[key] = [each for one in made[key] for each in (one if isinstance(one, list) else [one])]
    if "pause" in made and maybe(rng, 0.3):
        made["pause"]["until"] = {"kind": [rng.choice(cases.KINDS), rng.choice(cases.KINDS)]}
    if maybe(rng, 0.1):
        made["evidence"] = "partial"
    return made


def _changed(rng: Random, one: dict[str, Any], calendars: dict[str, Any]) -> dict[str, Any]:
    """A clause as another version has it: mostly the same, or slightly other, or quite another."""
    if maybe(rng, 0.4):
        return one
    if maybe(rng, 0.2):
        made = _clause(rng, one["id"], calendars)
        return made if "survives" not in one else made | {"survives": one["survives"], "unless": None}
    made = dict(one)
    if "within" in made and maybe(rng, 0.6):
        made["within"] = rng.choice(cases.LENGTHS if "pause" in made else cases.WITHIN)
    if "match" not in made and maybe(rng, 0.6):
        made["repeat"] = rng.choice(("each", "first", "first" if "before" in made else "restart"))
    if maybe(rng, 0.3):
        made["scope"] = rng.choice(SCOPES)
    if maybe(rng, 0.3):
        made["deliver"] = cases.pattern(rng, sorted(_named(made["deliver"])))
    if maybe(rng, 0.3) and "owed_by" in made:
        made["owed_by"] = rng.choice(list(PARTIES))
    return made


def _named(spec: Any) -> set[str]:
    """The kinds that a pattern names."""
    if isinstance(spec, dict):
        return _named(spec["kind"])
    if isinstance(spec, list):
        return {kind for one in spec for kind in _named(one)}
    return set() if spec is None else {spec}


# Logs


def _log(
    rng: Random, days: Sequence[str], odd: Sequence[str], number: int, before: int, numbered: bool
) -> list[Event]:
    """What happened to one or two citizens, who may share a pathway."""
    chosen = [f"{day}T{clock}" for day in days for clock in cases.CLOCKS]
    texts = rng.sample(chosen, rng.randint(1, 10)) + (rng.sample(odd, 2) if odd and maybe(rng, 0.5) else [])
    moments = [parse(text, ZONES["DK"]) for text in texts]
    people = (f"{number}a", f"{number}a", f"{number}b", None)
    whose = {f"{number}.{one}": rng.choice(people) for one in range(rng.randint(1, 4))}
    stray = rng.choice((0.0, 0.0, 0.05, 0.3))
    kinds = [*rng.choices(cases.KINDS, k=rng.randint(2, 6)), *(["start"] * 4), "report", "plan", "exit"]
    kinds += ["hold", "go_on", *(["waived"] * rng.randint(0, 3))]
    events: list[Event] = []
    for place in range(rng.randint(1, 25)):
        pathway = rng.choice(list(whose))
        citizen = rng.choice(people) if maybe(rng, stray) else whose[pathway]
        made = _event(rng, rng.choice(kinds), moments)
        name = before + place if numbered else f"{rng.randint(0, 99)}-{number}-{place}"
        events.append(_with(made, id=name, pathway=pathway, citizen=citizen))
    for _ in range(rng.choice((0, 0, 0, 1, 3))):
        changes = rng.choice(events).id
        made = _event(rng, rng.choice(("cancelled", *kinds)), moments)
        pathway = rng.choice(list(whose))
        name = f"change-{number}-{rng.randint(0, 9)}"
        events.append(_with(made, id=name, pathway=pathway, citizen=whose[pathway], changes=changes))
    return events


def _with(event: Event, **given: Any) -> Event:
    return msgspec.structs.replace(event, **given)


def _event(rng: Random, kind: str, moments: Sequence[Instant]) -> Event:
    at = rng.choice(moments)
    attributes: dict[str, Any] = {}
    for name, values, share in (("n", VALUES, 0.7), ("m", ("x", "z", 7, None), 0.3), ("when", WRITTEN, 0.3)):
        if maybe(rng, share):
            attributes[name] = rng.choice(values)
    if maybe(rng, 0.4):
        attributes["flag"] = rng.choice((True, False, "true", "false", 1, "no"))
    if kind == "waived":
        attributes["clause"] = rng.choice(("c0", "c0", "c1", "c2", "local", 7, None))
    return Event(
        id="",
        pathway="",
        kind=rng.choice(EVENTS.get(kind, [kind])),
        at=at,
        sent=rng.choice((None, at, at + MINUTE, rng.choice(moments))),
        received=rng.choice((None, at, at + 3 * HOUR, rng.choice(moments))),
        organisation=rng.choice(ORGANISATIONS),
        municipality=rng.choice(("851", "851", "860", "101", None)),
        attributes=attributes,
    )
