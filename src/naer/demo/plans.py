"""Individual plans of the demo: three citizens have one, with coordinator, care team, goals and versions.

They are made once, when the demo is first served, through the same doors as everybody's.
"""

import datetime as dt
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from naer.demo import facts
from naer.events.instant import DAY, HOUR, MINUTE, ZONES, Instant, local_date
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.pathways.models import Citizen
from naer.site.plans import queries
from naer.site.plans.actions import coordinator, part, participant, plan, team
from naer.site.plans.models import Coordinator, Plan

_BEGUN = 40 * DAY
"""How long ago the first plans were begun."""
_HALF_A_YEAR = dt.timedelta(days=182)

_GOAL = ("Jeg vil gå til bageren på egen hånd igen inden jul.", "Går 400 meter uden pause.")
_SECOND_GOAL = ("Jeg vil sove fladt om natten.", "Én pude er nok, tre nætter i træk.")
_RESOURCES = (
    "Bor alene i stueetagen. God kontakt til datter og nabo. Går med rollator indendørs.\n"
    "Hjertesvigt og KOL. Bliver hurtigt forpustet, især om morgenen.",
    "Du bor alene og får hjælp af din datter og din nabo. Du bliver hurtigt forpustet.",
)
_CONTRIBUTE = (
    "{name} vejer sig hver morgen og skriver det ned.\nDatteren henter medicin.\n"
    "Hjemmesygeplejen følger vægt og vejrtrækning.",
    "Du vejer dig hver morgen. Din datter henter medicin. Sygeplejersken følger med.",
)
_HOW = (
    "Hjemmesygeplejen kommer mandag, onsdag og fredag.\nFysioterapeuten træner gang tirsdag og torsdag.",
    "Sygeplejersken kommer mandag, onsdag og fredag. Du træner tirsdag og torsdag.",
)
_TRAINING = {
    "text": "Gangtræning ude, lidt længere hver uge",
    "who": "Kommunens træningsenhed",
    "often": "Tirsdag og torsdag kl. 10",
    "state": "running",
}
_WEIGHING = {
    "text": "Vægt hver morgen; ring ved to kilo mere på tre dage",
    "who": "{name} selv",
    "often": "Hver dag",
    "state": "running",
}
_OWN = "Overvej om datteren er overbelastet. Tages op ved næste konsultation."


@dataclass(frozen=True, slots=True)
class _Scene:
    """Whom the plan is about and who makes it."""

    citizen: Citizen
    who: User
    start: Instant
    new_id: Callable[[], str]

    @property
    def name(self) -> str:
        return self.citizen.name.split()[0] if self.citizen.name else "Borgeren"

    def write(self, kind: str, section: int, wording: dict[str, str], after: int = HOUR) -> part.Written:
        said = {name: text.replace("{name}", self.name) for name, text in wording.items()}
        return part.add(self.who, self.citizen.key, kind, section, said, now=self.start + after)


def begin(now: Instant) -> int:
    """Make the plans, unless there are some; how many there are then."""
    if Plan.objects.exists():
        return Plan.objects.count()
    rng = random.Random("plans of the demo")  # noqa: S311 - invented people
    new_id = partial(facts.new_id, rng)

    names = ("soren", "lone", "mette", "camilla", "henrik")
    people = {user.username: user for user in User.objects.filter(is_demo=True, username__in=names)}
    if people.keys() != set(names):
        return 0
    taken: set[str] = set()
    for citizen in _first(_shared(people["soren"], people["camilla"], now - _BEGUN, now), taken):
        _full(_Scene(citizen, people["soren"], now - _BEGUN, new_id), people, now)
    for citizen in _first(_shared(people["soren"], people["henrik"], now - _BEGUN, now), taken):
        _with_practice(_Scene(citizen, people["soren"], now - _BEGUN, new_id), people["henrik"], now)
    for citizen in _first(_shared(people["mette"], people["camilla"], now - 2 * DAY, now), taken):
        _new(_Scene(citizen, people["mette"], now - 2 * DAY, new_id), now)
    return Plan.objects.count()


def _shared(one: User, other: User, then: Instant, now: Instant) -> list[Citizen]:
    """Citizens whom `one` could see then and both can see now; those in hospital longest first."""
    seen = rules.visible_citizens(one, then) & rules.visible_citizens(one, now)
    both = seen.filter(pk__in=rules.visible_citizens(other, now).values("pk")).exclude(status="deceased")
    here = both.filter(status__in=("admitted", "on-leave")).order_by("status_since", "key")
    return [*here[:3], *both.exclude(status__in=("admitted", "on-leave")).order_by("key")[:3]]


