"""What is strange about a log is counted by check; a finding leaves nothing out."""

import itertools
import random

import msgspec
import pytest

from naer.events.chunk import Chunk
from naer.events.event import Event
from naer.events.instant import DAY, ZONES, parse
from naer.events.pack import pack
from naer.logs.quality import CHECKS, EXAMPLES, NEEDS, Quality
from naer.logs.store import Builder, append, of_events
from naer.logs.store.quality import followed, keep, survey

DK = ZONES["DK"]
CLOCK = parse("2026-06-01", DK)


def at(text: str) -> int:
    return parse(text, DK)


def story(*events: tuple[str, str] | tuple[str, str, dict[str, object]], pathway: str = "7") -> list[Event]:
    """Events of one pathway: (time, kind, anything else an event has)."""
    numbers = itertools.count(1)
    return [
        Event(
            id=f"{pathway}-{next(numbers)}",
            kind=kind,
            at=at(when),
            **({"pathway": pathway, "citizen": f"c{pathway}"} | dict(*more)),  # type: ignore[arg-type]
        )
        for when, kind, *more in events
    ]


def found(events: list[Event], own: dict[str, str] | None = None) -> dict[str, int]:
    """Checks that found something, with the number of events."""
    return {name: one.events for name, one in seen(pack(events), own=own).found.items() if one.events}


def seen(*chunks: Chunk, own: dict[str, str] | None = None) -> Quality:
    quality = Quality(CLOCK, own or {})
    for chunk in chunks:
        quality.see(chunk)
    return quality


CLEAN = story(
    ("2026-03-02 10:00", "admitted"),
    ("2026-03-03 09:00", "admission_report"),
    ("2026-03-04 12:00", "leave_started"),
    ("2026-03-05 12:00", "leave_ended"),
    ("2026-03-06 12:00", "discharged"),
    ("2026-03-09 12:00", "home_visit"),
    ("2026-03-19 12:00", "admitted"),
    ("2026-03-20 12:00", "died"),
)


def test_a_log_as_it_should_be_has_no_findings():
    assert found(CLEAN) == {}
    assert found([]) == {}


FINDS = [
    ("unknown kind", [("2026-03-02", "Indlagt")]),
    ("future time", [("2026-06-01 00:01", "admitted")]),
    ("filler date", [("1970-01-01", "admitted")]),
    ("filler date", [("1900-01-01", "admitted")]),
    ("sent before it happened", [("2026-03-02 10:00", "admitted", {"sent": at("2026-03-02 09:00")})]),
    (
        "received before sent",
        [
            (
                "2026-03-02 10:00",
                "admitted",
                {"sent": at("2026-03-02 12:00"), "received": at("2026-03-02 11:00")},
            )
        ],
    ),
    ("received before sent", [("2026-03-02 10:00", "admitted", {"received": at("2026-03-02 09:00")})]),
    ("discharged before admitted", [("2026-03-02", "discharged"), ("2026-03-03", "admitted")]),
    ("discharged, never admitted", [("2026-03-02", "discharged")]),
    ("admitted while admitted", [("2026-03-02", "admitted"), ("2026-03-03", "admitted")]),
    ("leave ended, never started", [("2026-03-02", "leave_ended")]),
    ("leave ended, never started", [("2026-03-02", "leave_ended"), ("2026-03-03", "leave_started")]),
    ("after death", [("2026-03-02", "died"), ("2026-03-03", "home_visit")]),
]


@pytest.mark.parametrize(("check", "events"), FINDS)
def test_each_check_finds_its_event_and_nothing_else(check, events):
    assert found(story(*events)) == {check: 1}
    assert found(story(*events) + CLEAN_ELSEWHERE) == {check: 1}
    backwards = story(*events)[::-1] + CLEAN_ELSEWHERE
    assert found(backwards) == {check: 1}


CLEAN_ELSEWHERE = [
    event
    for number in range(3)
    for event in story(
        ("2026-03-02 10:00", "admitted"), ("2026-03-06 12:00", "discharged"), pathway=f"other {number}"
    )
]


