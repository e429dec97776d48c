"""What happens to a citizen: the kinds of course, each a pure function of its random numbers."""

import random
from collections.abc import Callable

from naer.demo.aftercare import after_discharge
from naer.demo.facts import Course, Fact, Notice, at_hours, clock, day_of, in_office
from naer.demo.people import Resident
from naer.demo.region import HOSPITALS, Hospital, hospitals, municipalities, place
from naer.events.instant import DAY, MINUTE, Instant

HOSPITAL_KEYS = tuple(party.key for party in hospitals())
MUNICIPALITY_KEYS = {party.municipality: party.key for party in municipalities()}

MENDED = 0.9
"""Share of what was forgotten that the parties settle afterwards."""
AFTERWARDS = "Aftalt på telefon bagefter"

Build = Callable[[Course, Resident, Instant], None]


def ambulant(course: Course, person: Resident, start: Instant) -> None:
    """An acute ambulant contact that ends at home the same day."""
    hospital = _hospital(course, person)
    arrival = _arrive(course, person, hospital, start)
    leaves = start + course.between(2, 9)
    if course.happens(0.012):
        _die(course, hospital, arrival.at, leaves, "EMER")
        return
    _leave(course, hospital, start, leaves, "EMER")


def admission(course: Course, person: Resident, start: Instant) -> None:
    """A stay: through the acute department, planned in the morning, or straight to the ward."""
    hospital = _hospital(course, person)
    first = start
    route = course.rng.random()
    if route < 0.45:
        _arrive(course, person, hospital, start)
        start += course.between(2, 7)
    elif route < 0.75:
        first = start = at_hours(course.rng, start, 7.5, 10)
    if course.happens(0.01):
        _mistaken(course, person, hospital, start)
        return
    days = min(25.0, max(0.3, 3.4 * course.rng.lognormvariate(0, 0.75)))
    _stay(course, person, hospital, (first, start), int(days * DAY))


def acute_function(course: Course, _: Resident, start: Instant) -> None:
    """General practice hands a citizen to the municipal acute function instead of a hospital."""
    at = at_hours(course.rng, start + 45 * MINUTE, 8.2, 15.5)
    phoned = course.happens(0.9)
    if phoned:
        course.tell("phone_call", at - course.between(5, 40, MINUTE), course.practice, channel="phone")
    course.tell("acute_referral", at, course.practice, referrer="gp")
    if not phoned and course.happens(MENDED):
        course.waive("acute-call-gp", in_office(at, course.between(0.5, 6)), AFTERWARDS)
    course.tell("home_visit", at + course.between(1, 5), course.municipality)
    if course.happens(0.95):
        ends = at_hours(course.rng, at + course.between(1, 6, DAY), 9, 15)
        course.tell("acute_closing", ends, course.municipality)


def slow_report(course: Course, person: Resident, start: Instant, late: bool) -> None:
    """An acute ambulant contact whose admission report comes just before the limit, or hours after it."""
    hospital = _hospital(course, person)
    notice = Notice("STAA", "EMER", start, report_requested=True)
    asked = course.notify("acute_ambulant", start, HOSPITAL_KEYS[hospital], notice)
    answered = start + DAY + (course.between(8.1, 9.5) if late else -course.between(3, 25, MINUTE))
    course.tell("admission_report", answered, course.municipality, answers=asked.id, channel="message")
    _leave(course, hospital, start, start + course.between(3, 7), "EMER")


def waiting(course: Course, person: Resident, start: Instant) -> None:
    """A short stay whose end waits for the municipality."""
    _stay(course, person, _hospital(course, person), (start, start), course.between(20, 36), wait=2)


ORDINARY: tuple[tuple[Build, float], ...] = ((ambulant, 0.34), (admission, 0.58), (acute_function, 0.08))
"""The courses of most citizens, and how common each is."""