def _first(citizens: Iterable[Citizen], taken: set[str]) -> list[Citizen]:
    """One citizen that has no plan yet, if there is one."""
    for citizen in citizens:
        if citizen.key not in taken:
            taken.add(citizen.key)
            return [citizen]
    return []


def _begin(scene: _Scene, share: list[str]) -> None:
    plan.start(scene.who, scene.citizen.key, "oral", share, now=scene.start, new_id=scene.new_id)


def _coordinate(scene: _Scene, deputy: User | None) -> Coordinator:
    offered = coordinator.offer(
        scene.who,
        scene.citizen.key,
        scene.who,
        deputy=deputy,
        phone="+45 12 34 56 02",
        now=scene.start - HOUR,
        new_id=scene.new_id,
    )
    return coordinator.answer(
        scene.who, offered.pk, True, "oral", now=scene.start - HOUR + MINUTE, new_id=scene.new_id
    )


def _full(scene: _Scene, people: dict[str, User], now: Instant) -> None:
    """Agreed, revised, with everybody around: the plan that is shown first."""
    soren, lone, key = people["soren"], people["lone"], scene.citizen.key
    _coordinate(scene, lone)
    hospital = people["camilla"].organisation_id or ""
    _begin(scene, [scene.citizen.gp_id or "", hospital])
    goal = scene.write("goal", 1, {"text": _GOAL[0], "sign": _GOAL[1], "state": "active"})
    scene.write("goal", 1, {"text": _SECOND_GOAL[0], "sign": _SECOND_GOAL[1], "state": "active"})
    town = soren.organisation_id or ""
    for section, (text, plain) in ((1, _RESOURCES), (4, _CONTRIBUTE), (6, _HOW)):
        scene.write("section", section, {"text": text, "plain": plain, "owner": town})
    begun = local_date(scene.start, ZONES["DK"]).isoformat()
    for activity in (_TRAINING, _WEIGHING):
        scene.write("activity", 5, activity | {"owner": town, "starts": begun})
    _agree(scene, soren, now, scene.start + DAY)
    shorter = {"text": _GOAL[0], "sign": "Går 400 meter med én pause.", "state": "active"}
    part.change(lone, goal.part.pk, 1, shorter, now=now - 6 * DAY)
    _agree(scene, soren, now, now - 5 * DAY)
    participant.join(
        soren, key, name="Jens Testgaard", role="søn", phone="+45 12 34 56 09", relative=True,
        now=now - 5 * DAY, new_id=scene.new_id,
    )  # fmt: skip
    first = local_date(scene.start, ZONES["DK"])
    home, away = Organisation.objects.get(pk=town), Organisation.objects.get(pk=hospital)
    for role, name, of, place, hours in (
        ("contact-nurse", "Camilla Friis", away, "hospital", "Hverdage 7–15"),
        ("home-nurse", "Lone Vang", home, "home", "Hverdage 8–15"),
        ("physiotherapist", "Træningsenheden", home, "any", "Hverdage 8–14"),
    ):
        team.add(
            soren, key, role, name, of, place=place, hours=hours, phone="+45 12 34 56 10",
            starts=first, now=scene.start + HOUR,
        )  # fmt: skip


def _agree(scene: _Scene, who: User, now: Instant, at: Instant) -> None:
    held = Plan.objects.get(pk=scene.citizen.key)
    seen = queries.shown(held, who.organisation_id, at).seen
    by = local_date(now, ZONES["DK"]) + _HALF_A_YEAR
    plan.agree(who, scene.citizen.key, seen, by, now=at, new_id=scene.new_id)


def _with_practice(scene: _Scene, doctor: User, now: Instant) -> None:
    """Shared with the general practice, which keeps a note to itself; changed since it was agreed."""
    _coordinate(scene, None)
    _begin(scene, [doctor.organisation_id or ""])
    scene.write("goal", 1, {"text": "Jeg vil kunne passe mine tomater selv til sommer.", "state": "active"})
    scene.write("section", 1, {"text": _RESOURCES[0], "plain": _RESOURCES[1]})
    _agree(scene, scene.who, now, scene.start + DAY)
    key = scene.citizen.key
    part.add(doctor, key, "section", 1, {"text": _OWN}, own=True, now=now - 3 * DAY)
    part.add(doctor, key, "activity", 5, {"text": "Årskontrol hos egen læge"}, now=now - 3 * DAY)


def _new(scene: _Scene, now: Instant) -> None:
    """Begun lately; a coordinator is offered, and the citizen has not answered."""
    _begin(scene, [])
    scene.write("goal", 1, {"text": "Jeg vil hjem til min egen seng.", "state": "active"})
    coordinator.offer(
        scene.who, scene.citizen.key, scene.who, phone="+45 12 34 56 01",
        now=now - DAY, new_id=scene.new_id,
    )  # fmt: skip
