"""The day-fee clock as a table of stories: whether it runs, how many days count, what keeps it from running.

Each statement is of the source named in `naer.site.discharge.day_fee`.
"""

import pytest

from naer.events.event import Event
from naer.events.instant import HOUR, ZONES, Instant, local_date, parse, text
from naer.site.discharge.day_fee import DENMARK, NORWAY, Clock, Warned, clock
from naer.site.discharge.moments import way

ZONE = ZONES["DK"]
START = parse("2026-03-02 10:00", ZONE)
WORDS = {
    "emergency": "acute_ambulant", "warned": "admission_warning", "finished": "treatment_finished",
    "ready": "ready_for_discharge", "withdrawn": "ready_withdrawn", "no": "municipality_answer",
    "yes": "municipality_answer", "offer": "offer_ready", "home": "discharged",
}  # fmt: skip
"""A story is words, each with its day and hour: `ready@3.12` is at 12:00, three days after 2 March."""


def _at(word: str) -> Instant:
    day, _, hour = word.partition(".")
    return parse(f"2026-03-{2 + int(day):02d} {int(hour):02d}:00", ZONE)


def _events(story: str) -> list[Event]:
    found = []
    for number, word in enumerate(story.split()):
        name, _, when = word.partition("@")
        when, _, possible = when.partition(">")
        attributes: dict[str, object] = {"can_receive": name == "yes"} if name in ("no", "yes") else {}
        if possible:
            attributes["from"] = text(_at(possible))
        at = _at(when)
        found.append(
            Event(
                id=str(number), pathway="p", citizen="c", kind=WORDS.get(name, name), at=at, sent=at,
                received=at, organisation="h", attributes=attributes,
            )
        )  # fmt: skip
    return found


def _clock(country: str, story: str, now: str, warned: str = "") -> Clock | None:
    found = way(_events(story))
    assert found is not None
    return clock(found, country, Warned(warned), _at(now))


STAY = "admitted@0.10 warned@0.15 finished@3.9 ready@3.12"
NORWEGIAN: list[tuple[str, str, str, bool, int, str]] = [
    # (story, now, what became of the duty to warn, runs, days, conditions that do not hold)
    ("admitted@0.10 warned@0.15", "2.10", "kept", False, 0, "assessed ready"),
    (STAY, "3.12", "kept", True, 1, ""),  # § 13: from and including the day declared ready
    (STAY, "5.10", "kept", True, 3, ""),
    (STAY, "5.10", "late", False, 0, "warned"),  # § 8: not warned in time, no payment
    (STAY, "5.10", "missing", False, 0, "warned"),
    (STAY, "5.10", "", True, 3, ""),  # nothing judged it: within the 24 hours of § 8
    (STAY.replace("warned@0.15 ", ""), "5.10", "", False, 0, "warned"),
    (STAY.replace("warned@0.15", "warned@2.15"), "5.10", "", False, 0, "warned"),
    (STAY.replace("warned@0.15", "warned@2.15"), "5.10", "kept", True, 3, ""),  # the need became clear later
    (f"{STAY} no@3.15", "5.10", "kept", True, 3, ""),
    (f"{STAY} no@3.15 home@6.11", "8.10", "kept", False, 3, "present"),
    (f"{STAY} yes@3.15", "5.10", "kept", False, 0, "unanswered"),  # § 11: it could receive the same day
    (f"{STAY} yes@4.15", "5.10", "kept", False, 1, "unanswered"),
    (f"{STAY} yes@3.15>6.09", "5.10", "kept", True, 3, ""),  # yes, but later: until then it cannot
    (f"{STAY} yes@3.15>6.09", "7.10", "kept", False, 3, "unanswered"),
    (f"{STAY} no@3.15 offer@5.9", "7.10", "kept", False, 2, "unanswered"),
    (f"{STAY} yes@4.15 no@6.9", "7.10", "kept", True, 3, ""),  # it takes its word back: the 5th, 8th, 9th
    (
        f"{STAY} withdrawn@4.9",
        "7.10",
        "kept",
        False,
        1,
        "ready",
    ),  # what stood before it was taken back counts
    (f"{STAY} withdrawn@4.9 ready@6.9", "7.10", "kept", True, 3, ""),
    (f"{STAY} withdrawn@3.15 ready@3.18", "4.10", "kept", True, 2, ""),  # no day counts twice
    (f"{STAY} ready@5.9", "6.10", "kept", True, 4, ""),  # told again: ready all the time
]
DANISH: list[tuple[str, str, bool, int, str]] = [
    ("admitted@0.10", "2.10", False, 0, "ready"),
    ("admitted@0.10 ready@3.12", "3.20", True, 0, ""),
    ("admitted@0.10 ready@3.12", "5.10", True, 2, ""),
    ("admitted@0.10 ready@3.12 yes@3.13", "5.10", True, 2, ""),  # the answer changes nothing
    ("admitted@0.10 ready@3.12 home@5.11", "9.10", False, 2, "present"),
    ("admitted@0.10 ready@3.12 withdrawn@4.10", "9.10", False, 1, "ready"),
]


@pytest.mark.parametrize(("story", "now", "warned", "runs", "days", "lacks"), NORWEGIAN)
def test_norway(story: str, now: str, warned: str, runs: bool, days: int, lacks: str) -> None:
    found = _clock(NORWAY, story, now, warned)
    assert found is not None
    assert (found.runs, found.days) == (runs, days)
    assert [one.name for one in found.missing] == lacks.split()
    assert (found.since == local_date(_at("3.12"), ZONE)) is (days > 0)


@pytest.mark.parametrize(("story", "now", "runs", "days", "lacks"), DANISH)
def test_denmark(story: str, now: str, runs: bool, days: int, lacks: str) -> None:
    found = _clock(DENMARK, story, now)
    assert found is not None
    assert (found.runs, found.days) == (runs, days)
    assert [one.name for one in found.missing] == lacks.split()


def test_an_emergency_contact_has_none() -> None:
    assert _clock(DENMARK, "emergency@0.10", "1.10") is None


def test_every_condition_that_holds_names_what_shows_it() -> None:
    found = _clock(NORWAY, f"{STAY} no@3.15", "5.10", "kept")
    assert found is not None
    shown = {one.name: one.event.kind if one.event else None for one in found.conditions}
    assert shown == {
        "warned": "admission_warning", "assessed": "treatment_finished", "ready": "ready_for_discharge",
        "unanswered": "municipality_answer", "present": None,
    }  # fmt: skip


def test_the_clock_change_is_no_day_more() -> None:
    """The night to 29 March 2026 has 23 hours; two nights are two days all the same."""
    at = parse("2026-03-28 12:00", ZONE)
    events = [
        Event(
            id=str(n),
            pathway="p",
            citizen="c",
            kind=kind,
            at=when,
            sent=when,
            received=when,
            organisation="h",
        )
        for n, (kind, when) in enumerate((("admitted", at - HOUR), ("ready_for_discharge", at)))
    ]
    found = way(events)
    assert found is not None
    told = clock(found, DENMARK, Warned(), parse("2026-03-30 11:30", ZONE))
    assert told is not None
    assert told.days == 2
