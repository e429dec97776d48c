"""What follows a stay: rehabilitation, home and follow-up visits, questions to the ward."""

from naer.demo.facts import Course, Fact, at_hours, clock, day_of, in_office
from naer.demo.people import Resident
from naer.demo.region import HOSPITALS, Habits, hospitals, place
from naer.events.instant import DAY, HOUR, Instant

OFFICE_DAY = 8 * HOUR
KEYS = tuple(party.key for party in hospitals())

DECLINED = "Borgeren takkede nej til besøget"

Times = tuple[Instant, Instant, Instant]
"""Admitted, need assessed, left."""


def after_discharge(
    course: Course, person: Resident, hospital: int, times: Times, services: bool, rehabilitation: bool
) -> None:
    """Everything after the citizen has left, and the plans made for it while still in hospital."""
    admitted, assessed, leaves = times
    habits = place(person.municipality).habits
    key = KEYS[hospital]
    if services:
        course.tell("discharge_report", leaves - course.between(0.2, 2), key, channel="message")
        course.tell(
            "home_visit", at_hours(course.rng, leaves + course.between(2, 26), 8, 19), course.municipality
        )
        if course.happens(0.1):
            _question(course, key, leaves)
    if rehabilitation:
        _rehabilitation(course, habits, hospital, assessed, leaves)
    if services and leaves - admitted > 2 * DAY and course.happens(0.16):
        chosen = course.within(assessed, leaves, 0.5, 0.9)
        course.tell("follow_up_chosen", chosen, key)
        _visits(course, habits, leaves)


def _question(course: Course, hospital: str, leaves: Instant) -> None:
    """Home nursing asks the ward, which still has the treatment responsibility."""
    asked = leaves + course.between(2, 68)
    question = {"to": "hospital", "extended_responsibility": True, "channel": "phone"}
    request = course.tell("request", asked, course.municipality, **question)
    if course.happens(0.97):
        at = asked + course.around(0.5, 0.8)
        course.tell("answer", at, hospital, answers=request.id, channel="phone")


def _rehabilitation(
    course: Course, habits: Habits, hospital: int, assessed: Instant, leaves: Instant
) -> None:
    """The plan, in time or not, then contact, offer and start; sometimes a hold."""
    if course.happens(HOSPITALS[hospital].plan):
        made = max(assessed, leaves - course.between(3, 26))
    elif course.happens(0.8):
        made = leaves + course.between(2, 40)
    else:
        return
    own_date: dict[str, object] = {}
    starts = made + course.around(10.5, 0.22, DAY)
    if course.happens(0.12):
        by = made + course.between(18, 40, DAY)
        own_date = {"start_by": day_of(by).isoformat()}
        starts = by - course.between(-2, 8, DAY)
    plan = course.tell("rehabilitation_plan", made, KEYS[hospital], channel="message", **own_date)
    contact = in_office(plan.received, course.around(habits.contact_days, 0.38, OFFICE_DAY))
    if course.happens(0.07):
        contact, starts = _hold(course, plan, contact, starts)
    course.tell("rehabilitation_contact", contact, course.municipality, channel="phone")
    offered = max(leaves, at_hours(course.rng, contact + course.between(0.5, 2.5, DAY), 8.5, 15))
    course.tell("rehabilitation_offered", offered, course.municipality, channel="message")
    starts = at_hours(course.rng, max(starts, offered + HOUR), 8.5, 15)
    course.tell("rehabilitation_started", starts, course.municipality)


def _hold(course: Course, plan: Fact, contact: Instant, starts: Instant) -> tuple[Instant, Instant]:
    """The citizen is not able to begin; contact and start move by as much."""
    begins = plan.at + course.between(8, 60)
    lasts = course.between(3, 12, DAY)
    course.tell("hold_started", begins, course.municipality, reason="medical")
    course.tell("hold_ended", begins + lasts, course.municipality, reason="medical")
    return (contact + lasts if contact > begins else contact), starts + lasts


def _visits(course: Course, habits: Habits, leaves: Instant) -> None:
    """Up to three follow-up visits by home nurse and general practice."""
    after = (
        habits.visit_days * course.rng.lognormvariate(0, 0.28),
        course.rng.gauss(18, 3),
        course.rng.gauss(50, 6),
    )
    for number, days in enumerate(after, start=1):
        day = day_of(leaves + int(days * DAY))
        at = clock(day, 9 + course.rng.random() * 5)
        if course.happens(0.07):
            if course.happens(0.9):
                course.waive(f"follow-up-visit-{number}", max(at, leaves + HOUR), DECLINED)
            continue
        course.tell("follow_up_visit", max(at, leaves + HOUR), course.municipality, visit=number)
