"""The care team: who has which role around a citizen on a day, at the place where the citizen is."""

import datetime as dt
from collections.abc import Iterable

from naer.site.pathways.models import Citizen
from naer.site.plans.models import TeamMember

ROLES = (
    "responsible-doctor",
    "contact-nurse",
    "home-nurse",
    "home-care",
    "case-worker",
    "physiotherapist",
    "occupational-therapist",
    "psychologist",
    "teacher",
    "other",
)
"""What somebody does for the citizen."""
IN_HOSPITAL = frozenset({"acute-ambulant", "admitted"})
"""Statuses of a citizen who is at the hospital; on leave they are at home."""


def place_of(citizen: Citizen) -> TeamMember.Place:
    """Where the citizen is, as far as the log tells: at the hospital, else at home."""
    here = citizen.status in IN_HOSPITAL
    return TeamMember.Place.HOSPITAL if here else TeamMember.Place.HOME


def on(members: Iterable[TeamMember], day: dt.date, place: TeamMember.Place) -> list[TeamMember]:
    """Those of `members` who have a role on `day` at `place`: for each role one, in the order of `ROLES`.

    Who is named for the place goes before who is named for anywhere, and who began last before the others;
    "other" is no single role, so everybody with it is there.
    """
    found: dict[tuple[str, int], TeamMember] = {}
    held = [one for one in members if _holds(one, day, place)]
    for one in sorted(held, key=lambda one: (one.place != TeamMember.Place.ANYWHERE, one.starts, one.pk)):
        found[one.role, one.pk if one.role == "other" else 0] = one
    return sorted(found.values(), key=lambda one: (ROLES.index(one.role), one.pk))


def _holds(one: TeamMember, day: dt.date, place: TeamMember.Place) -> bool:
    there = one.place in (TeamMember.Place.ANYWHERE, place)
    return there and one.starts <= day and (one.ends is None or day <= one.ends)
