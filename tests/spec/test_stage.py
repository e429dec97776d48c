"""How far a stay has come on its way home, as a table of stories."""

import pytest

from naer.events.event import Event
from naer.events.instant import HOUR, ZONES, parse, text
from naer.site.pathways.stage import NONE, Stage, stage

START = parse("2026-03-02 10:00", ZONES["DK"])
"""The events of a story come one an hour from here."""
AT_30, AT_50, AT_8 = (text(START + hours * HOUR) for hours in (30, 50, 8))
SHORT: dict[str, tuple[str, dict[str, object]]] = {
    "emergency": ("acute_ambulant", {"class": "EMER"}),
    "leaves-emergency": ("discharged", {"class": "EMER"}),
    "expected-30": ("expected_ready", {"expected_at": AT_30}),
    "expected-soon": ("expected_ready", {"expected_at": "soon"}),
    "warned-30": ("admission_warning", {"expected_at": AT_30}),
    "warned": ("admission_warning", {}),
    "ready": ("ready_for_discharge", {}),
    "withdrawn": ("ready_withdrawn", {}),
    "words": ("municipality_answer", {}),
    "no": ("municipality_answer", {"can_receive": False}),
    "no-50": ("municipality_answer", {"can_receive": False, "from": AT_50}),
    "yes": ("municipality_answer", {"can_receive": True}),
    "yes-8": ("municipality_answer", {"can_receive": True, "from": AT_8}),
    "agreed-8": ("discharge_agreed", {"leaves_at": AT_8}),
    "home": ("discharged", {"class": "IMP"}),
    "visit": ("home_visit", {}),
}
"""Word → kind and attributes; any other word is a kind."""
STORIES: dict[str, tuple[str, int | None, int | None]] = {
    "": ("", None, None),
    "emergency": ("ambulant", 0, None),
    "emergency leaves-emergency": ("", None, None),
    "admitted": ("admitted", 0, None),
    "emergency admitted": ("admitted", 1, None),
    "admitted leave_started": ("admitted", 0, None),
    "leave_started": ("admitted", 0, None),
    "admitted expected-30": ("expected", 1, 30),
    "admitted expected-soon": ("admitted", 0, None),
    "admitted warned": ("admitted", 0, None),
    "admitted warned-30": ("expected", 1, 30),
    "admitted ready": ("ready", 1, None),
    "admitted yes ready": ("ready", 2, None),
    "admitted ready words": ("ready", 1, None),
    "admitted ready no": ("cannot", 2, None),
    "admitted ready no-50": ("cannot", 2, 50),
    "admitted ready yes-8": ("can", 2, 8),
    "admitted ready no offer_ready": ("can", 3, 3),
    "admitted ready yes agreed-8": ("agreed", 3, 8),
    "admitted ready yes agreed-8 no": ("cannot", 4, None),
    "admitted ready yes ready": ("ready", 3, None),
    "admitted expected-30 ready withdrawn": ("expected", 3, 30),
    "admitted ready withdrawn": ("admitted", 2, None),
    "admitted withdrawn": ("admitted", 0, None),
    "admitted ready home": ("home", 2, None),
    "admitted visit": ("admitted", 0, None),
    "admitted home visit": ("visited", 2, None),
    "admitted home visit follow_up_visit": ("visited", 2, None),
    "home": ("home", 0, None),
    "admitted home admitted": ("admitted", 2, None),
    "admitted ready died": ("", None, None),
}
"""Story → stage, the hour it began, the hour it plans for."""


def _events(story: str) -> list[Event]:
    found = []
    for number, word in enumerate(story.split()):
        kind, attributes = SHORT.get(word, (word, {}))
        at = START + number * HOUR
        found.append(
            Event(
                id=str(number), pathway="p", citizen="c", kind=kind, at=at, sent=at, received=at,
                organisation="ward" if word == "admitted" else "other", attributes=attributes,
            )
        )  # fmt: skip
    return found


@pytest.mark.parametrize("story", STORIES)
def test_stage(story: str) -> None:
    name, since, plan = STORIES[story]
    found = stage(_events(story))
    hours = [START + hour * HOUR if hour is not None else None for hour in (since, plan)]
    assert [found.name, found.since, found.plan] == [name, *hours]


def test_the_hospital_is_that_of_the_last_start() -> None:
    assert stage(_events("emergency admitted ready")).hospital == "ward"
    assert stage(_events("emergency")).hospital == "other"
    assert stage([]) == NONE == Stage("", None, None, "")
