"""What is read of plans: lists filtered in the database, and one plan as somebody may see it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from naer.events.instant import ZONES, Instant, local_date
from naer.site.access import rules
from naer.site.accounts.models import Organisation, User
from naer.site.pathways.models import Citizen
from naer.site.plans import team
from naer.site.plans.models import (
    Consent,
    Coordinator,
    HandOver,
    Part,
    Participant,
    PartVersion,
    Plan,
    PlanVersion,
    TeamMember,
)
from naer.site.plans.wording import Wording, unseal

SECTIONS = range(1, 11)


@dataclass(frozen=True, slots=True)
class Shown:
    """A part with its newest wording."""

    part: Part
    wording: Wording
    version: PartVersion
    owner: str
    """Name of the organisation that answers for it."""
    status: str
    """draft, agreed or due (for revision)."""


@dataclass(frozen=True, slots=True)
class Section:
    """One of the ten: the shared text, what the reader's organisation keeps to itself, goals …"""

    number: int
    shared: Shown | None
    own: Shown | None
    goals: list[Shown] = field(default_factory=list)
    activities: list[Shown] = field(default_factory=list)
    told: bool = False
    """Whether what is recorded (participants, coordinator, dates, consent) says it without a text."""

    @property
    def status(self) -> str:
        """missing, told, draft, agreed or due, of the whole section."""
        held = [one.status for one in (self.shared, *self.goals, *self.activities) if one is not None]
        known = next((name for name in ("due", "draft", "agreed") if name in held), "missing")
        return "told" if known == "missing" and self.told else known


@dataclass(frozen=True, slots=True)
class Took:
    """A participant, with the consent that holds."""

    participant: Participant
    consent: Consent | None

    @property
    def name(self) -> str:
        """Of the organisation, else of the person."""
        held = self.participant.organisation
        return held.name if held is not None else self.participant.name


@dataclass(frozen=True, slots=True)
class Coordination:
    """A coordinator, or an offer of one, with the hand-over that is under way."""

    coordinator: Coordinator
    hand_over: HandOver | None


@dataclass(frozen=True, slots=True)
class PlanShown:
    """A plan as somebody may see it: without what other organisations keep to themselves."""

    plan: Plan
    sections: list[Section]
    participants: list[Took]
    consent: Consent | None
    versions: list[PlanVersion]
    coordinators: list[Coordination]

    @property
    def seen(self) -> dict[int, int]:
        """The shared parts as they are shown: what is agreed to."""
        return {
            one.part.pk: one.part.version
            for section in self.sections
            for one in (section.shared, *section.goals, *section.activities)
            if one is not None
        }

    @property
    def drafts(self) -> int:
        """How many sections are not as they were agreed."""
        return sum(section.status == "draft" for section in self.sections)

    @property
    def missing(self) -> int:
        """How many sections are empty."""
        return sum(section.status == "missing" for section in self.sections)


def parts_for(plan: Plan, organisation: str | None) -> QuerySet[Part]:
    """The parts of a plan that somebody of an organisation may read; the citizen and relatives have none."""
    may = Q(only_for=None)
    if organisation:
        may |= Q(only_for=organisation)
    return Part.objects.filter(may, plan=plan)


def shown(plan: Plan, organisation: str | None, now: Instant) -> PlanShown:
    """The plan as somebody of an organisation may see it: a fixed number of queries, however long it is."""
    parts = list(parts_for(plan, organisation).filter(removed=False).order_by("pk"))
    held = _with_wording(parts, now)
    participants, coordination = _participants(plan), coordinators(plan.citizen)
    consent = plan.consents.filter(participant=None).order_by("-given", "-pk").first()
    told = {
        2: bool(participants),
        3: True,
        7: bool(coordination),
        8: plan.revise_by is not None,
        9: consent is not None and consent.withdrawn is None,
    }
    return PlanShown(
        plan=plan,
        sections=[_section(number, held, told.get(number, False)) for number in SECTIONS],
        participants=participants,
        consent=consent,
        versions=list(plan.versions.order_by("-number")[:20]),
        coordinators=coordination,
    )


def _with_wording(parts: list[Part], now: Instant) -> list[Shown]:
    newest = PartVersion.objects.filter(part=OuterRef("part")).order_by("-number").values("pk")[:1]
    rows = PartVersion.objects.filter(part__in=parts, pk=Subquery(newest))
    versions = {row.part_id: row for row in rows}
    names = dict(
        Organisation.objects.filter(pk__in={part.owner for part in parts if part.owner}).values_list(
            "key", "name"
        )
    )
    return [
        Shown(
            part,
            unseal(bytes(versions[part.pk].content)),
            versions[part.pk],
            names.get(part.owner, part.owner),
            status(part, now),
        )
        for part in parts
    ]


