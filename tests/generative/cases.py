"""Random agreements and logs, small and dense, so that events collide with each other and with dues.

Everything is drawn from one `random.Random`; Hypothesis gives one that it can shrink.
"""

from collections.abc import Sequence
from random import Random
from typing import Any

from naer.agreement.document import Node
from naer.agreement.portfolio import Portfolio
from naer.agreement.shelf import Shelf
from naer.events.event import Event
from naer.events.instant import HOUR, MINUTE, ZONES, parse

KINDS = ("start", "plan", "report", "call", "stop", "gone", "exit", "hold", "go_on")
EVENTS = {kind: kind.upper() for kind in KINDS} | {"call": ["CALL", "PHONE"]}
LENGTHS = (
    "0 h", "1 h", "90 min", "24 h", "48 h", "1 days", "2 days", "1 weeks", "1 months",
    "1 working days", "2 working days", "3 working days", "2 working hours", "8 working hours",
)  # fmt: skip
BACK = ("1 h", "24 h", "1 days", "2 days", "1 working days", "1 weeks")
WITHIN = (
    *LENGTHS, *LENGTHS, "at once", "by 12:00 same day", "by 02:30 next day", "by 24:00 next working day",
    "by 12:00 2 days later", "by 08:00 2 working days later",
)  # fmt: skip
AHEAD = (*BACK, "by 24:00 day before", "by 12:00 same day", "by 10:00 working day before")
CALENDARS = (
    {},
    {"office": {"days": "mon-fri", "hours": "08:00-16:00"}},
    {
        "office": {
            "days": "mon-sun",
            "hours": "02:30-24:00",
            "holidays": "none",
            "add": ["03-28", "2026-10-24"],
        }
    },
    {
        "office": {"days": "mon-fri", "hours": "08:00-16:00", "remove": ["04-06"]},
        "other": {"days": "mon-sat"},
    },
)
DAYS = {
    "spring": ("2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31", "2026-04-01"),
    "easter": ("2026-04-01", "2026-04-02", "2026-04-05", "2026-04-07", "2026-04-08", "2026-04-10"),
    "autumn": ("2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26", "2026-10-27", "2026-10-31"),
    "newyear": ("2023-12-29", "2023-12-31", "2024-01-01", "2024-01-02", "2024-02-29", "2024-04-26"),
}
CLOCKS = ("00:00", "02:30", "03:30", "08:00", "10:00", "10:00", "12:00", "16:00", "23:59:59.999999")


def maybe(rng: Random, share: float) -> bool:
    return rng.random() < share


def pattern(rng: Random, kinds: Sequence[str]) -> Any:
    kind: Any = rng.choice(kinds)
    if maybe(rng, 0.15):
        return {"kind": kind, "where": where(rng)}
    if maybe(rng, 0.1):
        return [kind, rng.choice(kinds)]
    return kind


def where(rng: Random) -> dict[str, Any]:
    choices = (
        {"n": {">=": 2}}, {"n": 1}, {"n": {"in": [1, 3]}}, {"flag": True}, {"flag": {"exists": False}},
        {"n": {"<": 3}}, {"n": {"!=": 1}}, {"m": ["x", "y"]}, {"municipality": "851"},
    )  # fmt: skip
    return dict(rng.choice(choices))