@pytest.mark.parametrize(
    "events",
    [
        [("2026-03-02 10:00", "admitted"), ("2026-03-02 10:00", "discharged")],
        [("2026-03-02", "acute_ambulant"), ("2026-03-03", "discharged")],
        [("2026-03-02", "admitted"), ("2026-03-03", "transferred"), ("2026-03-03 10:00", "admitted")],
        [("2026-03-02 10:00", "admitted", {"sent": at("2026-03-02 09:50")})],
        [("2026-03-02 10:00", "admitted", {"received": at("2026-03-02 09:50")})],
        [("2026-03-02", "died"), ("2026-03-03", "discharge_report"), ("2026-03-03", "correspondence")],
        [("2026-03-02 10:00", "died"), ("2026-03-02 10:00", "home_visit")],
        [("2026-06-01 00:00", "admitted")],
    ],
)
def test_what_happens_and_is_no_fault_is_no_finding(events):
    assert found(story(*events)) == {}


def test_death_holds_for_every_pathway_of_the_citizen_and_for_no_other_citizen():
    one = {"citizen": "same"}
    events = [
        *story(("2026-03-02", "died", one), pathway="1"),
        *story(("2026-03-03", "admitted", one), pathway="2"),
        *story(("2026-03-01", "admitted", one), pathway="3"),
        *story(("2026-03-03", "admitted"), pathway="4"),
        *story(("2026-03-02", "died", {"citizen": None}), pathway="5"),
        *story(("2026-03-03", "admitted", {"citizen": None}), pathway="6"),
    ]
    assert found(events) == {"after death": 1}


def test_the_agreements_own_names_are_known_and_checked_as_what_they_stand_for():
    events = story(("2026-03-02", "Udskrevet"), ("2026-03-03", "Indlagt"))
    assert found(events) == {"unknown kind": 2}
    own = {"Udskrevet": "discharged", "Indlagt": "admitted"}
    assert found(events, own) == {"discharged before admitted": 1}


def test_what_is_not_said_is_counted():
    events = [
        *story(("2026-03-02", "admitted", {"municipality": "851", "received": at("2026-03-02")})),
        *story(("2026-03-02", "admitted", {"citizen": None}), ("2026-03-03", "discharged"), pathway="8"),
        *story(("2026-03-02", "admitted", {"citizen": None}), pathway="9"),
    ]
    report = seen(pack(events)).report()
    assert report["without"] == {
        "citizen": 2, "municipality": 3, "organisation": 4, "sent": 4, "received": 3,
    }  # fmt: skip
    assert (report["events"], report["pathways"]) == (4, 3)
    assert (report["from"], report["to"]) == ("2026-03-01T23:00:00Z", "2026-03-02T23:00:00Z")
    assert report["kinds"] == {"admitted": 3, "discharged": 1}


def test_chunks_add_up_to_the_whole_log_in_any_order():
    rng = random.Random(7)
    kinds = [
        "admitted",
        "discharged",
        "died",
        "leave_ended",
        "leave_started",
        "home_visit",
        "x",
        "transferred",
    ]
    pathways = []
    for number in range(60):
        days = [f"2026-{rng.randint(1, 9):02}-{rng.randint(1, 28):02}" for _ in range(rng.randint(1, 9))]
        pathways.append(story(*((day, rng.choice(kinds)) for day in days), pathway=str(number)))
    whole = found([event for pathway in pathways for event in pathway])
    rng.shuffle(pathways)
    parts = [pack([event for one in pathways[n::4] for event in one]) for n in range(4)]
    assert {name: one.events for name, one in seen(*parts).found.items() if one.events} == whole
    assert set(whole) >= {"after death", "admitted while admitted", "discharged before admitted"}


def test_a_few_events_of_each_check_are_named():
    events = [event for n in range(9) for event in story(("2026-03-02", "x"), pathway=str(n))]
    (unknown,) = [one for one in seen(pack(events)).report()["checks"] if one["check"] == "unknown kind"]
    assert unknown["events"] == 9
    assert len(unknown["examples"]) == EXAMPLES
    assert {one["pathway"] for one in unknown["examples"]} < {str(n) for n in range(9)}


def test_every_check_is_tested_above_and_says_what_it_is():
    assert {check for check, _ in FINDS} == set(CHECKS) == set(seen().found)
    assert all(meaning.endswith(".") for meaning in CHECKS.values())