def _hospital(course: Course, person: Resident) -> int:
    """The nearest hospital, now and then the next one."""
    near = place(person.municipality).hospitals
    return near[1] if len(near) > 1 and course.happens(0.18) else near[0]


def _arrive(course: Course, person: Resident, hospital: int, start: Instant) -> Fact:
    notice = Notice("STAA", "EMER", start, report_requested=True)
    arrival = course.notify("acute_ambulant", start, HOSPITAL_KEYS[hospital], notice)
    _report(course, person, arrival)
    return arrival


def _admit(course: Course, person: Resident, hospital: int, start: Instant, *, ask: bool = True) -> Fact:
    notice = Notice("STIN", "IMP", start, report_requested=ask)
    admitted = course.notify("admitted", start, HOSPITAL_KEYS[hospital], notice)
    if ask:
        _report(course, person, admitted)
    return admitted


def _report(course: Course, person: Resident, asked: Fact) -> None:
    """The municipality's admission report: by itself, by hand, days late, or never."""
    habits = place(person.municipality).habits
    if course.happens(habits.never * 0.25):
        return
    if course.happens(habits.never):
        at = asked.received + course.between(1.2, 5, DAY)
    elif course.happens(habits.automatic):
        at = asked.received + course.between(3, 50, MINUTE)
    else:
        at = asked.received + course.around(habits.report_hours, 0.55)
    course.tell("admission_report", at, course.municipality, answers=asked.id, channel="message")


def _mistaken(course: Course, person: Resident, hospital: int, start: Instant) -> None:
    """An admission reported for the wrong person, and taken back."""
    wrong = _admit(course, person, hospital, start)
    notice = Notice("AN_STIN", "IMP", start)
    course.notify(
        "cancelled",
        start,
        HOSPITAL_KEYS[hospital],
        notice,
        wrong,
        wrong.sent + course.between(25, 120, MINUTE),
    )


def _stay(
    course: Course,
    person: Resident,
    hospital: int,
    starts: tuple[Instant, Instant],
    length: int,
    wait: float | None = None,
) -> None:
    """From admission to discharge or death. `starts`: of the whole stay, of the admission."""
    start = starts[1]
    admitted = _admit(course, person, hospital, start)
    if course.happens(0.02):
        corrected = start - course.between(20, 60, MINUTE)
        notice = Notice("RE_STIN", "IMP", corrected)
        course.notify(
            "admitted",
            corrected,
            HOSPITAL_KEYS[hospital],
            notice,
            admitted,
            admitted.sent + course.between(1, 2),
        )
    finished = at_hours(course.rng, start + length, 8.5, 12.5)
    if wait is None and course.happens(0.035):
        _die(course, hospital, start, course.within(start, finished, 0.2, 1), "IMP")
        return
    listed = at_hours(course.rng, start + course.between(1, 12), 8, 21)
    course.tell("medication_list", min(listed, finished), HOSPITAL_KEYS[hospital])
    if finished - start > 4 * DAY:
        hospital = _middle(course, person, hospital, start, finished)
    services = wait is not None or (finished - start > DAY and course.happens(0.66))
    assessed = min(
        at_hours(course.rng, course.within(start, finished, 0.15, 0.4), 8, 16),
        course.within(start, finished, 0.5, 0.8),
    )
    rehabilitation = finished - start > DAY and course.happens(0.3)
    key, house = HOSPITAL_KEYS[hospital], HOSPITALS[hospital]
    if services or rehabilitation:
        needs = {"services_needed": services, "rehabilitation_needed": rehabilitation}
        course.tell("need_assessed", assessed, key, **needs)
    leaves = (
        _ready(course, person, house, key, finished, wait) if services else finished + course.between(1, 5)
    )
    if services:
        _forecast(course, house, key, assessed, leaves)
    if _out_of_hours(leaves):
        if course.happens(house.calls):
            course.tell("phone_call", leaves - course.between(0.5, 4), key, channel="phone")
        elif course.happens(MENDED):
            course.waive("discharge-window", in_office(leaves, course.between(1, 20)), AFTERWARDS)
    if rehabilitation or services:
        after_discharge(course, person, hospital, (start, assessed, leaves), services, rehabilitation)
    _leave(course, hospital, starts[0], leaves, "IMP")


