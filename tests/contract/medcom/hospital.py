"""A hospital that writes notifications about people who cannot exist, and ways to break them."""

import copy
import itertools
import json
from collections.abc import Callable
from typing import Any

from naer.events.event import Event
from naer.events.instant import DAY, HOUR, ZONES, Instant, parse
from naer.messages import read
from naer.messages.content import Party, Person
from naer.messages.envelope import Format, Incoming
from naer.messages.medcom import events, hospitalnotification
from naer.messages.medcom.codes import family
from naer.messages.medcom.hospitalnotification import Link, extend

HOSPITAL = Party("90000000016001", "5799990000017", "Prøvesygehuset")
MUNICIPALITY = Party("90000000016002", "5799990000024", "Prøve Kommune")
WARD = Party("90000000016003", "", "Afsnit P")
PERSON = Person(number="7201901234", family="Prøvesen", given=("Alma", "Test"))
EPISODE = "urn:uuid:0DD5A0F0-1111-4222-8333-444455556666"
KEY = "0dd5a0f0111142228333444455556666"


def at(text: str) -> Instant:
    """A time in March 2026: "2 10:00" is the second at ten, Danish time."""
    day, _, clock = text.partition(" ")
    return parse(f"2026-03-{int(day):02d}T{clock or '00:00'}", ZONES["DK"])


def counter(prefix: str = "id") -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"{prefix}-{next(numbers)}"


def chain_before(code: str) -> tuple[Link, ...]:
    """An ordinary chain of earlier messages for each code."""
    base = family(code)
    first = "STAA" if base == "STAA" else "STIN"
    earlier = {"STOR": [first], "SLOR": [first, "STOR"], "SLHJ": [first], "MORS": [first]}.get(base, [])
    if code.startswith(("RE_", "AN_")):
        earlier = [*earlier, base]
    chain: tuple[Link, ...] = ()
    for place, name in enumerate(earlier):
        chain = extend(chain, name, f"earlier-{place}", at("1 08:00") + place * HOUR)
    return chain


def message(code: str = "STIN", format: Format = "json", **changes: Any) -> bytes:
    """A notification that follows every rule, with an ordinary course before it."""
    base = family(code)
    given: dict[str, Any] = {
        "person": PERSON,
        "sender": HOSPITAL,
        "receiver": MUNICIPALITY,
        "episodes": [EPISODE],
        "header": "header-1",
        "sent": at("2 10:05"),
        "start": at("1 07:55"),
        "new_id": counter(),
        "chain": chain_before(code),
        "end": at("2 10:00") if base in ("SLHJ", "MORS") and code not in ("AN_SLHJ", "AN_MORS") else None,
        "leave_start": at("1 12:00") if base in ("STOR", "SLOR") and code != "AN_STOR" else None,
        "leave_end": at("2 09:00") if base == "SLOR" and code != "AN_SLOR" else None,
        "format": format,
    }
    return hospitalnotification.write(code, **(given | changes))


def tree(code: str = "STIN", **changes: Any) -> dict[str, Any]:
    """The same as a tree that a test may break."""
    return json.loads(message(code, **changes))


def resource(bundle: dict[str, Any], kind: str, place: int = 0) -> dict[str, Any]:
    """One resource of a type in a bundle's tree."""
    found = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]
    return found[place]


def without(bundle: dict[str, Any], kind: str) -> dict[str, Any]:
    """The bundle without the resources of a type."""
    left = copy.deepcopy(bundle)
    left["entry"] = [e for e in left["entry"] if e["resource"]["resourceType"] != kind]
    return left


def read_tree(bundle: Any) -> Incoming:
    return read(json.dumps(bundle).encode())


def event(code: str, *, pathway: str = "p1", received: Instant = 0, **changes: Any) -> Event:
    """The raw event of a notification."""
    incoming = read(message(code, **changes))
    assert incoming.issues == []
    return events.event(incoming, "c1", pathway, "hospital", "999", received)


class Course:
    """One stay told message by message, with a proper provenance chain: `tell("STIN", "2 10:00")`."""

    def __init__(self, name: str = "c", episodes: tuple[str, ...] = (EPISODE,), pathway: str = "p1") -> None:
        self.name, self.episodes, self.pathway = name, episodes, pathway
        self.chain: tuple[Link, ...] = ()
        self.told: list[Event] = []

    def tell(self, code: str, when: str, sent: str = "", **changes: Any) -> Event:
        """A message about `when`, sent then unless said."""
        moment, written = at(when), at(sent or when)
        header = f"{self.name}{len(self.told) + 1}"
        times: dict[str, Any] = {"start": at("1 00:00") - DAY}
        base = family(code)
        if base in ("STAA", "STIN"):
            times["start"] = moment
        elif base == "STOR":
            times["leave_start"] = moment
        elif base == "SLOR":
            times |= {"leave_start": moment - HOUR, "leave_end": moment}
        else:
            times["end"] = moment
            if base == "MORS" and self.chain and "leave" in self.chain[-1].activity:
                times["leave_start"] = moment - HOUR
        given = times | {"chain": self.chain, "header": header, "sent": written} | changes
        made = event(code, pathway=self.pathway, episodes=self.episodes, **given)
        chain = given["chain"]
        self.chain = extend(chain, code, header, written, given.get("encounter_class", ""))
        self.told.append(made)
        return made