def test_the_report_of_a_store_follows_its_appends(tmp_path):
    """Told from the report before and what was touched, it is the report that reading everything gives."""
    rng = random.Random(3)
    kinds = ["admitted", "discharged", "died", "leave_ended", "home_visit", "x"]
    numbers = itertools.count(1)

    def some(count: int) -> list[Event]:
        return [
            Event(
                id=f"e{next(numbers)}",
                pathway=str(rng.randint(1, 150)),
                kind=rng.choice(kinds),
                at=at(f"2026-0{rng.randint(1, 9)}-{rng.randint(1, 28):02}"),
                citizen=rng.choice([None, f"c{rng.randint(1, 90)}"]),
            )
            for _ in range(count)
        ]

    with Builder(tmp_path / "store") as build:
        build.add(of_events(some(600)))
        store = build.finish()
    survey(store, CLOCK)
    followed_up = 0
    for step in range(12):
        clock = CLOCK + step * DAY
        more = some(6)
        undone = Event(
            id=f"u{step}", pathway="1", kind="cancelled", at=CLOCK, changes=f"e{rng.randint(1, 600)}"
        )
        moved = msgspec.structs.replace(more[0], id=f"e{rng.randint(1, 600)}", pathway="moved")
        after = append(store, [of_events([*more[1:], undone])], anew=[of_events([moved])])
        report = followed(after, clock)
        fresh = Quality(clock)
        for section in after.sections:
            fresh.see(section.load(NEEDS))
        if report is not None:
            followed_up += 1
            assert counts(report) == counts(fresh.report())
            pathways = {event.pathway for event in after.read_events()}
            assert {example["pathway"] for one in report["checks"] for example in one["examples"]} <= pathways
            keep(after, clock, {}, report)
        else:
            survey(after, clock)
        store = after
    assert followed_up > 8
    assert any(piece.dead is not None for piece in store.pieces)


def test_a_death_is_looked_for_in_all_pathways_of_a_citizen_to_whom_an_append_adds(tmp_path):
    """Of who only got more events, pathways without any are looked at only where somebody died."""

    def one(citizen: str, stay: int, kind: str, day: int) -> Event:
        stays = f"{citizen}/{stay}"
        when = at(f"2026-01-{day:02}")
        return Event(id=f"{stays} {kind} {day}", pathway=stays, kind=kind, at=when, citizen=citizen)

    old = [one("a", 1, "died", 5), one("b", 1, "home_visit", 9), one("c", 1, "home_visit", 1)]
    new = [one("a", 2, "home_visit", 8), one("b", 2, "died", 7), one("c", 2, "leave_ended", 2)]
    with Builder(tmp_path / "store") as build:
        build.add(of_events([*old, one("c", 1, "discharged", 3), one("d", 1, "discharged", 3)]))
        store = build.finish()
    survey(store, CLOCK)
    after = append(store, [of_events(new)])
    assert [piece.beside for piece in after.pieces] == [False, True]
    report = followed(after, CLOCK)
    fresh = Quality(CLOCK)
    for section in after.sections:
        fresh.see(section.load(NEEDS))
    assert report is not None
    assert counts(report) == counts(fresh.report())
    shown = {one["check"]: {example["pathway"] for example in one["examples"]} for one in report["checks"]}
    assert shown["after death"] == {"a/2", "b/1"}
    assert shown["discharged, never admitted"] == {"c/1", "d/1"}
    assert shown["leave ended, never started"] == {"c/2"}


def test_a_report_that_cannot_be_kept_is_told_all_the_same(tmp_path):
    """On a full disk, or of a store that may only be read."""
    with Builder(tmp_path / "store") as build:
        build.add(of_events(CLEAN))
        store = build.finish()
    (tmp_path / "store" / "quality.draft").mkdir()
    report = survey(store, CLOCK)
    assert counts(report) == counts(seen(pack(CLEAN)).report())
    assert not (tmp_path / "store" / "quality.json").exists()


def counts(report):
    """A report without its examples."""
    return report | {"checks": {one["check"]: one["events"] for one in report["checks"]}}