def clause(rng: Random, name: str, calendars: Sequence[str]) -> dict[str, Any]:
    roles = list(KINDS)
    rng.shuffle(roles)
    delivered, released, ended = roles[:2], roles[2:4], roles[4:6]
    made: dict[str, Any] = {"id": name, "source": "generated", "deliver": pattern(rng, delivered)}
    usual = ("start", "start", "start", "plan")
    before = maybe(rng, 0.3)
    if before:
        made["before"] = rng.choice(ended)
        if maybe(rng, 0.7):
            made["ahead"] = rng.choice(AHEAD)
        if maybe(rng, 0.6):
            made["after"] = pattern(rng, usual if maybe(rng, 0.7) else KINDS)
    else:
        made["after"] = pattern(rng, usual if maybe(rng, 0.7) else KINDS)
        made["within"] = rng.choice(WITHIN)
    if maybe(rng, 0.5):
        made["unless"] = pattern(rng, released)
    if maybe(rng, 0.15):
        made["where"] = where(rng)
    if calendars and maybe(rng, 0.5):
        made["calendar"] = rng.choice(calendars)
    if maybe(rng, 0.1):
        made["when"] = rng.choice(("open", "closed"))
    if maybe(rng, 0.25):
        made["since"] = since(rng)
    if not before:
        _only_within(rng, made)
    if made.get("repeat") is None and maybe(rng, 0.15):
        made["repeat"] = "first"
    return made


def _only_within(rng: Random, made: dict[str, Any]) -> None:
    if maybe(rng, 0.2):
        made["start"] = "next opening"
    if maybe(rng, 0.3):
        anchors = ("at", "sent", "received", {"last": rng.choice(KINDS)}, {"attribute": "when"},
                   {"last": rng.choice(KINDS), "attribute": "when"})  # fmt: skip
        made["anchor"] = rng.choice(anchors) if maybe(rng, 0.5) else rng.sample(anchors, 2)
    clocked = made["within"] == "at once" or made["within"].startswith("by")
    if not clocked and maybe(rng, 0.4):
        made["pause"] = {
            "from": rng.choice((*KINDS, "hold", "hold", "hold")),
            "until": rng.choice((*KINDS, "go_on", "go_on", "go_on")),
        }
        if made["pause"]["from"] == made["pause"]["until"]:
            del made["pause"]
    if maybe(rng, 0.25):
        made["repeat"] = "restart"
    elif maybe(rng, 0.2):
        made["match"] = "n"
        made["repeat"] = "each"
    if "match" not in made and maybe(rng, 0.2):
        made["accept_earlier"] = rng.choice(BACK)


def since(rng: Random) -> dict[str, Any]:
    operator = rng.choice(("over", "at least", "under", "at most"))
    made: dict[str, Any] = {operator: rng.choice(LENGTHS)}
    if maybe(rng, 0.4):
        return {"last": rng.choice(KINDS)} | made
    made["first"] = rng.choice(KINDS)
    if maybe(rng, 0.8):
        made["reset"] = rng.choice(KINDS)
    return made


def agreement(rng: Random) -> list[dict[str, Any]]:
    """One agreement, as one document for each version."""
    calendars = rng.choice(CALENDARS)
    base: dict[str, Any] = {
        "agreement": "generated",
        "country": rng.choice(("DK", "DK", "NO")),
        "events": EVENTS,
        "calendars": calendars,
    }
    if maybe(rng, 0.2):
        base["applies"] = {"municipality": ["851", "860"]}
    clauses = [clause(rng, f"c{number}", list(calendars)) for number in range(3)]
    scope = [rng.choice(("pathway", "pathway", "citizen")) for _ in clauses]
    for one, which in zip(clauses, scope, strict=True):
        one["scope"] = which
    if maybe(rng, 0.7):
        return [base | {"clauses": clauses}]
    changed = [dict(one) for one in clauses]
    for one in changed:
        if "within" in one and "pause" not in one:
            one["within"] = rng.choice(WITHIN)
        if maybe(rng, 0.3):
            one["deliver"] = pattern(rng, [_kind(one["deliver"])])
    early, late = rng.choice(
        (("2026-03-28", "2026-03-29"), ("2026-04-01", "2026-04-06"), ("2026-10-24", "2026-10-25"))
    )
    return [
        base | {"valid": {"from": "2020-01-01", "to": early}, "clauses": clauses},
        base | {"valid": {"from": late, "to": None}, "clauses": changed},
    ]


def _kind(spec: Any) -> str:
    while not isinstance(spec, str):
        spec = spec[0] if isinstance(spec, list) else spec["kind"]
    return spec