def _middle(course: Course, person: Resident, hospital: int, start: Instant, finished: Instant) -> int:
    """Leave for a night, or a move to another hospital; where the citizen is afterwards."""
    key = HOSPITAL_KEYS[hospital]
    if course.happens(0.07):
        away = clock(day_of(start + DAY), 10 + course.rng.random() * 4)
        back = clock(day_of(away + DAY), 15 + course.rng.random() * 4)
        if back < finished:
            course.notify("leave_started", away, key, Notice("STOR", "IMP", start, leave_start=away))
            course.notify(
                "leave_ended", back, key, Notice("SLOR", "IMP", start, leave_start=away, leave_end=back)
            )
    elif course.happens(0.08):
        others = [number for number in range(len(HOSPITALS)) if number != hospital]
        hospital = course.rng.choice(others)
        _admit(course, person, hospital, start + course.between(26, 70), ask=False)
    return hospital


def _ready(
    course: Course, person: Resident, house: Hospital, key: str, finished: Instant, wait: float | None
) -> Instant:
    """Finished treatment, ready notice, the municipality's answer, the wait; when the citizen leaves."""
    habits = place(person.municipality).habits
    course.tell("treatment_finished", finished, key)
    quick = course.happens(house.ready)
    told = finished + (course.between(6, 110, MINUTE) if quick else course.between(2.1, 7))
    course.tell("ready_for_discharge", told, key)
    answered = in_office(told, course.around(habits.answer_hours * 0.62, 0.6))
    if wait is None and course.happens(0.5):
        leaves = max(told, finished) + course.between(2, 6)
    else:
        days = wait if wait is not None else habits.waiting_days * course.rng.lognormvariate(0, 0.5)
        leaves = at_hours(course.rng, told + int(days * DAY), 9.5, 14)
    if answered < leaves:
        can = {"can_receive": leaves - answered < DAY}
        course.tell("municipality_answer", answered, course.municipality, **can)
    return leaves


def _forecast(course: Course, house: Hospital, key: str, assessed: Instant, leaves: Instant) -> None:
    """The care forecast: the day before or earlier, on the day itself, or never."""
    before = clock(day_of(leaves - DAY), 10 + course.rng.random() * 5)
    if course.happens(house.forecast) and before > assessed:
        course.tell("care_forecast", before, key, channel="message")
    elif course.happens(0.75):
        course.tell("care_forecast", leaves - course.between(1, 5), key, channel="message")
    elif course.happens(MENDED):
        course.waive("care-forecast", in_office(leaves, course.between(3, 24)), AFTERWARDS)


def _out_of_hours(instant: Instant) -> bool:
    day = day_of(instant)
    return day.weekday() > 4 or not clock(day, 8) <= instant < clock(day, 20)


def _leave(course: Course, hospital: int, start: Instant, leaves: Instant, contact: str) -> None:
    key = HOSPITAL_KEYS[hospital]
    course.notify("discharged", leaves, key, Notice("SLHJ", contact, start, leaves))
    course.tell("medication_list", leaves + course.between(0.1, 2), key)
    course.tell("epicrisis", leaves + course.around(9, 0.9), key)


def _die(course: Course, hospital: int, start: Instant, at: Instant, contact: str) -> None:
    course.notify("died", at, HOSPITAL_KEYS[hospital], Notice("MORS", contact, start, at))
    course.died = True
    course.facts = [fact for fact in course.facts if fact.at <= at]


def seeded(*parts: object) -> random.Random:
    """Random numbers that depend on nothing but `parts`."""
    return random.Random(":".join(map(str, parts)))  # noqa: S311 - a simulation, not a secret