def status(part: Part, now: Instant) -> str:
    """draft while the newest version is not the agreed one; due when the day of its revision has come."""
    if part.agreed_version != part.version:
        return "draft"
    by = part.revise_by
    return "due" if by is not None and by <= local_date(now, ZONES["DK"]) else "agreed"


def _section(number: int, held: list[Shown], told: bool) -> Section:
    here = [one for one in held if one.part.section == number]
    texts = [one for one in here if one.part.kind == Part.Kind.SECTION]
    return Section(
        number,
        next((one for one in texts if one.part.only_for_id is None), None),
        next((one for one in texts if one.part.only_for_id is not None), None),
        [one for one in here if one.part.kind == Part.Kind.GOAL],
        [one for one in here if one.part.kind == Part.Kind.ACTIVITY],
        told,
    )


def _participants(plan: Plan) -> list[Took]:
    held = Prefetch("consents", Consent.objects.filter(withdrawn=None), to_attr="held")
    rows = plan.participants.filter(left=None).select_related("organisation").prefetch_related(held)
    return [Took(row, next(iter(row.held), None)) for row in rows.order_by("kind", "pk")]


@dataclass(frozen=True, slots=True)
class Listed:
    """A plan in a list: whom it is about, who coordinates, when it is to be gone through."""

    plan: Plan
    coordinator: Coordinator | None


def listed(user: User, now: Instant) -> QuerySet[Plan]:
    """The open plans that `user` may see, soonest to be revised first."""
    seen = rules.visible_citizens(user, now, "look-plan")
    held = Plan.objects.filter(citizen__in=seen, ended=None).select_related("citizen", "responsible")
    return held.order_by("revise_by", "started", "pk")


def with_coordinators(plans: Iterable[Plan]) -> list[Listed]:
    """Plans with the main coordinator of each, in one query."""
    rows = list(plans)
    running = Coordinator.objects.filter(
        citizen__in=[row.pk for row in rows], kind=Coordinator.Kind.MAIN, started__isnull=False, ended=None
    ).select_related("user")
    held = {one.citizen_id: one for one in running}
    return [Listed(row, held.get(row.pk)) for row in rows]


def coordinators(citizen: Citizen) -> list[Coordination]:
    """Who coordinates for a citizen, and what is offered; main before children's."""
    under_way = Prefetch(
        "hand_overs",
        HandOver.objects.filter(cancelled=None).select_related("to__organisation"),
        to_attr="under_way",
    )
    rows = Coordinator.objects.filter(citizen=citizen, ended=None, declined=None)
    rows = rows.select_related("user", "organisation", "deputy").prefetch_related(under_way)
    return [Coordination(one, next(iter(one.under_way), None)) for one in rows.order_by("-kind", "offered")]


def former(citizen: Citizen) -> list[Coordinator]:
    """Who coordinated before, and offers that were declined; newest first."""
    rows = Coordinator.objects.filter(citizen=citizen).exclude(ended=None, declined=None)
    return list(rows.select_related("user", "organisation").order_by("-offered", "-pk")[:20])


def care_team(citizen: Citizen, now: Instant) -> list[TeamMember]:
    """Who has which role around the citizen now, where they are now."""
    members = citizen.team.select_related("organisation")
    return team.on(members, local_date(now, ZONES["DK"]), team.place_of(citizen))


def written_by(citizen: Citizen, organisation: str) -> list[PartVersion]:
    """What an organisation wrote in a plan that it takes part in no more: its own stays readable to it."""
    rows = PartVersion.objects.filter(part__plan=citizen.pk, organisation=organisation).select_related("part")
    return list(rows.order_by("-at", "-pk")[:100])


@dataclass(frozen=True, slots=True)
class ForCitizen:
    """What the citizen's own page shows of plan and coordinator."""

    plan: PlanShown | None
    goals: list[Shown]
    activities: list[Shown]
    """Those that are planned or run, soonest first."""
    coordinators: list[Coordination]
    team: list[TeamMember]


def for_citizen(citizen: Citizen, now: Instant) -> ForCitizen:
    """For the citizen's own page; the caller has asked the one door to citizens."""
    plan = Plan.objects.select_related("responsible", "citizen").filter(pk=citizen.pk).first()
    seen = shown(plan, None, now) if plan is not None else None
    sections = seen.sections if seen is not None else []
    return ForCitizen(
        plan=seen,
        goals=[one for section in sections for one in section.goals],
        activities=sorted(
            (
                one
                for section in sections
                for one in section.activities
                if one.part.state in ("planned", "running")
            ),
            key=lambda one: (one.part.starts is None, str(one.part.starts), one.part.pk),
        ),
        coordinators=seen.coordinators if seen is not None else coordinators(citizen),
        team=care_team(citizen, now),
    )