def times(rng: Random) -> list[int]:
    days = DAYS[rng.choice(list(DAYS))]
    chosen = [f"{day}T{clock}" for day in days for clock in CLOCKS]
    return [parse(text, ZONES["DK"]) for text in rng.sample(chosen, rng.randint(2, 12))]


def log(rng: Random) -> list[Event]:
    """A raw log: a few pathways of a few citizens, with duplicates, corrections and reused ids."""
    moments = times(rng)
    kinds = [rng.choice(KINDS) for _ in range(rng.randint(2, 6))] + [
        "start",
        "start",
        "report",
        "plan",
        "exit",
        "hold",
        "go_on",
    ]
    events = [_event(rng, number, rng.choice(kinds), moments) for number in range(rng.randint(1, 25))]
    for _ in range(rng.choice((0, 0, 0, 1, 2, 4))):
        kind = rng.choice(("cancelled", "cancelled", *kinds))
        changed = rng.choice(events).id if maybe(rng, 0.9) else "nothing"
        made = _event(rng, len(events), kind, moments, changes=changed)
        events.append(made)
    if maybe(rng, 0.1):
        twin = rng.choice(events)
        made = _event(rng, 0, twin.kind, moments)
        events.append(_copy(made, id=twin.id))
    if maybe(rng, 0.1):
        events.append(_copy(rng.choice(events), received=rng.choice(moments)))
    return events


def _copy(event: Event, **fields: Any) -> Event:
    return Event(**{name: getattr(event, name) for name in event.__struct_fields__} | fields)


def _event(rng: Random, number: int, kind: str, moments: Sequence[int], changes: Any = None) -> Event:
    at = rng.choice(moments)
    names = EVENTS.get(kind, kind)
    pathway = rng.choice(("p1", "p1", "p1", "p2", "p3"))
    attributes: dict[str, Any] = {}
    if maybe(rng, 0.7):
        attributes["n"] = rng.choice((1, 2, 3, 1, 2, "2", "x"))
    if maybe(rng, 0.4):
        attributes["flag"] = rng.choice((True, False, "true", "false"))
    if maybe(rng, 0.3):
        attributes["m"] = rng.choice(("x", "z"))
    if maybe(rng, 0.3):
        attributes["when"] = rng.choice(("2026-03-29T02:30", "2026-04-02", "2026-10-25T02:30", "soon"))
    if maybe(rng, 0.08):
        kind, names, attributes["clause"] = "waived", "waived", rng.choice(("c0", "c1", "c2"))
    return Event(
        id=f"{rng.randint(0, 99)}-{number}",
        pathway=pathway,
        citizen={"p1": "one", "p2": "one", "p3": None}[pathway] if maybe(rng, 0.97) else None,
        kind=rng.choice(names) if isinstance(names, list) else names,
        at=at,
        sent=rng.choice((None, at, at + MINUTE, rng.choice(moments))),
        received=rng.choice((None, at, at + 3 * HOUR, rng.choice(moments))),
        municipality=rng.choice((None, "851", "101")) if maybe(rng, 0.3) else "851",
        attributes=attributes,
        changes=changes,
    )


def now(rng: Random, events: Sequence[Event]) -> int | None:
    if maybe(rng, 0.2):
        return None
    return rng.choice(events).at + rng.choice((0, 0, 1, HOUR, 24 * HOUR, 40 * 24 * HOUR))


def node(value: Any) -> Node:
    """A plain value as the document it would be in a file."""
    if isinstance(value, dict):
        return Node({key: node(member) for key, member in value.items()}, "generated", 1)
    if isinstance(value, list):
        return Node([node(member) for member in value], "generated", 1)
    return Node(value, "generated", 1)


def portfolio(versions: Sequence[dict[str, Any]]) -> Portfolio:
    shelf = Shelf([])
    shelf.documents["generated"] = [node(version) for version in versions]
    return shelf.portfolio(["generated"])
